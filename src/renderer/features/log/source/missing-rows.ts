import type { RequestFilter } from '../../../../contract/owner-api/requests-api.ts'
import type { RequestRecord } from '../../../../contract/records.ts'
import type { IdList } from './id-list.ts'
import type { LogReads } from './log-reads.ts'
import type { RowCache } from './row-cache.ts'

/** Rows per read around the visible part. */
const PAGE = 200

/** Rows of a view that are visible or open but not in memory yet. */
interface MissingRows {
  /** Sets the visible rows, without `last`. */
  show(first: number, last: number): void
  /** Sets the row that is kept although it may not be visible, or null. */
  pin(id: number | null): void
  /** Reads missing rows. Does nothing if a read is already running. */
  read(signal: AbortSignal): Promise<void>
  /** True if the visible rows are near the end of what was found. */
  readonly isNearEnd: boolean
}

export function createMissingRows(parts: {
  reads: Pick<LogReads, 'list'>
  filter: RequestFilter
  ids: IdList
  cache: RowCache
  onRow(row: RequestRecord): void
  onChange(): void
}): MissingRows {
  const { reads, filter, ids, cache, onRow, onChange } = parts
  let shown = { first: 0, last: 0 }
  let pinned: number | null = null
  let reading = false

  /**
   * Reads one page at a time, always the most recently visible one, so that dragging through a million rows reads only
   * a few pages.
   */
  async function read(signal: AbortSignal): Promise<void> {
    if (reading) return
    reading = true
    try {
      for (let top = firstMissing(); top !== null && !signal.aborted; top = firstMissing()) await readPage(top, signal)
      if (pinned !== null && cache.get(pinned) === undefined) await readOne(pinned, signal)
    } catch {
      // The engine is gone. The stream of new rows ends too, and the rows are read again afterward.
    } finally {
      reading = false
    }
  }

  function firstMissing(): number | null {
    const last = Math.min(shown.last, ids.count)
    for (let index = shown.first; index < last; index += 1) if (cache.get(ids.idAt(index)) === undefined) return index
    return null
  }

  async function readOne(id: number, signal: AbortSignal): Promise<void> {
    const [row] = await reads.list({ before_id: id + 1, limit: 1 }, signal)
    if (row?.id === id) onRow(row)
    else cache.gone(id)
    onChange()
  }

  async function readPage(index: number, signal: AbortSignal): Promise<void> {
    const from = Math.max(0, index - PAGE / 4)
    const to = Math.min(ids.count, from + PAGE)
    const wanted: number[] = []
    for (let at = from; at < to; at += 1) wanted.push(ids.idAt(at))
    const top = wanted[0]
    const lowest = wanted.at(-1)
    if (top === undefined || lowest === undefined) return
    const rows = await reads.list({ ...filter, before_id: top + 1, limit: PAGE }, signal)
    for (const row of rows) onRow(row)
    const downTo = rows.length < PAGE ? lowest : (rows.at(-1)?.id ?? lowest)
    const got = new Set(rows.map((row) => row.id))
    for (const id of wanted) if (id >= downTo && !got.has(id)) cache.gone(id)
    onChange()
  }

  return {
    show(first, last) {
      shown = { first, last }
      if (last > first && ids.count > 0) cache.protect(ids.idAt(Math.min(last, ids.count) - 1), ids.idAt(first))
    },
    pin(id) {
      pinned = id
      cache.pin(id)
    },
    read,
    get isNearEnd() {
      return shown.last >= ids.count - PAGE / 4
    },
  }
}
