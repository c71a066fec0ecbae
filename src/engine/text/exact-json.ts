/** Matches sixteen digits in a row, the fewest that a whole number beyond 2^53 has. */
const LONG_NUMBER = /\d{16}/
const INTEGER = /^-?\d+$/

/**
 * Parses JSON. A whole number that a JavaScript number would round, because it is beyond 2^53, becomes a bigint. Throws a
 * SyntaxError for text that isn't JSON.
 */
export function parseExactJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  if (!LONG_NUMBER.test(text)) return value
  try {
    // Most texts with sixteen digits in a row contain no rounded number, and the second parse takes ten times as long.
    if (!hasRounded(value)) return value
    return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
      const source = context?.source
      if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value
      return INTEGER.test(source) ? BigInt(source) : value
    })
  } catch (thrown) {
    // Both walk the value by recursion.
    if (thrown instanceof RangeError) throw new SyntaxError('The JSON is nested too deeply.', { cause: thrown })
    throw thrown
  }
}

/** Returns whether a parsed number may be a rounded whole number. */
export function mayBeRounded(value: number): boolean {
  // Also infinity, which is what 400 digits become.
  return Math.abs(value) > Number.MAX_SAFE_INTEGER
}

function hasRounded(value: unknown): boolean {
  if (typeof value === 'number') return mayBeRounded(value)
  if (typeof value !== 'object' || value === null) return false
  for (const inner of Object.values(value)) if (hasRounded(inner)) return true
  return false
}

/** Python's json module and pandas write these, which no other JSON parser reads. */
const NOT_A_NUMBER = /[:[,]\s*-?(?:NaN|Infinity)\s*[,\]}]/

/** Returns whether a text that isn't JSON has NaN or Infinity as a value. */
export function hasNotANumber(text: string): boolean {
  return NOT_A_NUMBER.test(text)
}

/** Serializes JSON with bigints as exact whole numbers. */
export function exactJson(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch (thrown) {
    // Bigints are rare, and a replacer would slow down all other output.
    if (!(thrown instanceof TypeError)) throw thrown
    return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? rawInteger(inner) : inner))
  }
}

/**
 * Returns the value with bigints replaced by what plain `JSON.stringify` writes exactly, for libraries that serialize
 * on their own. `text` is the value as JSON, if already known.
 */
export function serializable<T>(value: T, text: string = exactJson(value)): T {
  return LONG_NUMBER.test(text) ? (replaceBigints(value) as T) : value
}

function replaceBigints(value: unknown): unknown {
  if (typeof value === 'bigint') return rawInteger(value)
  if (Array.isArray(value)) {
    const items = value.map(replaceBigints)
    return items.some((item, index) => item !== value[index]) ? items : value
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, inner]): [string, unknown, boolean] => {
    const replaced = replaceBigints(inner)
    return [key, replaced, replaced !== inner]
  })
  return entries.some(([, , isReplaced]) => isReplaced)
    ? Object.fromEntries(entries.map(([key, inner]) => [key, inner]))
    : value
}

/** TypeScript's own types don't know `JSON.rawJSON` yet. */
function rawInteger(value: bigint): unknown {
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(String(value))
}
