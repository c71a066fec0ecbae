import { invalidRequest } from '../../contract/errors.ts'
import type { LogView } from '../../contract/owner-api/views-api.ts'
import type { Store } from '../store/store.ts'

const MAX_ENTRIES = 100

/** A list of named entries that the owner saved, stored as one setting. */
export interface NamedSettings<T> {
  /** Sorted by name. */
  list(): T[]
  /** Replaces the entry with the same name. Throws INVALID_REQUEST if there are too many. */
  save(entry: T): void
  /** Throws INVALID_REQUEST if there is no such entry. */
  delete(name: string): void
}

/** `noun` names an entry in errors, such as "view". */
export function createNamedSettings<T extends { name: string }>(
  store: Store,
  setting: string,
  noun: string,
): NamedSettings<T> {
  const read = (): T[] => JSON.parse(store.read.setting(setting) ?? '[]') as T[]
  const write = (entries: readonly T[]): void => store.write.setSetting(setting, JSON.stringify(entries))
  const without = (name: string): T[] => read().filter((entry) => entry.name !== name)

  return {
    list: () => read().sort((one, other) => one.name.localeCompare(other.name)),
    save(entry) {
      const others = without(entry.name)
      if (others.length >= MAX_ENTRIES)
        throw invalidRequest(`There are ${MAX_ENTRIES} ${noun}s already. Delete one first.`, 'name')
      write([...others, entry])
    },
    delete(name) {
      const others = without(name)
      if (others.length === read().length) throw invalidRequest(`There is no ${noun} with this name.`, 'name')
      write(others)
    },
  }
}

/** The views of the log that the owner saved. */
export function logViews(store: Store): NamedSettings<LogView> {
  return createNamedSettings(store, 'log_views', 'view')
}
