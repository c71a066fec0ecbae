import { closest, distance } from 'fastest-levenshtein'

/** Returns the name that was probably meant, or null if none is close. */
export function closestName(word: string, names: readonly string[]): string | null {
  if (names.length === 0) return null
  const found = closest(word, names)
  return distance(word, found) <= Math.max(2, Math.floor(word.length / 3)) ? found : null
}
