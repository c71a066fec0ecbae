/** Returns " (did you mean …?)" with the names nearest to one that doesn't exist, or "". */
export function closeMatches(wanted: string, names: string[]): string {
  const target = wanted.slice(0, 100).toLowerCase()
  const near = names
    .map((name) => ({ name, distance: distance(target, name.slice(0, 100).toLowerCase()) }))
    .filter((entry) => entry.distance <= Math.max(1, Math.floor(target.length / 3)))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map((entry) => JSON.stringify(entry.name))
  return near.length === 0 ? '' : ` (did you mean ${near.join(' or ')}?)`
}

function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    previous = row
  }
  return previous[b.length] ?? 0
}
