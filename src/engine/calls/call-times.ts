import type { RequestTiming } from '../../contract/request-details.ts'
import type { Clock } from '../clock.ts'

/** Measures the parts of a call. Each moment counts once, when it is first reached. */
export class CallTimes {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #arrived: number
  #reached: number | null = null
  #slot: number | null = null
  #answered: number | null = null

  constructor(clock: Pick<Clock, 'monotonic'>, arrived: number) {
    this.#clock = clock
    this.#arrived = arrived
  }

  get hasReached(): boolean {
    return this.#reached !== null
  }

  reach(): void {
    this.#reached ??= this.#clock.monotonic()
  }

  readonly takeSlot = (): void => {
    this.#slot ??= this.#clock.monotonic()
  }

  answer(): void {
    this.#answered ??= this.#clock.monotonic()
  }

  /** Returns the parts if the call ends now. */
  timing(): RequestTiming {
    const ended = this.#clock.monotonic()
    const reached = this.#reached ?? ended
    const none = { approval_ms: null, queue_ms: null, upstream_ms: null, reply_ms: null }
    const checks = { ...none, checks_ms: reached - this.#arrived }
    if (this.#reached === null) return checks
    const slot = this.#slot ?? reached
    const answered = this.#answered ?? ended
    return {
      ...checks,
      queue_ms: this.#slot === null ? null : slot - reached,
      upstream_ms: answered - slot,
      reply_ms: this.#answered === null ? null : ended - answered,
    }
  }
}
