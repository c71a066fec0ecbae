/** Returns the path of the first bigint, or null. Depth is bounded where the body is read. */
export function bigintPath(value: unknown, path: readonly PropertyKey[] = []): readonly PropertyKey[] | null {
  if (typeof value === 'bigint') return path
  if (typeof value !== 'object' || value === null) return null
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner !== 'bigint' && (typeof inner !== 'object' || inner === null)) continue
    const found = bigintPath(inner, [...path, Array.isArray(value) ? Number(key) : key])
    if (found !== null) return found
  }
  return null
}
