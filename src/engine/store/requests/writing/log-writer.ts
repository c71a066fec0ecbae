import { HallpassError } from '../../../../contract/errors.ts'
import type { RequestRecord } from '../../../../contract/records.ts'
import type { Clock } from '../../../clock.ts'
import { countedRow } from '../counts/request-counts.ts'
import type { LogThread, Outcome } from './log-thread.ts'
import { startWaiting } from './waiting-time.ts'
import type { RequestWrites } from './request-writes.ts'

/** A batch that isn't on disk this long after it was started, in milliseconds, makes the log unavailable. */
const WAIT_MS = 1000

interface Rows {
  opened: readonly RequestRecord[]
  closed: readonly RequestRecord[]
}

export interface LogWrites {
  /**
   * Inserts opened rows, completes closed ones and seals ended ones, in one transaction. Returns once they are on disk. `isScheduled`
   * says that nobody waits for them: if such writes wait long for the disk, `canStart` becomes true after a moment.
   */
  write(batch: Rows, isScheduled?: boolean): void
  /** Whether `start` can take a batch. */
  readonly canStart: boolean
  /**
   * Starts a write and returns. Unless `counted` is null, the same transaction adds these rows and the ended ones of the batch to
   * the counts. Calls `done` once: `isWritten` is false if nothing was written, `isCounted` is false if nothing was counted.
   * Records may change meanwhile, and what changed isn't written.
   */
  start(
    batch: Rows & { counted: readonly RequestRecord[] | null },
    done: (written: { isWritten: boolean; isCounted: boolean }) => void,
  ): void
  /** Waits for the started write and calls its `done`. Returns false if it isn't done this long after its start (1 s). */
  settle(ms?: number): boolean
}

export interface LogWriter extends LogWrites {
  /** Runs `work` while nothing is written on another thread. */
  alone<T>(work: () => Promise<T>): Promise<T>
  close(): void
}

/**
 * Writes batches on this thread, or on the log's thread once that pays. What is known about the table is only here: each batch
 * takes the heads of the chains along and brings new ones back.
 */
export function logWriter(writes: RequestWrites, thread: LogThread, clock: Pick<Clock, 'monotonic'>): LogWriter {
  let alone = 0
  /** Decides whether a batch was written whose thread ended. */
  let decide: (() => void) | null = null

  function settle(ms = WAIT_MS): boolean {
    const isDone = thread.settle(ms)
    if (decide !== null) attempt(decide)
    return isDone && decide === null
  }

  return {
    settle,
    write({ opened, closed }, isScheduled = false) {
      // A batch after one that is perhaps written would be sealed in its place.
      if (!settle()) throw threadHangs()
      const waited = isScheduled ? startWaiting(clock) : null
      writes.write({ opened, closed, counted: null })
      if (waited !== null) thread.waited(waited())
    },
    get canStart() {
      return alone === 0 && decide === null && thread.isReady
    },
    start({ opened, closed, counted }, done) {
      const batch = { opened, closed, counted: counted?.map((row) => countedRow(row)) ?? null }
      const added = writes.added(batch)
      const end = (outcome: Outcome): void => {
        if (outcome === 'unknown') {
          decide = () => {
            const isWritten = writes.contains(batch)
            decide = null
            if (isWritten) writes.wasWritten(added, null)
            done({ isWritten, isCounted: isWritten && counted !== null })
          }
          attempt(decide)
          return
        }
        if (outcome !== 'failed') writes.wasWritten(added, outcome.heads)
        done({ isWritten: outcome !== 'failed', isCounted: outcome !== 'failed' && outcome.isCounted })
      }
      try {
        thread.write(batch, writes.heads(), end)
      } catch {
        // The newest batches can't be read.
        end('failed')
      }
    },
    async alone(work) {
      alone += 1
      try {
        settle()
        return await work()
      } finally {
        alone -= 1
      }
    },
    close: () => thread.close(),
  }
}

export function threadHangs(): HallpassError {
  return new HallpassError('LOG_UNAVAILABLE', "The request log's thread doesn't respond.")
}

/** A database that can't be read is looked at again before the next write. */
function attempt(decide: () => void): void {
  try {
    decide()
  } catch {
    // Nothing is decided.
  }
}
