export interface Follower<T> {
  readonly iterator: AsyncIteratorObject<T, undefined, void>
  /** Call it when there may be something to take. */
  wake(): void
  /** Ends the input. Remaining items can still be taken; then the iterator ends or throws `failure`. */
  end(failure?: Error): void
}

/**
 * An async iterator that is fed from outside. Unlike a generator, its `return` also ends a waiting `next` immediately;
 * a reader that leaves a quiet source would otherwise hang until the next event. `take` returns undefined if there is
 * nothing.
 */
export function createFollower<T>({ take, onEnd }: { take: () => T | undefined; onEnd: () => void }): Follower<T> {
  type Result = IteratorResult<T, undefined>
  const waiting: { resolve(result: Result): void; reject(failure: Error): void }[] = []
  let state: 'open' | 'ending' | 'over' = 'open'
  let failure: Error | undefined

  function finish(): void {
    if (state === 'over') return
    state = 'over'
    onEnd()
  }

  function settle(): void {
    while (waiting.length > 0) {
      const value = state === 'over' ? undefined : take()
      if (value === undefined && state === 'open') return
      const next = waiting.shift()
      if (value !== undefined) {
        next?.resolve({ done: false, value })
        continue
      }
      finish()
      if (failure === undefined) next?.resolve({ done: true, value: undefined })
      else next?.reject(failure)
      failure = undefined
    }
  }

  function leave(): Promise<Result> {
    failure = undefined
    finish()
    settle()
    return Promise.resolve({ done: true, value: undefined })
  }

  return {
    wake: settle,
    end(thrown) {
      if (state !== 'open') return
      state = 'ending'
      failure = thrown
      settle()
    },
    iterator: {
      next() {
        return new Promise<Result>((resolve, reject) => {
          waiting.push({ resolve, reject })
          settle()
        })
      },
      return: leave,
      [Symbol.asyncIterator]() {
        return this
      },
      async [Symbol.asyncDispose]() {
        await leave()
      },
    },
  }
}
