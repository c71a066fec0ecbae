import { rowsOf, type LogEvent } from '../../../../contract/owner-api/log-events.ts'
import type { RequestFilter } from '../../../../contract/owner-api/requests-api.ts'
import type { RequestRecord } from '../../../../contract/records.ts'
import { callErrorOf } from '../../../lib/call-error.ts'
import { createFoundList, createRangeList, type IdList } from './id-list.ts'
import { createBackwardScan, type ScanState } from './backward-scan.ts'
import type { LogReads } from './log-reads.ts'
import { createMissingRows } from './missing-rows.ts'
import { createRowCache } from './row-cache.ts'

/** Maximum number of rows in memory. Others are read again when they become visible. */
const CACHED_ROWS = 20_000
/** After a lost stream, this many rows below the last one are read again, because running requests have ended since. */
const LOOK_BELOW = 2000
/** Maximum number of method suggestions. */
const MAX_METHODS = 200
const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 5000

export interface LogState {
  phase: 'starting' | 'ready' | 'refused'
  /** Why nothing can be shown, such as a filter that the engine rejects. */
  problem: string | null
  /** False while the stream of new rows is interrupted. It resumes automatically, without a gap. */
  live: boolean
  count: number
  /** Number of rows that arrived while the view was held. */
  waiting: number
  /** Progress of the backward scan. Null without a filter, because every row is reachable by ID. */
  look: ScanState | null
}

export interface LogSource {
  state(): LogState
  subscribe(listener: () => void): () => void
  idAt(index: number): number
  indexOf(id: number): number
  row(id: number): RequestRecord | null | undefined
  /** Methods seen so far, for suggestions. A new array when there are more. */
  methods(): readonly string[]
  /** Reports the visible rows, without `last`. Missing rows are read, and the scan continues near the end. */
  show(first: number, last: number): void
  /** Keeps an open row in memory, visible or not. */
  pin(id: number | null): void
  /** While true, new rows are staged. False inserts them. */
  hold(held: boolean): void
  resumeScan(): void
  stopScan(): void
  start(): void
  stop(): void
}

interface LogSourceParts {
  reads: LogReads
  filter: RequestFilter
  /** Calls back once, soon. Several changes are painted together. */
  schedule: (paint: () => void) => void
  pause: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

/**
 * The rows of one view. Without a filter every row is reachable by ID. With one, matches are found by scanning backward
 * in bounded steps. New rows arrive over a stream. After an interruption, missed rows are read before the stream
 * continues.
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
  const missing = createMissingRows({ reads, filter, ids, cache, onRow: keep, onChange: changed })
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

  /** Reads visible rows that are missing, and continues the scan near the end of what was found. */
  function keepUp(): void {
    if (phase !== 'ready') return
    void missing.read(leaving.signal)
    if (missing.isNearEnd) look?.more()
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
        // Awaited at the end of this turn. Until then, a rejection needs a listener.
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

  async function consume(stream: AsyncIterable<LogEvent>, signal: AbortSignal): Promise<void> {
    for await (const event of stream) {
      if (signal.aborted) return
      // Rows in between are missing, as after an interruption, so they are read from the log.
      if (event.skipped > 0) {
        await catchUp(signal)
        changed()
      }
      for (const row of rowsOf(event)) take(row)
    }
  }

  /**
   * Reads what came before the stream was open: the newest rows at the start, the missed rows after an interruption.
   */
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
      missing.show(first, last)
      keepUp()
    },
    pin(id) {
      missing.pin(id)
      keepUp()
    },
    hold(hold) {
      if (hold === held) return
      held = hold
      if (held) return
      ids.release()
      changed()
    },
    resumeScan: () => look?.resume(),
    stopScan: () => look?.cancel(),
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
