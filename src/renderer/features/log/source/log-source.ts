import type { RequestFilter } from '../../../../contract/owner-api/requests-api.ts'
import type { RequestRecord } from '../../../../contract/records.ts'
import { callErrorOf } from '../../../lib/call-error.ts'
import { createFoundList, createRangeList, type IdList } from './id-list.ts'
import { createBackwardScan, type ScanState } from './backward-scan.ts'
import type { LogReads } from './log-reads.ts'
import { createRowCache } from './row-cache.ts'

/** Rows kept in memory at most. What is further away is read again when it is looked at. */
const CACHED_ROWS = 20_000
/** Rows read at once for a place that is scrolled to. */
const PAGE = 200
/** A loss of the stream is closed by looking this many rows below the last one seen: requests that ran then have ended since. */
const LOOK_BELOW = 2000
/** Suggestions of methods at most. */
const MAX_METHODS = 200
const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 5000

export interface LogState {
  phase: 'starting' | 'ready' | 'refused'
  /** Why nothing can be shown, in words; of a filter that the engine does not take. */
  problem: string | null
  /** False while the stream of new rows is cut off; it is taken up again by itself, without a gap. */
  live: boolean
  count: number
  /** Rows that came while the view was held. */
  waiting: number
  /** How far back matches were looked for; null where everything is at hand. */
  look: ScanState | null
}

export interface LogSource {
  state(): LogState
  subscribe(listener: () => void): () => void
  idAt(index: number): number
  indexOf(id: number): number
  row(id: number): RequestRecord | null | undefined
  /** Methods that were seen, for suggestions; another array when there are more. */
  methods(): readonly string[]
  /** These rows are looked at, `last` excluded: what is missing is read, and further back is looked near the end. */
  show(first: number, last: number): void
  /** A row that is open: it is read and kept, in sight or not. */
  pin(id: number | null): void
  /** While held, new rows wait. Letting go puts them in. */
  hold(held: boolean): void
  lookFurther(): void
  stopLooking(): void
  start(): void
  stop(): void
}

export interface LogSourceParts {
  reads: LogReads
  filter: RequestFilter
  /** Calls back once, soon; several changes become one picture. */
  schedule: (paint: () => void) => void
  pause: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

/**
 * The rows of one view. Without a filter every row is reached by its number at once; with one, matches are looked for from the
 * newest back, in bounded steps. New rows come over a stream; when it breaks, what was missed is looked up before it goes on.
 */
export function createLogSource({ reads, filter, schedule, pause }: LogSourceParts): LogSource {
  const everything = Object.keys(filter).length === 0
  const range = everything ? createRangeList() : null
  const found = everything ? null : createFoundList()
  const ids: IdList = (range ?? found) as IdList
  const cache = createRowCache(CACHED_ROWS)
  let methods: readonly string[] = []
  const listeners = new Set<() => void>()
  let leaving = new AbortController()
  let phase: LogState['phase'] = 'starting'
  let problem: string | null = null
  let live = false
  let held = false
  let highest = 0
  let shown = { first: 0, last: 0 }
  let pinned: number | null = null
  let reading = false
  let painting = false

  const look =
    found === null
      ? null
      : createBackwardScan({
          reads,
          filter,
          onRows(rows, downTo) {
            for (const row of rows) keep(row)
            found.found(
              rows.map((row) => row.id),
              downTo,
            )
          },
          onChange: changed,
        })
  let state = snapshot()

  function snapshot(): LogState {
    return { phase, problem, live, count: ids.count, waiting: ids.staged, look: look?.state() ?? null }
  }

  function changed(): void {
    if (painting) return
    painting = true
    schedule(() => {
      painting = false
      state = snapshot()
      for (const listener of listeners) listener()
      keepUp()
    })
  }

  /** Reads what is looked at and missing, and looks further back where the end of what was found is near. */
  function keepUp(): void {
    if (phase !== 'ready') return
    void readMissing()
    if (shown.last >= ids.count - PAGE / 4) look?.more()
  }

  function keep(row: RequestRecord): void {
    cache.put(row)
    highest = Math.max(highest, row.id)
    if (methods.length < MAX_METHODS && !methods.includes(row.method)) methods = [...methods, row.method]
  }

  function take(row: RequestRecord): void {
    keep(row)
    ids.take(row.id, held)
    changed()
  }

  async function followForever(signal: AbortSignal): Promise<void> {
    let wait = FIRST_WAIT_MS
    while (!signal.aborted) {
      try {
        const stream = await reads.follow(filter, signal)
        const consumed = consume(stream, signal)
        // Told at the end of this turn; until then the rejection must have a listener.
        consumed.catch(() => undefined)
        await Promise.race([
          catchUp(signal),
          consumed.then(() => {
            throw new Error('The stream ended.')
          }),
        ])
        live = true
        phase = 'ready'
        problem = null
        wait = FIRST_WAIT_MS
        changed()
        await consumed
      } catch (thrown) {
        if (signal.aborted) return
        const { code, sentence } = callErrorOf(thrown)
        if (code === 'INVALID_REQUEST') {
          phase = 'refused'
          problem = sentence
          changed()
          return
        }
      }
      live = false
      changed()
      await pause(wait, signal)
      wait = Math.min(wait * 2, LONGEST_WAIT_MS)
    }
  }

  async function consume(stream: AsyncIterable<RequestRecord>, signal: AbortSignal): Promise<void> {
    for await (const row of stream) {
      if (signal.aborted) return
      take(row)
    }
  }

  /** What came before the stream was open: at the start the newest rows, after a loss those that were missed. */
  async function catchUp(signal: AbortSignal): Promise<void> {
    const before = highest
    if (phase === 'ready') cache.forgetRunning()
    if (range !== null) {
      const bounds = await reads.bounds(signal)
      if (bounds !== null) range.reach(bounds.first_id, bounds.last_id, held)
      highest = Math.max(highest, bounds?.last_id ?? 0)
      return
    }
    if (phase !== 'ready') return look?.start(signal)
    await look?.closeGap(Math.max(0, before - LOOK_BELOW), (row) => take(row), signal)
  }

  /** One page at a time, always the one that is looked at last: dragging through a million rows asks for few of them. */
  async function readMissing(): Promise<void> {
    if (reading) return
    reading = true
    const { signal } = leaving
    try {
      for (let top = firstMissing(); top !== null && !signal.aborted; top = firstMissing()) await readPage(top, signal)
      if (pinned !== null && cache.get(pinned) === undefined) await readOne(pinned, signal)
    } catch {
      // The engine is lost: `followForever` finds that out too, and this goes on when it is back.
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
    if (row?.id === id) keep(row)
    else cache.gone(id)
    changed()
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
    for (const row of rows) keep(row)
    const downTo = rows.length < PAGE ? lowest : (rows.at(-1)?.id ?? lowest)
    const got = new Set(rows.map((row) => row.id))
    for (const id of wanted) if (id >= downTo && !got.has(id)) cache.gone(id)
    changed()
  }

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    idAt: (index) => ids.idAt(index),
    indexOf: (id) => ids.indexOf(id),
    row: (id) => cache.get(id),
    methods: () => methods,
    show(first, last) {
      shown = { first, last }
      if (last > first && ids.count > 0) cache.protect(ids.idAt(Math.min(last, ids.count) - 1), ids.idAt(first))
      keepUp()
    },
    pin(id) {
      pinned = id
      cache.pin(id)
      keepUp()
    },
    hold(hold) {
      if (hold === held) return
      held = hold
      if (held) return
      ids.release()
      changed()
    },
    lookFurther: () => look?.resume(),
    stopLooking: () => look?.cancel(),
    start() {
      leaving = new AbortController()
      void followForever(leaving.signal)
    },
    stop() {
      leaving.abort()
      look?.cancel()
    },
  }
}
