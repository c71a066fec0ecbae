/**
 * Asks the OS keychain one question at a time, and waits at most `hangsAfterMs` for an answer.
 *
 * A hung keychain holds a thread of Node's pool of four until it answers. So there is never more than one question under
 * way, and once one hangs every other is refused at once: files and cryptography keep their threads. The time is long, because
 * a keychain that asks the person for a password looks the same.
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

/** Rejects with `late` if the answer takes longer than `ms`; the question itself goes on. */
export function within<T>(answered: Promise<T>, ms: number, late: () => Error): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), ms)
    answered.finally(() => clearTimeout(timer)).then(resolve, reject)
  })
}

/** The asker hears of the failure; the queue only waits for its end. */
function ignoreHere(): null {
  return null
}
