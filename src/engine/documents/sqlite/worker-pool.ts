import { HallpassError } from '../../../contract/errors.ts'
import type { FromWorker, Job, ToWorker } from './worker-messages.ts'
import type { WorkerProcess } from './worker-process.ts'

export interface JobOptions {
  signal: AbortSignal
  /** The worker may be silent this long while it owes something; then it is killed. */
  silenceMs: number
  /** On abort: kill the worker (reads, loads), or let it finish while the caller goes (changes). */
  onAbort: 'kill' | 'finish'
  listen?: (message: FromWorker) => void
}

/** A job under way in a worker of its own. */
export interface RunningJob {
  readonly result: Promise<unknown>
  post(message: ToWorker): void
  /** Starts or restarts the time in which the worker must give a sign of life. */
  expect(): void
  /** The worker waits for us: no time runs. */
  rest(): void
  /** Kills the worker; the result fails with this error, unless it is there already. */
  abandon(error: HallpassError): void
}

export interface WorkerPool {
  /** Waits for a free worker, first come, first served. */
  start(job: Job, options: JobOptions): Promise<RunningJob>
  close(): Promise<void>
}

interface Waiting {
  go(worker: WorkerProcess): void
  fail(error: HallpassError): void
}

/** Workers of one document, started when first needed, ended when idle for a while. */
export function createWorkerPool(parts: {
  size: number
  idleMs: number
  waitMs: number
  start: () => WorkerProcess
}): WorkerPool {
  const workers = new Set<WorkerProcess>()
  const idle = new Map<WorkerProcess, NodeJS.Timeout>()
  const waiting: Waiting[] = []
  const running = new Set<RunningJob>()
  let closed = false

  function launch(): WorkerProcess {
    const worker = parts.start()
    workers.add(worker)
    void worker.exited.then(() => {
      workers.delete(worker)
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
      const gone = (): void => entry.fail(cutOff(signal))
      const timer = setTimeout(
        () =>
          entry.fail(
            new HallpassError('UPSTREAM_TIMEOUT', 'The SQLite document is busy with other requests. Try again.', {
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
      if (signal.aborted) throw cutOff(signal)
      if (closed) throw closing()
      const worker = await acquire(signal)
      if (signal.aborted) {
        release(worker)
        throw cutOff(signal)
      }
      let timer: NodeJS.Timeout | undefined
      let over = false
      const { promise, resolve, reject } = Promise.withResolvers<unknown>()
      // Whoever reads a stream meets the failure there; nobody may be waiting on the result itself yet.
      promise.catch(() => {})

      const finish = (): boolean => {
        const first = !over
        over = true
        clearTimeout(timer)
        signal.removeEventListener('abort', aborted)
        running.delete(entry)
        return first
      }
      const abandon = (error: HallpassError): void => {
        reject(error)
        if (!finish()) return
        worker.kill()
      }
      const aborted = (): void => {
        if (options.onAbort === 'kill') abandon(cutOff(signal))
        else reject(cutOff(signal))
      }
      const entry: RunningJob = {
        result: promise,
        post: (message) => worker.post(message),
        expect() {
          clearTimeout(timer)
          if (!over) timer = setTimeout(() => abandon(tooSlow(silenceMs, job)), silenceMs)
        },
        rest: () => clearTimeout(timer),
        abandon,
      }
      running.add(entry)
      signal.addEventListener('abort', aborted, { once: true })
      void worker.exited.then(() => {
        if (!finish()) return
        reject(
          new HallpassError(
            'UPSTREAM_ERROR',
            'The work on the SQLite document ended too early: it needed more memory than allowed, or SQLite crashed.',
            { upstreamBlameless: true },
          ),
        )
      })
      worker.listen((message) => {
        if (over) return
        if (message.kind === 'done' || message.kind === 'failed') {
          finish()
          // Before the result: whoever waits for it may start the next job at once.
          release(worker)
          if (message.kind === 'done') resolve(message.data)
          else reject(new HallpassError(message.code, message.message))
        }
        options.listen?.(message)
      })
      entry.expect()
      try {
        worker.post({ kind: 'job', job })
      } catch (error) {
        // Values nested some thousand levels deep cannot be handed over.
        finish()
        release(worker)
        throw new HallpassError('INVALID_REQUEST', 'The request holds values that are nested too deeply.', {
          cause: error,
        })
      }
      return entry
    },
    async close() {
      closed = true
      for (const entry of waiting.slice()) entry.fail(closing())
      for (const timer of idle.values()) clearTimeout(timer)
      idle.clear()
      for (const job of running) job.abandon(closing())
      await Promise.all([...workers].map((worker) => worker.close()))
    },
  }
}

function tooSlow(ms: number, job: Job): HallpassError {
  // The batches of a load stand; its own sentence tells which.
  const kept = job.kind === 'load' ? '' : ' and nothing of it was kept'
  return new HallpassError(
    'UPSTREAM_TIMEOUT',
    `The SQLite document took longer than ${ms / 1000} s; the work was stopped${kept}.`,
    { upstreamBlameless: true },
  )
}

function closing(): HallpassError {
  return new HallpassError('UPSTREAM_ERROR', 'The connection to this SQLite document was closed.', {
    upstreamBlameless: true,
  })
}

/** The caller went, its token ended, or the engine stops; the signal's own reason says which, when it is a HallpassError. */
export function cutOff(signal: AbortSignal): HallpassError {
  const reason: unknown = signal.reason
  return reason instanceof HallpassError
    ? reason
    : new HallpassError('UPSTREAM_ERROR', 'The request was cut off before the document had answered.', {
        upstreamBlameless: true,
      })
}
