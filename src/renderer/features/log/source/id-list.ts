/**
 * The rows of a view as IDs, newest first. While the view is held, new rows are only counted. `release` inserts them,
 * so that nothing moves while somebody reads.
 */
export interface IdList {
  readonly count: number
  readonly staged: number
  idAt(index: number): number
  /** Returns -1 if the view doesn't contain the ID. */
  indexOf(id: number): number
  /** Inserts a row, or stages it while held. */
  take(id: number, held: boolean): void
  release(): void
}

/** All stored rows. IDs increase by one per row, so two numbers describe the list. */
interface RangeList extends IdList {
  reach(firstId: number, lastId: number, held: boolean): void
}

export function createRangeList(): RangeList {
  let known = false
  let first = 1
  let head = 0
  let latest = 0
  return {
    get count() {
      return Math.max(0, head - first + 1)
    },
    get staged() {
      return latest - head
    },
    idAt: (index) => head - index,
    indexOf: (id) => (id > head || id < first ? -1 : head - id),
    take(id, held) {
      if (latest === 0) {
        first = id
        head = id - 1
      }
      latest = Math.max(latest, id)
      if (!held) head = latest
    },
    release() {
      head = latest
    },
    reach(firstId, lastId, held) {
      // Never raised: rows that retention has deleted are noticed when they are read.
      if (latest === 0 || firstId < first) first = firstId
      latest = Math.max(latest, lastId)
      // Rows that exist at the start are part of the view. Only later ones can be staged.
      if (!known) head = Math.max(head, lastId)
      known = true
      if (!held) head = latest
    },
  }
}

/** The matches of a filter found so far. */
interface FoundList extends IdList {
  /** Adds rows that a backward scan found, newest first, and the ID down to which it has scanned. */
  found(ids: readonly number[], lookedDownTo: number): void
}

export function createFoundList(): FoundList {
  /** Descending, found by scanning backward. */
  const older: number[] = []
  /** Ascending, arrived since, so that new rows are appended. */
  const newer: number[] = []
  const waiting: number[] = []
  let lookedDownTo = Number.POSITIVE_INFINITY

  function put(id: number): void {
    const newestFound = older[0]
    if (newestFound === undefined || id > newestFound) insert(newer, id, ascending)
    // Older than everything scanned so far, so the scan will find it.
    else if (id >= lookedDownTo) insert(older, id, descending)
  }

  function indexOf(id: number): number {
    const inNewer = search(newer, id, ascending)
    if (inNewer >= 0) return newer.length - 1 - inNewer
    const inOlder = search(older, id, descending)
    return inOlder < 0 ? -1 : newer.length + inOlder
  }

  return {
    get count() {
      return newer.length + older.length
    },
    get staged() {
      return waiting.length
    },
    idAt: (index) => (index < newer.length ? newer[newer.length - 1 - index] : older[index - newer.length]) ?? -1,
    indexOf,
    take(id, held) {
      if (!held) put(id)
      else if (indexOf(id) < 0) insert(waiting, id, ascending)
    },
    release() {
      for (const id of waiting.splice(0)) put(id)
    },
    found(ids, downTo) {
      for (const id of ids) {
        if (search(newer, id, ascending) >= 0 || search(waiting, id, ascending) >= 0) continue
        const last = older.at(-1)
        if (last === undefined || id < last) older.push(id)
        else insert(older, id, descending)
      }
      lookedDownTo = Math.min(lookedDownTo, downTo)
      // A row that ended before the first scan was done can be older than what the scan found.
      for (let first = newer[0]; first !== undefined && first < (older[0] ?? 0); first = newer[0]) {
        newer.shift()
        insert(older, first, descending)
      }
    },
  }
}

type SortOrder = (one: number, other: number) => number
const ascending: SortOrder = (one, other) => one - other
const descending: SortOrder = (one, other) => other - one

/** Returns the index of an ID, or the complement of where it belongs. */
function search(sorted: readonly number[], id: number, order: SortOrder): number {
  let low = 0
  let high = sorted.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const compared = order(sorted[middle] as number, id)
    if (compared === 0) return middle
    if (compared < 0) low = middle + 1
    else high = middle - 1
  }
  return ~low
}

function insert(sorted: number[], id: number, order: SortOrder): void {
  const at = search(sorted, id, order)
  if (at < 0) sorted.splice(~at, 0, id)
}
