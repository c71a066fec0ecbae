import { isObject, objectOf, type JsonObject } from '../../text/json.ts'

const TYPES: ReadonlySet<unknown> = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'])
/** Keywords whose value is one schema, a list of schemas, or schemas by name. */
const ONE = [
  'items',
  'additionalProperties',
  'additionalItems',
  'contains',
  'propertyNames',
  'not',
  'if',
  'then',
  'else',
]
const MANY = ['anyOf', 'oneOf', 'allOf', 'prefixItems']
const NAMED = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']

/**
 * Returns whether a JSON Schema validator can compile the schema: its references resolve inside it, its patterns are
 * regular expressions, and its keywords have the right types. Implemented here, because compiling untrusted schemas
 * costs far more time than checking them.
 */
export function compiles(root: JsonObject): boolean {
  const seen = new Set<unknown>()
  const names = namesOf(root)

  function compilesAt(value: unknown): boolean {
    if (typeof value === 'boolean') return true
    if (!isObject(value)) return false
    if (seen.has(value)) return true
    seen.add(value)
    return isPlain(value) && refersInside(value) && [...childrenOf(value)].every(compilesAt)
  }

  function refersInside({ $ref, $dynamicRef }: JsonObject): boolean {
    return [$ref, $dynamicRef].every((ref) => {
      if (ref === undefined) return true
      if (typeof ref !== 'string') return false
      return ref === '#' || names.has(ref) || pointedAt(root, ref) !== null
    })
  }

  return compilesAt(root)
}

/** Returns what a reference within the document points at, or null. */
export function pointedAt(root: JsonObject, ref: string): JsonObject | null {
  if (!ref.startsWith('#/')) return null
  let current: unknown = root
  for (const step of ref.slice(2).split('/')) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
    current = Array.isArray(current) ? current[Number(key)] : objectOf(current)?.[key]
  }
  return objectOf(current)
}

/** Returns the references by which the schema's own IDs and anchors can be reached. */
function namesOf(root: JsonObject): ReadonlySet<string> {
  const names = new Set<string>()
  const pending: unknown[] = [root]
  while (pending.length > 0) {
    const schema = objectOf(pending.pop())
    if (schema === null) continue
    if (typeof schema['$id'] === 'string') names.add(schema['$id'])
    for (const anchor of [schema['$anchor'], schema['$dynamicAnchor']])
      if (typeof anchor === 'string') names.add(`#${anchor}`)
    pending.push(...childrenOf(schema))
  }
  return names
}

function* childrenOf(schema: JsonObject): Generator<unknown> {
  for (const keyword of ONE) {
    const value = schema[keyword]
    if (Array.isArray(value)) yield* value
    else if (value !== undefined) yield value
  }
  for (const keyword of MANY) if (Array.isArray(schema[keyword])) yield* schema[keyword]
  for (const keyword of NAMED) yield* Object.values(objectOf(schema[keyword]) ?? {})
}

function isPlain(schema: JsonObject): boolean {
  const { type, required, pattern, patternProperties } = schema
  const is = (value: unknown, check: (value: unknown) => boolean): boolean => value === undefined || check(value)
  return (
    is(type, (value) => [value].flat().length > 0 && [value].flat().every((one) => TYPES.has(one))) &&
    is(required, (value) => Array.isArray(value) && value.every((one) => typeof one === 'string')) &&
    is(schema['enum'], (value) => Array.isArray(value) && value.length > 0) &&
    is(pattern, isPattern) &&
    MANY.every((keyword) => is(schema[keyword], (value) => Array.isArray(value) && value.length > 0)) &&
    NAMED.every((keyword) => is(schema[keyword], isObject)) &&
    is(patternProperties, (value) => Object.keys(objectOf(value) ?? {}).every(isPattern)) &&
    [
      'minimum',
      'maximum',
      'exclusiveMinimum',
      'exclusiveMaximum',
      'multipleOf',
      'minLength',
      'maxLength',
      'minItems',
      'maxItems',
      'minProperties',
      'maxProperties',
    ].every((keyword) => is(schema[keyword], (value) => typeof value === 'number')) &&
    is(schema['format'], (value) => typeof value === 'string')
  )
}

function isPattern(value: unknown): boolean {
  if (typeof value !== 'string') return false
  try {
    return new RegExp(value, 'u').source !== ''
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return false
    throw thrown
  }
}
