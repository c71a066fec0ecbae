/**
 * Returns JSON in which whole numbers beyond 2^53 keep all their digits. Such a number is a BigInt in memory: a JavaScript number would be rounded
 * to the ID of another record.
 */
export function exactJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? rawJson(String(inner)) : inner))
}

/** Parses JSON and returns whole numbers beyond 2^53 as BigInt. Throws a SyntaxError for text that isn't JSON. */
export function parseExactJson(text: string): unknown {
  // Reviving is several times slower, and needed only if some number has that many digits.
  if (!/\d{16}/.test(text)) return JSON.parse(text)
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    const source = context?.source
    if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value
    return /^-?\d+$/.test(source) ? BigInt(source) : value
  })
}

/** The types of TypeScript's library don't have it yet. */
function rawJson(text: string): unknown {
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text)
}
