import { isObject, type JsonObject } from '../../../text/json.ts'

/** How much of each list and text is kept. */
interface Limits {
  items: number
  chars: number
}

/** Maximum text lengths to try, from no limit (only lists are cut) to a short sample. */
const TEXT_STEPS = [Infinity, 8000, 2000, 500, 100, 20]
const MAX_REFERENCES = 8

/**
 * Returns a value whose JSON has at most `maxChars` characters: lists and texts are shortened, keys are kept, so that
 * it still matches its schema. Returns undefined if the schema or the keys make that impossible.
 */
export function cutToFit(value: unknown, maxChars: number, schema: unknown): unknown {
  const root = isObject(schema) ? schema : {}
  if (jsonLength(value, root, root, { items: Infinity, chars: Infinity }, maxChars) <= maxChars) return value
  for (const chars of TEXT_STEPS) {
    const fits = (items: number): boolean => jsonLength(value, root, root, { items, chars }, maxChars) <= maxChars
    // An empty list says less than a list of shorter texts, so it is the last resort.
    const fewest = chars === TEXT_STEPS.at(-1) ? 0 : 1
    if (!fits(fewest)) continue
    let low = fewest
    let high = maxChars
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (fits(middle)) low = middle
      else high = middle - 1
    }
    return cut(value, root, root, { items: low, chars })
  }
  return undefined
}

/** Returns the length of the cut value's JSON, or any number above `available` if it is longer. */
function jsonLength(value: unknown, schema: JsonObject, root: JsonObject, limits: Limits, available: number): number {
  if (typeof value === 'string') return textLength(keptText(value, schema, root, limits))
  if (Array.isArray(value)) {
    const count = keptItems(value, schema, root, limits)
    let length = 2 + Math.max(0, count - 1)
    for (let index = 0; index < count && length <= available; index += 1)
      length += jsonLength(value[index], itemSchema(schema, root, index), root, limits, available - length)
    return length
  }
  if (isObject(value)) {
    // The opening brace. Each entry adds a comma or the closing brace.
    let length = 1
    for (const [key, inner] of Object.entries(value)) {
      if (inner === undefined) continue
      length += textLength(key) + 2
      if (length > available) return length
      length += jsonLength(inner, propertySchema(schema, root, key), root, limits, available - length)
    }
    return Math.max(2, length)
  }
  return String(value).length
}

function cut(value: unknown, schema: JsonObject, root: JsonObject, limits: Limits): unknown {
  if (typeof value === 'string') return keptText(value, schema, root, limits)
  if (Array.isArray(value))
    return value
      .slice(0, keptItems(value, schema, root, limits))
      .map((item: unknown, index) => cut(item, itemSchema(schema, root, index), root, limits))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, cut(inner, propertySchema(schema, root, key), root, limits)]),
  )
}

function keptText(text: string, schema: JsonObject, root: JsonObject, { chars }: Limits): string {
  if (text.length <= chars) return text
  const rules = rulesOf(schema, root)
  const isFixed = rules.some(
    ({ enum: values, const: constant, pattern, format }) =>
      values !== undefined || constant !== undefined || pattern !== undefined || format !== undefined,
  )
  if (isFixed) return text
  const shortest = Math.max(0, ...rules.map(({ minLength }) => (typeof minLength === 'number' ? minLength : 0)))
  // Doesn't split a surrogate pair.
  const end = Math.max(chars, shortest)
  return text.slice(0, /[\uD800-\uDBFF]/.test(text.charAt(end - 1)) ? end + 1 : end)
}

function keptItems(list: readonly unknown[], schema: JsonObject, root: JsonObject, { items }: Limits): number {
  if (list.length <= items) return list.length
  const rules = rulesOf(schema, root)
  if (rules.some((rule) => rule['contains'] !== undefined || rule['enum'] !== undefined || rule['const'] !== undefined))
    return list.length
  const fewest = Math.max(0, ...rules.map(({ minItems }) => (typeof minItems === 'number' ? minItems : 0)))
  return Math.min(list.length, Math.max(items, fewest))
}

/** Returns the schema and those it combines, because each of them can forbid a cut. */
function rulesOf(schema: JsonObject, root: JsonObject): JsonObject[] {
  // Each schema counts once, because schemas that refer to themselves would multiply.
  const found = new Set<JsonObject>()
  const pending = [schema]
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    const resolved = resolve(part, root)
    if (found.has(resolved)) continue
    found.add(resolved)
    for (const key of ['anyOf', 'oneOf', 'allOf']) {
      const parts = resolved[key]
      if (Array.isArray(parts)) pending.push(...parts.filter(isObject))
    }
  }
  return [...found]
}

function itemSchema(schema: JsonObject, root: JsonObject, index: number): JsonObject {
  return merged(
    rulesOf(schema, root).map(({ prefixItems, items }) =>
      Array.isArray(prefixItems) && index < prefixItems.length ? prefixItems[index] : items,
    ),
  )
}

function propertySchema(schema: JsonObject, root: JsonObject, key: string): JsonObject {
  return merged(
    rulesOf(schema, root).map(({ properties, additionalProperties }) =>
      isObject(properties) && Object.hasOwn(properties, key) ? properties[key] : additionalProperties,
    ),
  )
}

function merged(schemas: readonly unknown[]): JsonObject {
  const found = schemas.filter(isObject)
  return found.length === 1 ? (found[0] as JsonObject) : found.length === 0 ? {} : { allOf: found }
}

function resolve(schema: JsonObject, root: JsonObject): JsonObject {
  let found = schema
  for (let hops = 0; hops < MAX_REFERENCES; hops += 1) {
    const reference = found['$ref']
    if (typeof reference !== 'string' || !reference.startsWith('#/')) return found
    let target: unknown = root
    for (const part of reference.slice(2).split('/'))
      target = isObject(target) ? target[part.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined
    if (!isObject(target)) return found
    found = target
  }
  return found
}

/** Returns the length of a text in JSON. Escapes are counted only if there may be some. */
function textLength(text: string): number {
  // eslint-disable-next-line no-control-regex -- control characters are what JSON escapes.
  return /["\\\u0000-\u001F\uD800-\uDFFF]/.test(text) ? JSON.stringify(text).length : text.length + 2
}
