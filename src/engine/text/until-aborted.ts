/** The part of a signal that is needed to wait for it. */
interface Abortable {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** Settles as the promise does, or rejects with the signal's reason once it is aborted. The work itself continues. */
export function untilAborted<T>(promise: Promise<T>, signal: Abortable | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error)
    if (signal.aborted) {
      // The promise may have no other listener for its failure.
      promise.catch(() => {})
      return onAbort()
    }
    signal.addEventListener('abort', onAbort)
    // These two are passed on unchanged, because V8 follows nothing else in the stack of an error.
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
