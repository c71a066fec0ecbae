/** What is open, to be closed in reverse order. */
export interface Closers {
  add(close: () => void | Promise<void>): void
  /** Closes everything, even if something can't be closed, and then throws the first failure. Closes once, however often it is called. */
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
        // If the disk is full, for example, the log, the store and the lock are released nevertheless.
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
