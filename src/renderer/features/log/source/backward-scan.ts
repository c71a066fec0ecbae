import type { RequestFilter } from '../../../../contract/owner-api/requests-api.ts'
import type { RequestRecord } from '../../../../contract/records.ts'
import { callErrorOf } from '../../../lib/call-error.ts'
import type { LogReads } from './log-reads.ts'

/** Matches per read. */
const PAGE = 200
/** Number of matches after which a scan rests until somebody scrolls on. */
const ENOUGH = 100
/** Number of steps after which a scan with few matches rests until somebody continues it. */
const STEPS = 60

export interface ScanState {
  /**
   * `resting` continues when somebody scrolls near the end. `waiting` found few matches for long and continues only on
   * request.
   */
  doing: 'looking' | 'resting' | 'waiting' | 'done'
  /** Time of the oldest row scanned. */
  scannedBackTo: string | null
  /** Number of rows scanned. */
  scannedRows: number
  problem: string | null
}

interface BackwardScan {
  state(): ScanState
  /** Starts at the newest row. Throws what the engine throws. */
  start(signal: AbortSignal): Promise<void>
  /** Continues if it is resting. */
  more(): void
  /** Continues, even if it is waiting. */
  resume(): void
  cancel(): void
  /** Passes every match from the newest down to a row ID, known or not. */
  closeGap(downTo: number, onRow: (row: RequestRecord) => void, signal: AbortSignal): Promise<void>
}

interface BackwardScanParts {
  reads: LogReads
  filter: RequestFilter
  onRows: (rows: RequestRecord[], lookedDownTo: number) => void
  onChange: () => void
}

/** Scans for matches from the newest row backward, in bounded steps between which it can be stopped. */
export function createBackwardScan({ reads, filter, onRows, onChange }: BackwardScanParts): BackwardScan {
  let doing: ScanState['doing'] = 'resting'
  let nextBeforeId: number | null = null
  let newest = 0
  let lookedBackTo: string | null = null
  let problem: string | null = null
  let current: AbortController | null = null

  /** Scans one step and returns the number of matches. */
  async function step(signal: AbortSignal): Promise<number> {
    const place = nextBeforeId === null ? {} : { before_id: nextBeforeId }
    const { rows, next_before_id } = await reads.scan({ ...filter, ...place, limit: PAGE }, signal)
    const last = rows.at(-1)
    if (newest === 0) newest = rows[0]?.id ?? (next_before_id ?? 1) - 1
    onRows(rows, next_before_id ?? 0)
    nextBeforeId = next_before_id
    // If a step has no matches, reads the time of its last row from the log.
    const there =
      next_before_id === null || rows.length >= PAGE
        ? last
        : ((await reads.list({ before_id: next_before_id, limit: 1 }, signal))[0] ?? last)
    if (there !== undefined) lookedBackTo = there.time
    if (next_before_id === null) doing = 'done'
    return rows.length
  }

  async function run(signal: AbortSignal): Promise<void> {
    doing = 'looking'
    problem = null
    onChange()
    let matches = 0
    for (let steps = 0; matches < ENOUGH && steps < STEPS && doing === 'looking'; steps += 1) {
      matches += await step(signal)
      onChange()
    }
    if (doing === 'looking') doing = matches >= ENOUGH ? 'resting' : 'waiting'
    onChange()
  }

  function go(): void {
    if (doing === 'looking' || doing === 'done') return
    current = new AbortController()
    const { signal } = current
    run(signal).catch((thrown: unknown) => {
      doing = 'waiting'
      if (!signal.aborted) problem = callErrorOf(thrown).sentence
      onChange()
    })
  }

  return {
    state: () => ({
      doing,
      scannedBackTo: lookedBackTo,
      scannedRows: newest === 0 ? 0 : newest - Math.max(0, (nextBeforeId ?? 1) - 1),
      problem,
    }),
    async start(signal) {
      doing = 'looking'
      await step(signal).catch((thrown: unknown) => {
        doing = 'resting'
        throw thrown
      })
      if (doing === 'looking') doing = 'resting'
    },
    more() {
      if (doing === 'resting') go()
    },
    resume: go,
    cancel() {
      current?.abort()
    },
    async closeGap(downTo, onRow, signal) {
      let before: number | null = null
      do {
        const place: { before_id?: number } = before === null ? {} : { before_id: before }
        const { rows, next_before_id } = await reads.scan({ ...filter, ...place, limit: PAGE }, signal)
        for (const row of rows) onRow(row)
        before = next_before_id
      } while (before !== null && before > downTo)
    },
  }
}
