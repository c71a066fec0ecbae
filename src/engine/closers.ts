/** Open resources, closed in reverse order. */
export interface Closers {
  add(close: () => void | Promise<void>): void
  /** Closes everything, even if something fails, then throws the first failure. Later calls return the same promise. */
  closeAll(): Promise<void>
}

export function createClosers(): Closers {
  const closers: (() => void | Promise<void>)[] = []
  let closed: Promise<void> | undefined

  async function closeAll(): Promise<void> {
    const failures: unknown[] = []
    for (const close of closers.toReversed()) {
      try {
        await close()
      } catch (thrown) {
        // Even with a full disk, for example, the log, the store and the lock must be released.
        failures.push(thrown)
      }
    }
    if (failures.length > 0) throw failures[0]
  }

  return {
    add: (close) => void closers.push(close),
    closeAll: () => (closed ??= closeAll()),
  }
}
