/**
 * The rows of a view as row numbers, newest first. What arrives while the view is held is staged: it is counted, and put in by
 * `release`, so that nothing moves under a reader's eyes.
 */
export interface IdList {
  readonly count: number
  readonly staged: number
  idAt(index: number): number
  /** -1 when the view does not hold it. */
  indexOf(id: number): number
  /** Puts a row in its place, or stages it. */
  take(id: number, held: boolean): void
  release(): void
}

/** Everything that is kept: row numbers rise by one a row, so two numbers say it all. */
export interface RangeList extends IdList {
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
      // Never the other way: rows that retention took away are told apart when they are read.
      if (latest === 0 || firstId < first) first = firstId
      latest = Math.max(latest, lastId)
      // What is there at the start is the view; only what comes after it can wait.
      if (!known) head = Math.max(head, lastId)
      known = true
      if (!held) head = latest
    },
  }
}

/** What matches a filter, as far as it was looked for. */
export interface FoundList extends IdList {
  /** Rows that a look back found, newest first, and the number down to which it has looked. */
  found(ids: readonly number[], lookedDownTo: number): void
}

export function createFoundList(): FoundList {
  /** Descending; found by looking back. */
  const older: number[] = []
  /** Ascending; arrived since, so that a new one is appended. */
  const newer: number[] = []
  const waiting: number[] = []
  let lookedDownTo = Number.POSITIVE_INFINITY

  function put(id: number): void {
    const newestFound = older[0]
    if (newestFound === undefined || id > newestFound) insert(newer, id, ascending)
    // Older than all that was looked at: it is found when its turn comes.
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
      // A row that ended before the first look was done may be older than what the look found.
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

/** Index of a number, or the complement of where it belongs. */
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
