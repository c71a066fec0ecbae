import type { RequestRecord } from '../../../../contract/records.ts'

/** A bounded cache of rows by ID. */
export interface RowCache {
  /** Undefined if the row wasn't read yet. Null if it was read and doesn't exist. */
  get(id: number): RequestRecord | null | undefined
  /**
   * Stores a row. An older state never replaces a newer one, so that an ended request doesn't look like it's running.
   */
  put(row: RequestRecord): void
  /** Records that a row doesn't exist. */
  gone(id: number): void
  /** Drops rows that haven't ended, because their end may have been missed. */
  forgetRunning(): void
  /** Rows in this range are never evicted. */
  protect(from: number, to: number): void
  /** Another row that is never evicted, or null. */
  pin(id: number | null): void
  readonly size: number
}

export function createRowCache(maxRows: number): RowCache {
  const rows = new Map<number, RequestRecord | null>()
  let keepFrom = 0
  let keepTo = -1
  let pinned: number | null = null

  function bound(): void {
    if (rows.size <= maxRows) return
    // Evicts the oldest entries, a tenth at a time, so that it doesn't run for every new row.
    let surplus = rows.size - Math.floor(maxRows * 0.9)
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
