/** Items that wait, in the order of their arrival within each key. */
export class FairQueue<T extends { readonly key: string }> {
  readonly #waiting = new Map<string, T[]>()

  get isEmpty(): boolean {
    return this.#waiting.size === 0
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const items of this.#waiting.values()) yield* items
  }

  add(item: T): void {
    const items = this.#waiting.get(item.key)
    if (items === undefined) this.#waiting.set(item.key, [item])
    else items.push(item)
  }

  addFirst(item: T): void {
    const items = this.#waiting.get(item.key)
    if (items === undefined) this.#waiting.set(item.key, [item])
    else items.unshift(item)
  }

  /** Takes the first item of the key with the fewest running items, among keys whose first item can run now. */
  take(canRun: (first: T) => boolean, runningOf: (key: string) => number): T | null {
    let next: string | null = null
    let fewest = Infinity
    for (const [key, [first]] of this.#waiting) {
      if (first === undefined || !canRun(first)) continue
      const running = this.#waiting.size === 1 ? 0 : runningOf(key)
      if (running >= fewest) continue
      next = key
      fewest = running
    }
    if (next === null) return null
    const items = this.#waiting.get(next)
    const item = items?.shift() ?? null
    // A key that was served moves to the end, so that keys with equally many running alternate.
    this.#waiting.delete(next)
    if (items !== undefined && items.length > 0) this.#waiting.set(next, items)
    return item
  }

  remove(item: T): boolean {
    const items = this.#waiting.get(item.key)
    const at = items?.indexOf(item) ?? -1
    if (items === undefined || at === -1) return false
    items.splice(at, 1)
    if (items.length === 0) this.#waiting.delete(item.key)
    return true
  }
}
