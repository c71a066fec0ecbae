/** Limits concurrent work and shares the slots between keys, such as tokens. */
export interface Turns {
  /** Returns whether a slot was free. It belongs to the caller until `done`. */
  takeNow(key?: string): boolean
  /** Resolves once the caller has a slot. Rejects with the signal's reason. */
  wait(signal: AbortSignal, key?: string): Promise<void>
  /** Releases a slot. `key` is the one it was acquired with. */
  done(key?: string): void
  /** Runs the work in its own slot. */
  run<T>(work: () => Promise<T>, signal?: AbortSignal, key?: string): Promise<T>
  /** Resolves once nothing is running or waiting. */
  idle(): Promise<void>
  readonly waiting: number
}

/** Up to this many keys stay in the map without a slot, because deleting and adding one for each call costs more. */
const MAX_KEYS = 1000
const NOBODY = ''
const NEVER = new AbortController().signal

/**
 * The key with the fewest slots goes first, and within a key the earliest caller. With a `reserve`, no single key can
 * use the last slots, so that hanging requests of one key can't lock out the others.
 */
export function createTurns(limit: number, { reserve = 0 }: { reserve?: number } = {}): Turns {
  const maxPerKey = Math.max(1, limit - reserve)
  const running = new Map<string, number>()
  const queues = new Map<string, Set<() => void>>()
  let taken = 0
  let waiting = 0
  let onIdle: (() => void)[] = []

  function runningOf(key: string): number {
    return running.get(key) ?? 0
  }

  function isFull(key: string): boolean {
    return key !== NOBODY && runningOf(key) >= maxPerKey
  }

  function takeNow(key = NOBODY): boolean {
    if (taken >= limit || isFull(key)) return false
    taken += 1
    running.set(key, runningOf(key) + 1)
    return true
  }

  /** Starts the next caller if a slot is free. */
  function startNext(): void {
    let next: string | null = null
    for (const key of queues.keys()) {
      if (isFull(key)) continue
      if (next === null || runningOf(key) < runningOf(next)) next = key
    }
    if (next === null || !takeNow(next)) return
    const queue = queues.get(next)
    const [start] = queue ?? []
    // A key that was served moves to the end, so that keys with equally many slots alternate.
    queues.delete(next)
    if (start === undefined || queue === undefined) return
    queue.delete(start)
    if (queue.size > 0) queues.set(next, queue)
    waiting -= 1
    start()
  }

  function wait(signal: AbortSignal, key = NOBODY): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error)
      if (!queues.has(key) && takeNow(key)) return resolve()
      const queue = queues.get(key) ?? new Set()
      const start = (): void => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = (): void => {
        queue.delete(start)
        if (queue.size === 0) queues.delete(key)
        waiting -= 1
        reject(signal.reason as Error)
      }
      queue.add(start)
      queues.set(key, queue)
      waiting += 1
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  function done(key = NOBODY): void {
    taken -= 1
    const left = Math.max(0, runningOf(key) - 1)
    if (left === 0 && running.size > MAX_KEYS) running.delete(key)
    else running.set(key, left)
    startNext()
    if (taken > 0 || waiting > 0) return
    for (const resolve of onIdle) resolve()
    onIdle = []
  }

  return {
    takeNow,
    wait,
    done,
    async run(work, signal = NEVER, key = NOBODY) {
      if (!takeNow(key)) await wait(signal, key)
      try {
        return await work()
      } finally {
        done(key)
      }
    },
    idle() {
      return taken === 0 && waiting === 0 ? Promise.resolve() : new Promise((resolve) => onIdle.push(resolve))
    },
    get waiting() {
      return waiting
    },
  }
}
