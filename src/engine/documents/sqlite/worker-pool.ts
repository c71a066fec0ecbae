import { HallpassError, invalidRequest } from '../../../contract/errors.ts'
import { connectionClosed, interruption, tooSlow } from './job-interruption.ts'
import { errorOf, type FromWorker, type Job, type ToWorker } from './worker-messages.ts'
import type { Clock } from '../../clock.ts'
import type { WorkerProcess } from './worker-process.ts'

export interface JobOptions {
  signal: AbortSignal
  /** Maximum time without a message while the worker owes one. After that, the worker is killed. */
  silenceMs: number
  /** On abort: kill the worker (reads, loads), or let it finish although its caller left (changes). */
  onAbort: 'kill' | 'finish'
  listen?: (message: FromWorker) => void
}

/** A job that runs in a worker. */
export interface RunningJob {
  readonly result: Promise<unknown>
  post(message: ToWorker): void
  /** Starts or restarts the time in which the worker must send a message. */
  expect(): void
  /** Stops that timer, because the worker waits for us. */
  rest(): void
  /** Kills the worker. The result fails with this error, unless it has arrived already. */
  abandon(error: HallpassError): void
}

export interface WorkerPool {
  /** Waits for a free worker. Jobs start in order of arrival. */
  start(job: Job, options: JobOptions): Promise<RunningJob>
  close(): Promise<void>
}

/** Longest wait for another program's lock, in the queue and in SQLite together. */
const LOCK_MS = 5_000
const MIN_LOCK_MS = 100
/**
 * Maximum time to start a worker. A busy computer can take seconds, which must not count against a query's time limit.
 */
const START_MS = 20_000

interface Waiting {
  go(worker: WorkerProcess): void
  fail(error: HallpassError): void
}

/** Returns the workers of one document. They start when first needed and stop after an idle time. */
export function createWorkerPool(parts: {
  size: number
  idleMs: number
  waitMs: number
  clock: Clock
  start: () => WorkerProcess
}): WorkerPool {
  const workers = new Set<WorkerProcess>()
  /** Workers that haven't opened their file yet. */
  const starting = new Set<WorkerProcess>()
  const idle = new Map<WorkerProcess, NodeJS.Timeout>()
  const waiting: Waiting[] = []
  /** What to call when a worker exits in the middle of its job. */
  const jobs = new Map<WorkerProcess, () => void>()
  const running = new Set<RunningJob>()
  let closed = false

  function launch(): WorkerProcess {
    const worker = parts.start()
    workers.add(worker)
    starting.add(worker)
    // The only reaction to this promise: one per job would pile up for as long as the worker lives.
    void worker.exited.then(() => {
      workers.delete(worker)
      starting.delete(worker)
      jobs.get(worker)?.()
      jobs.delete(worker)
      clearTimeout(idle.get(worker))
      idle.delete(worker)
      serveNext()
    })
    return worker
  }

  function take(): WorkerProcess | undefined {
    const [worker, timer] = idle.entries().next().value ?? []
    if (worker === undefined) return workers.size < parts.size ? launch() : undefined
    clearTimeout(timer)
    idle.delete(worker)
    return worker
  }

  function serveNext(): void {
    while (waiting.length > 0 && !closed) {
      const worker = take()
      if (worker === undefined) return
      waiting.shift()?.go(worker)
    }
  }

  function release(worker: WorkerProcess): void {
    if (closed || !workers.has(worker)) return
    idle.set(
      worker,
      setTimeout(() => {
        idle.delete(worker)
        void worker.close()
      }, parts.idleMs),
    )
    serveNext()
  }

  function acquire(signal: AbortSignal): Promise<WorkerProcess> {
    const worker = waiting.length === 0 ? take() : undefined
    if (worker !== undefined) return Promise.resolve(worker)
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', gone)
        const index = waiting.indexOf(entry)
        if (index !== -1) waiting.splice(index, 1)
      }
      const entry: Waiting = {
        go: (free) => (settle(), resolve(free)),
        fail: (error) => (settle(), reject(error)),
      }
      const gone = (): void => entry.fail(interruption(signal))
      const timer = setTimeout(
        () =>
          entry.fail(
            new HallpassError('UPSTREAM_TIMEOUT', 'The SQLite document is busy. Try again.', {
              upstreamBlameless: true,
            }),
          ),
        parts.waitMs,
      )
      signal.addEventListener('abort', gone, { once: true })
      waiting.push(entry)
    })
  }

  return {
    async start(job, options) {
      const { signal, silenceMs } = options
      if (signal.aborted) throw interruption(signal)
      if (closed) throw connectionClosed()
      const queuedAt = parts.clock.monotonic()
      const worker = await acquire(signal)
      if (signal.aborted) {
        release(worker)
        throw interruption(signal)
      }
      let timer: NodeJS.Timeout | undefined
      let isOver = false
      const { promise, resolve, reject } = Promise.withResolvers<unknown>()
      // The reader of a stream gets the failure there, so the result may have no handler yet.
      promise.catch(() => {})

      const finish = (): boolean => {
        const first = !isOver
        isOver = true
        clearTimeout(timer)
        signal.removeEventListener('abort', aborted)
        running.delete(entry)
        if (first) jobs.delete(worker)
        return first
      }
      const abandon = (error: HallpassError): void => {
        reject(error)
        if (!finish()) return
        worker.kill()
      }
      const aborted = (): void => {
        if (options.onAbort === 'kill') abandon(interruption(signal))
        else reject(interruption(signal))
      }
      const entry: RunningJob = {
        result: promise,
        post: (message) => worker.post(message),
        expect() {
          clearTimeout(timer)
          const longest = starting.has(worker) ? START_MS + silenceMs : silenceMs
          timer = isOver ? undefined : setTimeout(() => abandon(tooSlow(silenceMs, job)), longest)
        },
        rest() {
          clearTimeout(timer)
          timer = undefined
        },
        abandon,
      }
      running.add(entry)
      signal.addEventListener('abort', aborted, { once: true })
      jobs.set(worker, () => {
        if (!finish()) return
        reject(
          new HallpassError(
            'UPSTREAM_ERROR',
            'The SQLite process stopped unexpectedly. The request needed too much memory, or SQLite crashed.',
            { reason: 'worker_lost', upstreamBlameless: true },
          ),
        )
      })
      worker.listen((message) => {
        if (message.kind === 'ready') {
          starting.delete(worker)
          if (timer !== undefined) entry.expect()
        }
        if (isOver) return
        if (message.kind === 'done' || message.kind === 'failed') {
          finish()
          // Releases first, because the handler of the result may start the next job at once.
          release(worker)
          if (message.kind === 'done') resolve(message.data)
          else reject(errorOf(message))
        }
        options.listen?.(message)
      })
      entry.expect()
      try {
        // Time in the queue counts, so that callers behind a locked file don't each wait the full time.
        const lockMs = Math.max(MIN_LOCK_MS, Math.round(LOCK_MS - (parts.clock.monotonic() - queuedAt)))
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
      for (const entry of waiting.slice()) entry.fail(connectionClosed())
      for (const timer of idle.values()) clearTimeout(timer)
      idle.clear()
      for (const job of running) job.abandon(connectionClosed())
      await Promise.all([...workers].map((worker) => worker.close()))
    },
  }
}
