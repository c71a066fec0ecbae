/** Values for at most `max` keys. Adding another drops the oldest. */
interface Remembered<T> {
  add(key: string, value: T): void
  has(key: string): boolean
  get(key: string): T | null
}

const MAX_REMEMBERED = 10_000

export function createRemembered<T>(max = MAX_REMEMBERED): Remembered<T> {
  const known = new Map<string, T>()
  return {
    has: (key) => known.has(key),
    get: (key) => known.get(key) ?? null,
    add(key, value) {
      known.set(key, value)
      if (known.size <= max) return
      for (const oldest of known.keys()) {
        known.delete(oldest)
        break
      }
    },
  }
}
