/**
 * Runs calls to the OS keychain one at a time, and waits at most `hangsAfterMs` for each.
 *
 * A hung keychain occupies one of the four threads of Node's pool until it responds. With only one call at a time, and
 * others rejected immediately while one hangs, files and cryptography keep their threads. The limit is long, because a
 * keychain that asks for a password looks the same.
 */
export function createKeychainQueue(
  hangsAfterMs: number,
  hanging: () => Error,
): <T>(question: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  let stuck = false

  return function ask<T>(question: () => Promise<T>): Promise<T> {
    if (stuck) return Promise.reject(hanging())
    const answered = last.then(() => (stuck ? Promise.reject(hanging()) : answerInTime(question)))
    last = answered.catch(ignoreHere)
    return answered
  }

  function answerInTime<T>(question: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        stuck = true
        reject(hanging())
      }, hangsAfterMs)
      const settled = (): void => {
        clearTimeout(timer)
        stuck = false
      }
      // Starts from a promise, so that a synchronous exception settles like any other failure.
      Promise.resolve()
        .then(question)
        .then(
          (value) => {
            settled()
            resolve(value)
          },
          (error: unknown) => {
            settled()
            reject(error)
          },
        )
    })
  }
}

/** Rejects with `late` if the promise takes longer than `ms`. The work itself continues. */
export function within<T>(answered: Promise<T>, ms: number, late: () => Error): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), ms)
    answered.finally(() => clearTimeout(timer)).then(resolve, reject)
  })
}

/** The caller handles the failure. The queue only waits for the end. */
function ignoreHere(): null {
  return null
}
