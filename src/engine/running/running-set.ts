/**
 * What is running, such as calls. Not a Set: V8 replaces the table of a Set every few additions and deletions, and each old table
 * refers to the next. Once one of them is in the old generation, all that follow, with everything they ever held, stay in memory
 * until a full garbage collection.
 */
export class RunningSet<T extends object> implements Iterable<T> {
  readonly #items: (T | null)[] = []
  readonly #free: number[] = []

  get size(): number {
    return this.#items.length - this.#free.length
  }

  at(place: number): T | undefined {
    return this.#items[place] ?? undefined
  }

  /** Returns the item's place, which `remove` needs. */
  add(item: T): number {
    const place = this.#free.pop() ?? this.#items.length
    this.#items[place] = item
    return place
  }

  /** Does nothing if it was removed before. */
  remove(place: number, item: T): void {
    if (this.#items[place] !== item) return
    this.#items[place] = null
    this.#free.push(place)
  }

  /** Removes those that match, and returns them. */
  take(matches: (item: T) => boolean): T[] {
    const taken: T[] = []
    for (const [place, item] of this.#items.entries()) {
      if (item === null || !matches(item)) continue
      this.remove(place, item)
      taken.push(item)
    }
    return taken
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const item of this.#items) if (item !== null) yield item
  }
}
