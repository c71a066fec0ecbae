import { invalidRequest } from '../../../../contract/errors.ts'
import type { Clock } from '../../../clock.ts'
import { CallWorker } from './call-worker.ts'
import { FairQueue } from './fair-queue.ts'
import { connectionClosed, interruption, tooBusy } from '../job-interruption.ts'
import { lockWait } from '../lock-wait.ts'
import { QueuedCall, type CallOptions } from './queued-call.ts'
import type { Job, JobResult } from '../worker-messages.ts'
import type { WorkerProcess } from '../worker-process.ts'

/** Workers for calls that only read. They start when first needed and stop after an idle time. */
export interface CallPool {
  /** Waits for a worker with room. The key with the fewest calls goes first, and within a key the earliest call. */
  run(job: Job, options: CallOptions): Promise<JobResult>
  close(): Promise<void>
}

/** Several short calls are sent to a worker ahead. A call that takes longer keeps none of those behind it. */
export function createCallPool(parts: {
  size: number
  /** Workers that no single key can use. */
  reserve?: number
  idleMs: number
  waitMs: number
  clock: Clock
  /** Lowers the priority of a worker whose call takes long, which holds no lock of the file. */
  yields?: boolean
  start: () => WorkerProcess
}): CallPool {
  const { clock, size, reserve = 0 } = parts
  const workers = new Set<CallWorker>()
  const queue = new FairQueue<QueuedCall>()
  let cancelWait: (() => void) | null = null
  let closed = false

  function launch(): CallWorker {
    const process = parts.start()
    const worker = new CallWorker({
      process,
      clock,
      idleMs: parts.idleMs,
      yields: parts.yields ?? false,
      onRoom: dispatch,
      onReturned: takeBack,
    })
    workers.add(worker)
    // The worker has returned its calls by then, because it listens first.
    void process.exited.then(() => {
      workers.delete(worker)
      dispatch()
    })
    return worker
  }

  function takeBack(calls: QueuedCall[]): void {
    for (const call of calls.toReversed()) {
      call.waitingSince = clock.monotonic()
      if (closed) call.reject(connectionClosed(), call.waitingSince)
      else queue.addFirst(call)
    }
    dispatch()
  }

  /** Returns a worker for a call of the key: one that is at work, so that calls arrive together, or else an idle or a new one. */
  function workerFor(key: string): CallWorker | 'new' | null {
    let used = 0
    for (const worker of workers) if (worker.countOf(key) > 0) used += 1
    const isFull = key !== '' && used >= Math.max(1, size - reserve)
    let idle: CallWorker | null = null
    for (const worker of workers) {
      if (!worker.hasRoom || (isFull && worker.countOf(key) === 0)) continue
      if (!worker.isIdle) return worker
      idle ??= worker
    }
    return idle ?? (isFull || workers.size >= size ? null : 'new')
  }

  function runningOf(key: string): number {
    let count = 0
    for (const worker of workers) count += worker.countOf(key)
    return count
  }

  function dispatch(): void {
    while (!closed) {
      const call = queue.take((key) => workerFor(key) !== null, runningOf)
      if (call === null) break
      send(call)
    }
    limitWait()
  }

  function send(call: QueuedCall): void {
    const found = workerFor(call.key)
    const now = clock.monotonic()
    let worker: CallWorker | null
    try {
      worker = found === 'new' ? launch() : found
    } catch (cause) {
      // Another caller's call may have led here, and must not get this error.
      call.reject(cause as Error, now)
      return
    }
    call.options.onSlot?.()
    try {
      worker?.run(call, lockWait(now - call.waitingSince))
    } catch (cause) {
      // Values nested some thousand levels deep can't be serialized.
      call.reject(invalidRequest('The request contains values that are nested too deeply.', undefined, { cause }), now)
    }
  }

  /** One timer for all that wait. */
  function limitWait(): void {
    if (cancelWait !== null || queue.isEmpty) return
    let first = Infinity
    for (const call of queue) first = Math.min(first, call.waitingSince)
    cancelWait = clock.after(Math.max(1, first + parts.waitMs - clock.monotonic()), () => {
      cancelWait = null
      const now = clock.monotonic()
      for (const call of Array.from(queue))
        if (now >= call.waitingSince + parts.waitMs) {
          queue.remove(call)
          call.reject(tooBusy(), now)
        }
      limitWait()
    })
  }

  function onAbort(call: QueuedCall): void {
    call.reject(interruption(call.options.signal), clock.monotonic())
    if (queue.remove(call)) return
    for (const worker of workers) worker.reconsider(call)
  }

  return {
    run(job, options) {
      if (options.signal.aborted) return Promise.reject(interruption(options.signal))
      if (closed) return Promise.reject(connectionClosed())
      const call = new QueuedCall(job, options, clock.monotonic(), onAbort)
      queue.add(call)
      dispatch()
      return call.result
    },
    async close() {
      closed = true
      cancelWait?.()
      const error = connectionClosed()
      for (const call of Array.from(queue)) {
        queue.remove(call)
        call.reject(error, clock.monotonic())
      }
      await Promise.all([...workers].map((worker) => worker.close(error)))
    },
  }
}
