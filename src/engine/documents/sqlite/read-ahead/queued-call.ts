import type { LightAbort } from '../../../interruption.ts'
import type { Job, JobResult } from '../worker-messages.ts'

/** What a call does to the file. Changes can't run twice, and callers' SQL can take long. */
export type CallKind = 'read' | 'query' | 'change'

export interface CallOptions {
  signal: AbortSignal | LightAbort
  /** Maximum time for the call once it is its turn. After that, its worker is killed. */
  silenceMs: number
  /** The owner of the call, such as a token. Workers are shared fairly between keys. */
  key?: string | undefined
  /** Called when the call has been sent to a worker. */
  onSlot?: (() => void) | undefined
}

/** A call of a document from its arrival to its result. A read may run twice, if its worker ends early. */
export class QueuedCall {
  readonly kind: CallKind
  readonly job: Job
  readonly options: CallOptions
  readonly key: string
  readonly result: Promise<JobResult>
  /** When it began to wait for a worker. */
  waitingSince: number
  /** When its caller got a result or left. */
  settledAt: number | null = null
  #resolve: (result: JobResult) => void = () => {}
  #reject: (error: Error) => void = () => {}
  readonly #onAbort: () => void

  constructor(kind: CallKind, job: Job, options: CallOptions, now: number, onAbort: (call: QueuedCall) => void) {
    this.kind = kind
    this.job = job
    this.options = options
    this.key = options.key ?? ''
    this.waitingSince = now
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#onAbort = () => onAbort(this)
    options.signal.addEventListener('abort', this.#onAbort)
  }

  resolve(result: JobResult, now: number): void {
    if (this.#settle(now)) this.#resolve(result)
  }

  reject(error: Error, now: number): void {
    if (this.#settle(now)) this.#reject(error)
  }

  #settle(now: number): boolean {
    if (this.settledAt !== null) return false
    this.settledAt = now
    this.options.signal.removeEventListener('abort', this.#onAbort)
    return true
  }
}

/** Those that another worker hasn't got and whose callers still wait. */
export function waitingOf(calls: readonly (QueuedCall | null)[]): QueuedCall[] {
  return calls.filter((call) => call !== null && call.settledAt === null) as QueuedCall[]
}
