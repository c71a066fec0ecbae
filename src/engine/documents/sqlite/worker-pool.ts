import { invalidRequest, type HallpassError } from '../../../contract/errors.ts'
import { connectionClosed, interruption, tooBusy, tooSlow, workerLost } from './job-interruption.ts'
import { errorOf, type FromWorker, type Job, type JobResult, type ToWorker } from './worker-messages.ts'
import type { Clock } from '../../clock.ts'
import { abortSignalOf, type LightAbort } from '../../interruption.ts'
import { createTurns } from '../../running/turns.ts'
import { lockWait } from './lock-wait.ts'
import { hear, LEAVE_MS, START_MS, type WorkerProcess } from './worker-process.ts'

interface JobOptions {
  signal: AbortSignal | LightAbort
  /** Maximum time without a message while the worker owes one. After that, the worker is killed. */
  silenceMs: number
  /** On abort: stop the job (reads, loads), or let it finish although its caller left (changes). */
  onAbort: 'stop' | 'finish'
  /** The owner of the job, such as a token. Workers are shared fairly between keys. */
  key?: string | undefined
  /** Called when the job has its worker. */
  onSlot?: (() => void) | undefined
  listen?: (message: FromWorker) => void
}

/** A job that runs in a worker. */
interface RunningJob {
  readonly result: Promise<JobResult>
  post(message: ToWorker): void
  /** Starts or restarts the time in which the worker must send a message. */
  expect(): void
  /** Stops that timer, because the worker waits for us. */
  rest(): void
  /** Stops the job. The result fails with this error, unless it has arrived already. */
  abandon(error: HallpassError): void
}

export interface WorkerPool {
  /** Waits for a free worker. The key with the fewest jobs goes first, and within a key the earliest job. */
  start(job: Job, options: JobOptions): Promise<RunningJob>
  close(): Promise<void>
}

/** Returns the workers of one document. They start when first needed and stop after an idle time. */
export function createWorkerPool(parts: {
  size: number
  /** Workers that no single key can use. */
  reserve?: number
  idleMs: number
  waitMs: number
  clock: Clock
  start: () => WorkerProcess
}): WorkerPool {
  const workers = new Set<WorkerProcess>()
  /** Workers that haven't opened their file yet. */
  const starting = new Set<WorkerProcess>()
  /** Workers without a job, with the function that cancels their end. */
  const idle = new Map<WorkerProcess, () => void>()
  /** The key of each worker's job. */
  const holders = new Map<WorkerProcess, string | undefined>()
  const { clock } = parts
  const turns = createTurns(parts.size, { reserve: parts.reserve ?? 0 })
  const closing = new AbortController()
  /** Handlers for workers that exit in the middle of a job. */
  const jobs = new Map<WorkerProcess, () => void>()
  const running = new Set<RunningJob>()
  let closed = false

  function launch(): WorkerProcess {
    const worker = parts.start()
    workers.add(worker)
    starting.add(worker)
    hear(worker, ({ kind }) => {
      if (kind === 'ready') starting.delete(worker)
    })
    // The only handler of this promise. One for each job would accumulate while the worker runs.
    void worker.exited.then(() => {
      workers.delete(worker)
      starting.delete(worker)
      jobs.get(worker)?.()
      jobs.delete(worker)
      idle.get(worker)?.()
      idle.delete(worker)
      giveBack(worker)
    })
    return worker
  }

  /** Resolves when it is the caller's turn and a worker is free. */
  async function acquire({ signal, key }: JobOptions): Promise<WorkerProcess> {
    if (!turns.takeNow(key)) {
      const leave = new AbortController()
      const cancelWait = clock.after(parts.waitMs, () => leave.abort(tooBusy()))
      try {
        await turns.wait(AbortSignal.any([abortSignalOf(signal), leave.signal, closing.signal]), key)
      } catch (thrown) {
        throw signal.aborted ? interruption(signal) : thrown
      } finally {
        cancelWait()
      }
    }
    const [worker, cancelEnd] = idle.entries().next().value ?? []
    cancelEnd?.()
    if (worker !== undefined) idle.delete(worker)
    const taken = worker ?? launch()
    holders.set(taken, key)
    return taken
  }

  function giveBack(worker: WorkerProcess): void {
    if (!holders.has(worker)) return
    const key = holders.get(worker)
    holders.delete(worker)
    turns.done(key)
  }

  function release(worker: WorkerProcess): void {
    if (!closed && workers.has(worker)) {
      idle.set(
        worker,
        clock.after(parts.idleMs, () => {
          idle.delete(worker)
          void worker.close()
        }),
      )
    }
    giveBack(worker)
  }

  /** Makes a worker ready for its next job by ending its read, or kills it. */
  function leave(worker: WorkerProcess): void {
    let isKilled = false
    const cancelKill = clock.after(LEAVE_MS, () => {
      isKilled = true
      worker.kill()
    })
    hear(worker, ({ kind }) => {
      // What a killed worker still sent must not make it the worker of the next job.
      if (isKilled || (kind !== 'done' && kind !== 'failed')) return
      cancelKill()
      release(worker)
    })
    worker.post({ kind: 'cancel' })
  }

  return {
    async start(job, options) {
      const { signal, silenceMs } = options
      if (signal.aborted) throw interruption(signal)
      if (closed) throw connectionClosed()
      const queuedAt = clock.monotonic()
      const worker = await acquire(options)
      options.onSlot?.()
      if (signal.aborted) {
        release(worker)
        throw interruption(signal)
      }
      let cancelTimer: (() => void) | undefined
      let isEnded = false
      const { promise, resolve, reject } = Promise.withResolvers<JobResult>()
      // The reader of a stream gets the failure there, so the result may have no handler yet.
      promise.catch(() => {})

      const finish = (): boolean => {
        const first = !isEnded
        isEnded = true
        cancelTimer?.()
        signal.removeEventListener('abort', aborted)
        running.delete(entry)
        if (first) jobs.delete(worker)
        return first
      }
      const kill = (error: HallpassError): void => {
        reject(error)
        if (finish()) worker.kill()
      }
      const abandon = (error: HallpassError): void => {
        // Killed, so that a load stores no records that are still in flight, and nothing waits for half a change.
        if (job.kind === 'load' || options.onAbort === 'finish' || starting.has(worker)) return kill(error)
        reject(error)
        if (finish()) leave(worker)
      }
      const aborted = (): void => {
        if (options.onAbort === 'stop') abandon(interruption(signal))
        else reject(interruption(signal))
      }
      const entry: RunningJob = {
        result: promise,
        post(message) {
          // The worker may run another job by now, which must not get this one's messages.
          if (!isEnded) worker.post(message)
        },
        expect() {
          cancelTimer?.()
          const longest = starting.has(worker) ? START_MS + silenceMs : silenceMs
          cancelTimer = isEnded ? undefined : clock.after(longest, () => kill(tooSlow(silenceMs, job)))
        },
        rest() {
          cancelTimer?.()
          cancelTimer = undefined
        },
        abandon,
      }
      running.add(entry)
      signal.addEventListener('abort', aborted)
      jobs.set(worker, () => {
        if (finish()) reject(workerLost())
      })
      hear(worker, (message) => {
        if (message.kind === 'ready' && starting.delete(worker) && cancelTimer !== undefined) entry.expect()
        if (isEnded) return
        if (message.kind === 'done' || message.kind === 'failed') {
          finish()
          // Releases first, because the handler of the result may start the next job at once.
          release(worker)
          if (message.kind === 'done') resolve(message)
          else reject(errorOf(message))
        }
        options.listen?.(message)
      })
      entry.expect()
      try {
        // Time in the queue counts, so that callers behind a locked file don't each wait the full time.
        const lockMs = lockWait(clock.monotonic() - queuedAt)
        worker.post({ kind: 'job', job, lockMs })
      } catch (error) {
        // Values nested some thousand levels deep can't be serialized.
        finish()
        release(worker)
        throw invalidRequest('The request contains values that are nested too deeply.', undefined, { cause: error })
      }
      return entry
    },
    async close() {
      closed = true
      closing.abort(connectionClosed())
      for (const cancelEnd of idle.values()) cancelEnd()
      idle.clear()
      for (const job of running) job.abandon(connectionClosed())
      await Promise.all([...workers].map((worker) => worker.close()))
    },
  }
}
