/**
 * Asks the OS keychain one question at a time, and never waits longer than `timeoutMs` for an answer.
 *
 * A hung keychain holds a thread of Node's pool of four until it answers. So there is never more than one question under
 * way, and while one hangs every other is refused at once: files and cryptography keep their threads.
 */
export function createKeychainQueue(
  timeoutMs: number,
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
      }, timeoutMs)
      const settled = (): void => {
        clearTimeout(timer)
        stuck = false
      }
      // From a promise, so that a question that throws at once settles like any other.
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

/** The asker hears of the failure; the queue only waits for its end. */
function ignoreHere(): null {
  return null
}
