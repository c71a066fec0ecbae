import { invalidRequest } from '../../../../contract/errors.ts'
import type { Clock } from '../../../clock.ts'
import { CallWorker } from './call-worker.ts'
import { FairQueue } from './fair-queue.ts'
import { connectionClosed, interruption, tooBusy } from '../job-interruption.ts'
import { lockWait } from '../lock-wait.ts'
import { QueuedCall, type CallKind, type CallOptions } from './queued-call.ts'
import type { Job, JobResult } from '../worker-messages.ts'
import type { WorkerProcess } from '../worker-process.ts'

/** Workers for calls. They start when first needed and stop after an idle time. */
export interface CallPool {
  /** Waits for a worker with free capacity. The key with the fewest calls of the kind goes first, and within a key the earliest call. */
  run(kind: CallKind, job: Job, options: CallOptions): Promise<JobResult>
  close(): Promise<void>
}

/** Maximum number of workers with calls of a kind at once, in total and for one key. */
export type Share = Readonly<{ workers: number; perKey: number }>

const KINDS = ['change', 'read', 'query'] as const satisfies CallKind[]
/** An idle worker stops after this time if another one runs. */
const SPARE_IDLE_MS = 3_000
/** Reads and queries wait this many times longer while calls end one after another. On a busy computer, another process only adds load. */
const STEADY_PATIENCE = 5

/**
 * One worker takes calls of all kinds, because each process uses about 70 MB. Another one starts only when a call has waited for a
 * while, and no kind can use all workers. Several short calls are sent to a worker ahead. Calls behind a long one go elsewhere.
 */
export function createCallPool(parts: {
  shares: Readonly<Record<CallKind, Share>>
  /** How long a call waits before another worker starts for it. */
  graceMs: number
  idleMs: number
  waitMs: number
  clock: Clock
  start: () => WorkerProcess
}): CallPool {
  const { clock, shares } = parts
  const size = KINDS.reduce((sum, kind) => sum + shares[kind].workers, 0)
  const workers = new Set<CallWorker>()
  const queues = {
    change: new FairQueue<QueuedCall>(),
    read: new FairQueue<QueuedCall>(),
    query: new FairQueue<QueuedCall>(),
  }
  let cancelWait: (() => void) | null = null
  let cancelLaunch: (() => void) | null = null
  /** When the last worker had started. Time spent waiting for it doesn't count as waiting for a worker. */
  let readySince = -Infinity
  let closed = false

  function launch(): CallWorker {
    const process = parts.start()
    const worker: CallWorker = new CallWorker({
      process,
      clock,
      idleMs: () => Math.min(parts.idleMs, isOnly(worker) ? Infinity : SPARE_IDLE_MS),
      onReady() {
        readySince = clock.monotonic()
        dispatch()
      },
      onRoom: dispatch,
      onReturned: takeBack,
    })
    workers.add(worker)
    // The worker's own listener runs first, so it has returned its calls by then.
    void process.exited.then(() => {
      workers.delete(worker)
      dispatch()
    })
    return worker
  }

  function isOnly(worker: CallWorker): boolean {
    for (const other of workers) if (other !== worker && !other.isEnding) return false
    return true
  }

  function takeBack(calls: QueuedCall[]): void {
    for (const call of calls.toReversed()) {
      call.waitingSince = clock.monotonic()
      if (closed) call.reject(connectionClosed(), call.waitingSince)
      else queues[call.kind].addFirst(call)
    }
    dispatch()
  }

  /** Returns a worker for a call: preferably a busy one, so that calls arrive together, otherwise an idle or a new one. */
  function workerFor({ kind, key, waitingSince }: QueuedCall): CallWorker | 'new' | null {
    let all = 0
    let ofKey = 0
    for (const worker of workers) {
      if (worker.countOf(kind) > 0) all += 1
      if (worker.countOf(kind, key) > 0) ofKey += 1
    }
    const isFull = all >= shares[kind].workers
    const isKeyFull = key !== '' && ofKey >= shares[kind].perKey
    let idle: CallWorker | null = null
    for (const worker of workers) {
      if (!worker.hasRoomFor(kind)) continue
      if ((isFull && worker.countOf(kind) === 0) || (isKeyFull && worker.countOf(kind, key) === 0)) continue
      if (!worker.isIdle) return worker
      idle ??= worker
    }
    if (idle !== null) return idle
    return isFull || isKeyFull || clock.monotonic() < launchAfter(waitingSince, kind) ? null : 'new'
  }

  /** Returns when a call without a worker may start another one. */
  function launchAfter(waitingSince: number, kind: CallKind): number {
    if (workers.size === 0) return -Infinity
    if (workers.size >= size) return Infinity
    let isSteady = false
    for (const worker of workers) {
      if (worker.isStarting) return Infinity
      isSteady ||= worker.isSteady
    }
    // A change needs a worker without calls, and a worker that keeps getting reads never becomes one.
    const patience = isSteady && kind !== 'change' ? STEADY_PATIENCE : 1
    return Math.max(waitingSince, readySince) + parts.graceMs * patience
  }

  function dispatch(): void {
    let hasSent = !closed
    while (hasSent) {
      hasSent = false
      for (const kind of KINDS) {
        const call = queues[kind].take(
          (first) => workerFor(first) !== null,
          (key) => runningOf(kind, key),
        )
        if (call === null) continue
        send(call)
        hasSent = true
      }
    }
    watchLaunch()
    limitWait()
  }

  function runningOf(kind: CallKind, key: string): number {
    let count = 0
    for (const worker of workers) count += worker.countOf(kind, key)
    return count
  }

  function send(call: QueuedCall): void {
    const found = workerFor(call)
    const now = clock.monotonic()
    let worker: CallWorker | null
    try {
      worker = found === 'new' ? launch() : found
    } catch (cause) {
      // Another caller's call may have caused this, and must not get the error.
      call.reject(cause as Error, now)
      return
    }
    call.options.onSlot?.()
    try {
      worker?.process.post({ kind: 'job', job: call.job, lockMs: lockWait(now - call.waitingSince) })
      worker?.expect(call)
    } catch (cause) {
      // Values nested some thousand levels deep can't be serialized.
      call.reject(invalidRequest('The request contains values that are nested too deeply.', undefined, { cause }), now)
    }
  }

  /** Checks again when waiting calls may start another worker. */
  function watchLaunch(): void {
    if (cancelLaunch !== null || closed || areAllEmpty() || launchAfter(0, 'change') === Infinity) return
    cancelLaunch = clock.after(Math.max(1, parts.graceMs), () => {
      cancelLaunch = null
      dispatch()
    })
  }

  /** One timer for all waiting calls. */
  function limitWait(): void {
    if (cancelWait !== null || closed || areAllEmpty()) return
    let first = Infinity
    for (const call of waiting()) first = Math.min(first, call.waitingSince)
    cancelWait = clock.after(Math.max(1, first + parts.waitMs - clock.monotonic()), () => {
      cancelWait = null
      const now = clock.monotonic()
      for (const call of Array.from(waiting()))
        if (now >= call.waitingSince + parts.waitMs) {
          queues[call.kind].remove(call)
          call.reject(tooBusy(), now)
        }
      limitWait()
    })
  }

  function areAllEmpty(): boolean {
    return KINDS.every((kind) => queues[kind].isEmpty)
  }

  function* waiting(): Iterable<QueuedCall> {
    for (const kind of KINDS) yield* queues[kind]
  }

  function onAbort(call: QueuedCall): void {
    call.reject(interruption(call.options.signal), clock.monotonic())
    if (queues[call.kind].remove(call)) return
    for (const worker of workers) worker.reconsider(call)
  }

  return {
    run(kind, job, options) {
      if (options.signal.aborted) return Promise.reject(interruption(options.signal))
      if (closed) return Promise.reject(connectionClosed())
      const call = new QueuedCall(kind, job, options, clock.monotonic(), onAbort)
      queues[kind].add(call)
      dispatch()
      return call.result
    },
    async close() {
      closed = true
      cancelWait?.()
      cancelLaunch?.()
      const error = connectionClosed()
      for (const call of Array.from(waiting())) {
        queues[call.kind].remove(call)
        call.reject(error, clock.monotonic())
      }
      await Promise.all([...workers].map((worker) => worker.close(error)))
    },
  }
}
