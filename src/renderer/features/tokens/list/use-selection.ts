import { useState } from 'react'

/** Names of the selected tokens. They stay selected while a filter hides them. */
export interface TokenSelection {
  readonly names: readonly string[]
  has(name: string): boolean
  toggle(name: string): void
  add(names: readonly string[]): void
  set(names: readonly string[]): void
}

export function useSelection(): TokenSelection {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  return {
    names: [...chosen],
    has: (name) => chosen.has(name),
    toggle: (name) =>
      setChosen((before) => new Set(before.has(name) ? [...before].filter((one) => one !== name) : [...before, name])),
    add: (names) => setChosen((before) => new Set([...before, ...names])),
    set: (names) => setChosen(new Set(names)),
  }
}
