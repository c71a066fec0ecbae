interface Named {
  name: string
  project: string | null
}

/** Returns what has every word of the text in its name or project: exact names first, then names that begin with it. */
export function rankNames<T extends Named>(all: readonly T[], text: string): T[] {
  const sought = text.trim().toLowerCase()
  const words = sought.split(/\s+/)
  return all
    .flatMap((one) => {
      const name = one.name.toLowerCase()
      const whole = `${name} ${one.project?.toLowerCase() ?? ''}`
      return words.every((word) => whole.includes(word)) ? [{ one, name, rank: rankOf(name, sought) }] : []
    })
    .sort((first, second) => first.rank - second.rank || first.name.localeCompare(second.name))
    .map(({ one }) => one)
}

function rankOf(name: string, sought: string): number {
  if (name === sought) return 0
  if (name.startsWith(sought)) return 1
  return name.includes(sought) ? 2 : 3
}
