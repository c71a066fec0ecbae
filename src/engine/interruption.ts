/** The part of an AbortSignal that most requests need. */
export interface Interruption {
  readonly aborted: boolean
  readonly reason: unknown
  throwIfAborted(): void
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** Aborts at most once. Each request has two, and an AbortController costs many times as much as this object. */
export class LightAbort implements Interruption {
  aborted = false
  reason: unknown = undefined
  #listeners: (() => void)[] = []
  #controller: AbortController | null = null

  abort(reason?: unknown): void {
    if (this.aborted) return
    this.aborted = true
    this.reason = reason
    this.#controller?.abort(reason)
    const listeners = this.#listeners
    this.#listeners = []
    for (const listener of listeners) listener()
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.push(listener)
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const at = this.#listeners.indexOf(listener)
    if (at !== -1) this.#listeners.splice(at, 1)
  }

  /** The same as an AbortSignal, created when first needed. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController()
      if (this.aborted) this.#controller.abort(this.reason)
    }
    return this.#controller.signal
  }
}

export type AnySignal = AbortSignal | LightAbort

export function abortSignalOf(interruption: AnySignal): AbortSignal {
  return interruption instanceof LightAbort ? interruption.signal : interruption
}
