import type { RequestRecord } from '../../../../contract/records.ts'

/** A bounded memory of rows by their number. */
export interface RowCache {
  /** Undefined: not read yet. Null: read, and there is none of that number. */
  get(id: number): RequestRecord | null | undefined
  /** A row as it is now. An older state of it never replaces a newer one: an ended request does not run again. */
  put(row: RequestRecord): void
  /** There is no row of this number. */
  gone(id: number): void
  /** Rows that have not ended are to be read again: what became of them may have been missed. */
  forgetRunning(): void
  /** Rows that are looked at stay, whatever comes. */
  protect(from: number, to: number): void
  /** One more row that stays; null for none. */
  pin(id: number | null): void
  readonly size: number
}

export function createRowCache(most: number): RowCache {
  const rows = new Map<number, RequestRecord | null>()
  let keepFrom = 0
  let keepTo = -1
  let pinned: number | null = null

  function bound(): void {
    if (rows.size <= most) return
    // Oldest entries first; a tenth at once, so that this is not done for each row that comes.
    let surplus = rows.size - Math.floor(most * 0.9)
    for (const id of rows.keys()) {
      if (surplus <= 0) return
      if ((id >= keepFrom && id <= keepTo) || id === pinned) continue
      rows.delete(id)
      surplus -= 1
    }
  }

  return {
    get: (id) => rows.get(id),
    put(row) {
      const known = rows.get(row.id)
      if (row.status === null && known !== undefined && known !== null && known.status !== null) return
      rows.set(row.id, row)
      bound()
    },
    gone(id) {
      if (!rows.has(id)) rows.set(id, null)
      bound()
    },
    forgetRunning() {
      for (const [id, row] of rows) if (row === null || row.status === null) rows.delete(id)
    },
    protect(from, to) {
      keepFrom = from
      keepTo = to
    },
    pin(id) {
      pinned = id
    },
    get size() {
      return rows.size
    },
  }
}
