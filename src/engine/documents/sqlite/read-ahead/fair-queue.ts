/** Beyond this many keys, those without items are removed. Removing and adding one for each call would cost more. */
const MAX_KEYS = 100

interface Line<T> {
  items: T[]
  /** Of keys with equally many running items, the one with the lowest turn goes first. */
  turn: number
}

/** Items that wait, in the order of their arrival within each key. */
export class FairQueue<T extends { readonly key: string }> {
  readonly #lines = new Map<string, Line<T>>()
  #size = 0
  #turns = 0

  get isEmpty(): boolean {
    return this.#size === 0
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const { items } of this.#lines.values()) yield* items
  }

  add(item: T): void {
    this.#lineOf(item.key).items.push(item)
    this.#size += 1
  }

  addFirst(item: T): void {
    this.#lineOf(item.key).items.unshift(item)
    this.#size += 1
  }

  /** Takes the first item of the key with the fewest running items, among keys whose first item can run now. */
  take(canRun: (first: T) => boolean, runningOf: (key: string) => number): T | null {
    let next: Line<T> | null = null
    let fewest = Infinity
    for (const [key, line] of this.#lines) {
      const [first] = line.items
      if (first === undefined || !canRun(first)) continue
      const running = this.#size === line.items.length ? 0 : runningOf(key)
      if (running > fewest || (next !== null && running === fewest && line.turn > next.turn)) continue
      next = line
      fewest = running
    }
    const item = next?.items.shift()
    if (next === null || item === undefined) return null
    next.turn = this.#nextTurn()
    this.#size -= 1
    return item
  }

  remove(item: T): boolean {
    const items = this.#lines.get(item.key)?.items ?? []
    const at = items.indexOf(item)
    if (at === -1) return false
    items.splice(at, 1)
    this.#size -= 1
    return true
  }

  #lineOf(key: string): Line<T> {
    let line = this.#lines.get(key)
    if (line === undefined) {
      if (this.#lines.size >= MAX_KEYS)
        for (const [one, { items }] of this.#lines) if (items.length === 0) this.#lines.delete(one)
      line = { items: [], turn: 0 }
      this.#lines.set(key, line)
    }
    if (line.items.length === 0) line.turn = this.#nextTurn()
    return line
  }

  #nextTurn(): number {
    this.#turns += 1
    return this.#turns
  }
}
