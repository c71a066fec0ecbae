/** At most so many at a time; the others wait in their order. */
export interface Turns {
  /** True when there is one free; it is the caller's until `done`. */
  takeNow(): boolean
  /** Ends when it is the caller's turn; rejects with the signal's reason. */
  wait(signal: AbortSignal): Promise<void>
  done(): void
  readonly waiting: number
}

export function createTurns(limit: number): Turns {
  let running = 0
  const queue = new Set<() => void>()
  return {
    takeNow() {
      if (running >= limit) return false
      running += 1
      return true
    },
    wait(signal) {
      return new Promise((resolve, reject) => {
        const begin = (): void => {
          signal.removeEventListener('abort', leave)
          resolve()
        }
        const leave = (): void => {
          queue.delete(begin)
          reject(signal.reason as Error)
        }
        if (signal.aborted) return leave()
        queue.add(begin)
        signal.addEventListener('abort', leave, { once: true })
      })
    },
    done() {
      const [next] = queue
      if (next === undefined) {
        running -= 1
        return
      }
      queue.delete(next)
      next()
    },
    get waiting() {
      return queue.size
    },
  }
}
