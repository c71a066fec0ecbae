import { RunningSet } from './running-set.ts'

/** What is running, by key. Not a Map, for the reason given in running-set.ts: the one inside holds keys and numbers only. */
export class RunningMap<K extends string | number, V extends object> {
  readonly #places = new Map<K, number>()
  readonly #items = new RunningSet<V>()

  get size(): number {
    return this.#places.size
  }

  has(key: K): boolean {
    return this.#places.has(key)
  }

  get(key: K): V | undefined {
    const place = this.#places.get(key)
    return place === undefined ? undefined : this.#items.at(place)
  }

  set(key: K, item: V): void {
    this.delete(key)
    this.#places.set(key, this.#items.add(item))
  }

  delete(key: K): void {
    const place = this.#places.get(key)
    const item = place === undefined ? undefined : this.#items.at(place)
    if (place === undefined || item === undefined) return
    this.#items.remove(place, item)
    this.#places.delete(key)
  }

  /** In the order in which they were added. */
  entries(): [K, V][] {
    return [...this.#places].flatMap(([key, place]) => {
      const item = this.#items.at(place)
      return item === undefined ? [] : [[key, item] as [K, V]]
    })
  }

  /** Removes all, and returns them in the order in which they were added. */
  take(): [K, V][] {
    const all = this.entries()
    for (const [key] of all) this.delete(key)
    return all
  }
}
