import { availableParallelism } from 'node:os'
import { MessageChannel, receiveMessageOnPort, type MessagePort, type Worker } from 'node:worker_threads'
import type { Clock } from '../../../clock.ts'
import { startThread } from '../start-thread.ts'
import type { Batch, Written } from './batch-writer.ts'
import type { Heads } from './log-chain.ts'
import { ENDED, READY, type LogAnswer, type LogTask, type LogThreadData } from './log-messages.ts'

/**
 * The thread pays once writes wait this long per second for the disk, in milliseconds, for two seconds. Until then, and on a single
 * core, it would only take memory and processor time.
 */
const MIN_WAIT_MS = availableParallelism() > 1 ? 30 : Infinity
/** It ends after this long with less than that. */
const IDLE_MS = 30_000
/** A thread that needs longer for a batch is ended, in milliseconds. */
const STUCK_MS = 5000
/** After a thread that failed, the main thread writes for this long. */
const PAUSE_MS = 60_000
/** A batch is garbage when it is written. A larger heap would only keep it longer. */
const HEAP = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 128 }

/** What became of a batch: written, not written, or not known, because the thread ended. */
export type Outcome = Written | 'failed' | 'unknown'

export interface LogThread {
  /** Whether the thread can take a batch. */
  readonly isReady: boolean
  /** Takes how many milliseconds a write waited here. Starts the thread when it pays. */
  waited(ms: number): void
  /** Writes a batch. The next one can be written when `done` was called. */
  write(batch: Batch, after: Heads, done: (outcome: Outcome) => void): void
  /** Waits for the batch that is being written until `ms` after its start, and calls its `done`. Returns false if it isn't done. */
  settle(ms: number): boolean
  /** Closes the thread's connection and ends it. */
  close(): void
}

interface Running {
  worker: Worker
  port: MessagePort
  done: Int32Array
  isReady: boolean
}
interface Task {
  number: number
  started: number
  /** The thread closes the database. */
  isLast: boolean
  done: (outcome: Outcome) => void
  watch: NodeJS.Timeout
}
type Options = Omit<LogThreadData, 'port' | 'done'> & {
  clock: Pick<Clock, 'monotonic'>
  /** Where its code is, and how long writes must wait to start it; 0 starts it with the first batch. Tests choose others. */
  code?: { name: string; from: string } | undefined
  minWaitMs?: number | undefined
}

/** Writes the log's batches on a thread with its own connection, so that no request waits for the disk. */
export function createLogThread({ clock, code, minWaitMs = MIN_WAIT_MS, ...data }: Options): LogThread {
  const { name, from } = code ?? { name: 'log-worker', from: import.meta.url }
  let running: Running | null = null
  let task: Task | null = null
  let last = 0
  let startsAgain = -Infinity
  let idle: NodeJS.Timeout | null = null
  let second = { from: -Infinity, ms: 0, wasBusy: minWaitMs === 0 }
  let isClosed = false

  function start(): Running {
    const { port1: port, port2 } = new MessageChannel()
    const done = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
    const workerData: LogThreadData = { ...data, port: port2, done }
    const worker = startThread(name, from, { workerData, transferList: [port2], resourceLimits: HEAP })
    const started: Running = { worker, port, done: new Int32Array(done), isReady: false }
    last = 0
    port.on('message', (answer: LogAnswer | typeof READY) => take(started, answer))
    port.unref()
    // Its end follows.
    worker.on('error', () => undefined)
    worker.on('exit', () => {
      if (running === started) leave()
      else port.close()
    })
    return started
  }

  function take(from: Running, answer: LogAnswer | typeof READY): void {
    if (running !== from) return
    if (answer === READY) {
      from.isReady = true
      startsAgain = -Infinity
      rest()
    } else if (answer.number === task?.number) {
      const { isLast } = task
      if (!isLast) waited(answer.waitedMs)
      finish(answer.written ?? 'failed')
      if (answer.written === null && !isLast) leave()
    }
  }

  /** Leaves a thread that has ended or failed. The main thread writes what it didn't, and what follows for a while. */
  function leave(): void {
    if (running === null) return
    const left = running
    drain(left)
    running = null
    startsAgain = clock.monotonic() + PAUSE_MS
    left.port.close()
    void left.worker.terminate()
    finish('unknown')
  }

  function drain(from: Running): void {
    for (let got = receiveMessageOnPort(from.port); got !== undefined; got = receiveMessageOnPort(from.port))
      take(from, got.message as LogAnswer)
  }

  function finish(outcome: Outcome): void {
    if (task === null) return
    const { done, watch } = task
    task = null
    clearTimeout(watch)
    running?.port.unref()
    done(outcome)
  }

  function waited(ms: number): void {
    const now = clock.monotonic()
    if (now - second.from >= 1000)
      second = { from: now, ms: 0, wasBusy: minWaitMs === 0 || (second.ms >= minWaitMs && now - second.from < 3000) }
    second.ms += ms
    if (Math.max(0, second.ms) < minWaitMs || !second.wasBusy || isClosed) return
    if (running === null && now >= startsAgain) {
      startsAgain = now + PAUSE_MS
      try {
        running = start()
      } catch {
        // The main thread writes, as before.
      }
    }
    rest()
  }

  function rest(): void {
    if (idle === null) idle = setTimeout(end, IDLE_MS).unref()
    else idle.refresh()
  }

  function ask(to: Running, work: LogTask['work'], done: (outcome: Outcome) => void): void {
    last += 1
    const watch = setTimeout(() => void to.worker.terminate(), STUCK_MS).unref()
    task = { number: last, started: clock.monotonic(), isLast: work === null, done, watch }
    // The process doesn't end before the rows are on disk.
    to.port.ref()
    try {
      to.port.postMessage({ number: last, work } satisfies LogTask)
    } catch {
      // A value that can't be sent. The thread never learns of this number.
      last -= 1
      finish('failed')
    }
  }

  function settle(ms: number): boolean {
    if (running === null || task === null) return true
    const { done } = running
    Atomics.wait(done, 0, task.number - 1, Math.max(0, task.started + ms - clock.monotonic()))
    if (Atomics.load(done, 0) === ENDED) leave()
    else drain(running)
    return task === null
  }

  function end(): void {
    idle = null
    if (task !== null && !isClosed) return rest()
    if (running?.isReady === true && task === null) {
      ask(running, null, () => undefined)
      settle(STUCK_MS)
    }
    const ending = running
    running = null
    ending?.port.close()
    void ending?.worker.terminate()
    finish('unknown')
  }

  return {
    get isReady() {
      return running?.isReady === true && task === null
    },
    waited,
    write(batch, after, done) {
      if (running === null || task !== null) throw new Error("the log's thread isn't ready")
      ask(running, { batch, after }, done)
    },
    settle,
    close() {
      isClosed = true
      settle(STUCK_MS)
      if (idle !== null) clearTimeout(idle)
      end()
    },
  }
}
