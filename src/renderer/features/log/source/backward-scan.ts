import type { RequestFilter } from '../../../../contract/owner-api/requests-api.ts'
import type { RequestRecord } from '../../../../contract/records.ts'
import { callErrorOf } from '../../../lib/call-error.ts'
import type { LogReads } from './log-reads.ts'

/** Matches asked for at once. */
const PAGE = 200
/** Matches after which a look rests until somebody scrolls on. */
const ENOUGH = 100
/** Steps after which a look that finds little rests until somebody asks it on. */
const STEPS = 60

export interface ScanState {
  /** `resting`: it goes on by itself when the end is near. `waiting`: it found little for long, and is asked on by hand. */
  doing: 'looking' | 'resting' | 'waiting' | 'done'
  /** Instant of the oldest row that was looked at. */
  scannedBackTo: string | null
  /** Rows looked at. */
  scannedRows: number
  problem: string | null
}

export interface BackwardScan {
  state(): ScanState
  /** The first look, from the newest row. Throws what the engine refuses. */
  start(signal: AbortSignal): Promise<void>
  /** Goes on if it rests. */
  more(): void
  /** Goes on, also where it waits to be asked. */
  resume(): void
  cancel(): void
  /** Hands over every match from the newest down to a row number, whether it was known or not. */
  closeGap(downTo: number, onRow: (row: RequestRecord) => void, signal: AbortSignal): Promise<void>
}

interface BackwardScanParts {
  reads: LogReads
  filter: RequestFilter
  onRows: (rows: RequestRecord[], lookedDownTo: number) => void
  onChange: () => void
}

/** Looks for matches from the newest row back, a bounded piece at a time, and can be stopped between pieces. */
export function createBackwardScan({ reads, filter, onRows, onChange }: BackwardScanParts): BackwardScan {
  let doing: ScanState['doing'] = 'resting'
  let nextBeforeId: number | null = null
  let newest = 0
  let lookedBackTo: string | null = null
  let problem: string | null = null
  let current: AbortController | null = null

  /** One piece of the log; answers how many matches it held. */
  async function step(signal: AbortSignal): Promise<number> {
    const place = nextBeforeId === null ? {} : { before_id: nextBeforeId }
    const { rows, next_before_id } = await reads.scan({ ...filter, ...place, limit: PAGE }, signal)
    const last = rows.at(-1)
    if (newest === 0) newest = rows[0]?.id ?? (next_before_id ?? 1) - 1
    onRows(rows, next_before_id ?? 0)
    nextBeforeId = next_before_id
    // Of a piece without matches the log is asked what time it was there.
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
