import { parseExactJson } from './exact-json.ts'

export type JsonObject = Record<string, unknown>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Returns the value if it is an object, else null. */
export function objectOf(value: unknown): JsonObject | null {
  return isObject(value) ? value : null
}

/** Returns the object in a JSON text, whole numbers beyond 2^53 as bigint, or null for any other value and for text that isn't JSON. */
export function parseJsonObject(text: string): JsonObject | null {
  try {
    return objectOf(parseExactJson(text))
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null
    throw thrown
  }
}

/** Deeper than any schema or record. Code that recurses into deeper values could overflow the stack. */
const MAX_DEPTH = 100

/** Returns whether a value is nested more than `maxDepth` levels deep. */
export function isTooDeep(value: unknown, maxDepth = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (maxDepth === 0) return true
  for (const inner of Object.values(value)) if (isTooDeep(inner, maxDepth - 1)) return true
  return false
}
