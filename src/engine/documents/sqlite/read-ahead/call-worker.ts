import { constants, setPriority } from 'node:os'
import type { Clock } from '../../../clock.ts'
import { tooSlow, workerLost } from '../job-interruption.ts'
import { waitingOf, type CallKind, type QueuedCall } from './queued-call.ts'
import { errorOf, type FromWorker } from '../worker-messages.ts'
import { hear, LEAVE_MS, START_MS, type WorkerProcess } from '../worker-process.ts'

/** Maximum number of short calls of one worker. Each call sent ahead saves a wake-up of both processes. */
const DEPTH = 16
/** A worker whose last call took longer gets no call ahead. */
const QUICK_MS = 1
/** Calls behind one that takes longer than this go to another worker, or are queued again. */
const STUCK_MS = 20
/** Hardly any query takes this long, and the callers of one that does are waiting anyway. */
const LONG_MS = 1_000

interface CallWorkerParts {
  process: WorkerProcess
  clock: Pick<Clock, 'monotonic' | 'after'>
  /** Returns the time without a call after which it ends. */
  idleMs: () => number
  /** Called when it has opened the file. */
  onReady: () => void
  /** Called when it can take another call. */
  onRoom: () => void
  /** Called with calls that need a worker again. */
  onReturned: (calls: QueuedCall[]) => void
}

/** A worker that runs calls in the order in which they are sent to it. A change is sent to it only while it has no other call. */
export class CallWorker {
  readonly #parts: CallWorkerParts
  /** Calls that were sent and have no result yet. The first one runs; null is one that another worker got. */
  #calls: (QueuedCall | null)[] = []
  #isReady = false
  #isQuick = false
  /** It was asked to drop the calls that it hasn't started, and hasn't confirmed that yet. */
  #isWithdrawing = false
  #isEnding = false
  #isRetired = false
  /** The last call for which lowering the priority was tried. */
  #yielded: QueuedCall | null = null
  /** When the first call became the first, or the last one ended. */
  #since: number
  #timer: { due: number; cancel: () => void } | null = null

  constructor(parts: CallWorkerParts) {
    this.#parts = parts
    this.#since = parts.clock.monotonic()
    hear(parts.process, (message) => this.#onMessage(message))
    void parts.process.exited.then(() => this.#onExit())
  }

  get isStarting(): boolean {
    return !this.#isReady && !this.#isEnding
  }

  get isEnding(): boolean {
    return this.#isEnding
  }

  hasRoomFor(kind: CallKind): boolean {
    if (this.#isEnding || this.#isRetired || this.#isWithdrawing) return false
    if (this.#calls.length === 0) return true
    // A worker that crashes may have started the calls behind its first one, so a change is never sent ahead.
    return kind !== 'change' && this.#isReady && this.#isQuick && this.#calls.length < DEPTH
  }

  get isIdle(): boolean {
    return this.#calls.length === 0
  }

  /** Whether it is running a call that hasn't taken long so far. */
  get isSteady(): boolean {
    return this.#calls.length > 0 && !this.#isEnding && this.#parts.clock.monotonic() - this.#since < STUCK_MS
  }

  /** Returns how many calls of a kind it has: of one key, or of all. */
  countOf(kind: CallKind, key: string | null = null): number {
    let count = 0
    for (const call of this.#calls) if (call?.kind === kind && (key === null || call.key === key)) count += 1
    return count
  }

  get process(): WorkerProcess {
    return this.#parts.process
  }

  /** Expects the result of a call that was just sent to the process. */
  expect(call: QueuedCall): void {
    if (this.#calls.push(call) === 1) this.#since = this.#parts.clock.monotonic()
    this.#watch()
  }

  /** Updates its time limit, because the caller of one of its calls left. */
  reconsider(call: QueuedCall): void {
    if (this.#calls[0] === call) this.#watch()
  }

  close(error: Error): Promise<void> {
    const now = this.#parts.clock.monotonic()
    for (const call of this.#calls) call?.reject(error, now)
    if (this.#calls.length > 0) this.#kill()
    else this.#end()
    return this.#parts.process.exited
  }

  #onMessage(message: FromWorker): void {
    if (this.#isEnding) return
    const now = this.#parts.clock.monotonic()
    if (message.kind === 'ready') {
      // Only once, because each request to drop would restart the time of its first call.
      if (this.#isReady) return this.#kill()
      this.#isReady = true
      this.#since = now
      this.#watch()
      this.#parts.onReady()
    } else if (message.kind === 'withdrawn') {
      // No calls follow the withdrawn ones, because it gets none meanwhile.
      if (!this.#isWithdrawing || message.count !== this.#calls.length) return this.#kill()
      const dropped = this.#calls
      this.#calls = []
      this.#isWithdrawing = false
      // On a busy computer, the worker may not have started the first one either.
      this.#parts.onReturned(waitingOf(dropped))
      this.#onFree()
    } else if (message.kind === 'done' || message.kind === 'failed') this.#onAnswer(message, now)
    else this.#kill()
  }

  #onAnswer(message: Extract<FromWorker, { kind: 'done' | 'failed' }>, now: number): void {
    const call = this.#calls.shift()
    // A worker that a hostile file took over can send unrequested responses.
    if (call === undefined) return this.#kill()
    this.#since = now
    if (message.kind === 'done') this.#isQuick = message.tookMs < QUICK_MS
    this.#onFree()
    if (message.kind === 'done') call?.resolve(message, now)
    else call?.reject(errorOf(message), now)
  }

  #onFree(): void {
    if (this.#calls.length === 0 && this.#isRetired) return this.#end()
    this.#watch()
    this.#parts.onRoom()
  }

  #onExit(): void {
    this.#isEnding = true
    this.#timer?.cancel()
    const [first, ...others] = this.#calls
    this.#calls = []
    first?.reject(workerLost(), this.#parts.clock.monotonic())
    this.#parts.onReturned(waitingOf(others))
  }

  #kill(): void {
    this.#isEnding = true
    this.#parts.process.kill()
  }

  #end(): void {
    if (this.#isEnding) return
    this.#isEnding = true
    void this.#parts.process.close()
  }

  /** Restarts the timer only if it would fire too late, because most calls end long before. */
  #watch(): void {
    const due = this.#due()
    if (this.#timer !== null && this.#timer.due <= due) return
    this.#timer?.cancel()
    const { clock } = this.#parts
    const cancel = clock.after(Math.max(1, due - clock.monotonic()), () => {
      this.#timer = null
      if (this.#isEnding) return
      this.#onDue(clock.monotonic())
      if (!this.#isEnding) this.#watch()
    })
    this.#timer = { due, cancel }
  }

  /** Returns the time of the next check. */
  #due(): number {
    if (this.#calls.length === 0) return this.#since + this.#parts.idleMs()
    const end = this.#endOfFirst()
    if (!this.#isReady) return end
    const stuck = this.#calls.length > 1 && !this.#isWithdrawing ? this.#since + STUCK_MS : end
    const long = this.#canYield() ? this.#since + LONG_MS : end
    return Math.min(end, stuck, long)
  }

  /** Only a query, because it holds no lock that others wait for. */
  #canYield(): boolean {
    const first = this.#calls[0]
    return !this.#isRetired && first?.kind === 'query' && first !== this.#yielded
  }

  /** Returns when the first call must have ended. */
  #endOfFirst(): number {
    const first = this.#calls[0]
    if (!this.#isReady) return this.#since + START_MS + (first?.options.silenceMs ?? 0)
    const left = first == null ? this.#since : first.settledAt
    // A change is finished even if its caller left.
    if (left !== null && first?.kind !== 'change') return Math.max(left, this.#since) + LEAVE_MS
    return this.#since + (first?.options.silenceMs ?? 0)
  }

  #onDue(now: number): void {
    if (this.#calls.length === 0) {
      if (now >= this.#since + this.#parts.idleMs()) this.#end()
      return
    }
    if (now >= this.#endOfFirst()) {
      const first = this.#calls[0]
      first?.reject(tooSlow(first.options.silenceMs, first.job), now)
      return this.#kill()
    }
    if (!this.#isReady) return
    if (this.#canYield() && now >= this.#since + LONG_MS) {
      this.#yielded = this.#calls[0] ?? null
      this.#isRetired = lowerPriority(this.#parts.process.pid())
    }
    if (this.#calls.length > 1 && !this.#isWithdrawing && now >= this.#since + STUCK_MS) this.#withdraw()
  }

  #withdraw(): void {
    const [first = null, ...others] = this.#calls
    this.#isWithdrawing = true
    this.#isQuick = false
    this.#parts.process.post({ kind: 'withdraw' })
    this.#calls = [first, ...others.map(() => null)]
    this.#parts.onReturned(waitingOf(others))
  }
}

/**
 * Lowers the priority of a process, so that endless queries of one token don't slow down the queries of others.
 * Returns whether it did. Most systems don't allow raising a priority again, so the process gets no other work afterward.
 */
function lowerPriority(pid: number | undefined): boolean {
  if (pid === undefined) return false
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW)
    return true
  } catch {
    // It has ended, or the system doesn't allow it. Then the job only has its time limit.
    return false
  }
}
