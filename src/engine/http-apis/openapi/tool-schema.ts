import { visible } from '../../text/visible-text.ts'
import { isObject, type JsonObject } from '../../text/json.ts'
import { pointedAt } from './read-document.ts'

/** Past so many nodes, shapes that stand elsewhere are no longer copied in but kept once, under $defs; past the second, left open. */
const INLINE_NODES = 3_000
const MOST_NODES = 20_000
const DEEPEST = 64
const LONGEST_TEXT = 2_000

const PLAIN = [
  'format',
  'const',
  'default',
  'pattern',
  'minimum',
  'maximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
] as const

/** Turns the schemas of one operation into JSON Schema as clients and model providers take it. */
export interface SchemaConverter {
  convert(schema: unknown): JsonObject
  /** Shapes that the schemas refer to as `#/$defs/…`; empty when there are none. */
  readonly defs: JsonObject
}

export function createSchemaConverter(root: JsonObject): SchemaConverter {
  const defs: JsonObject = {}
  const names = new Map<string, string>()
  let nodes = 0
  let depth = 0

  function convert(schema: unknown, within: readonly string[]): JsonObject {
    nodes += 1
    if (!isObject(schema) || nodes > MOST_NODES || depth > DEEPEST) return {}
    depth += 1
    const made = converted(schema, within)
    depth -= 1
    return made
  }

  function converted(schema: JsonObject, within: readonly string[]): JsonObject {
    const ref = schema['$ref']
    if (typeof ref === 'string') return reference(ref, schema, within)
    const made: JsonObject = {}
    for (const key of PLAIN) if (schema[key] !== undefined) made[key] = schema[key]
    for (const key of ['title', 'description'] as const) {
      const text = schema[key]
      if (typeof text === 'string' && text !== '')
        made[key] = visible(text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text)
    }
    if (Array.isArray(schema['enum'])) made['enum'] = schema['enum']
    bounds(schema, made)
    if (isObject(schema['properties'])) fields(schema, schema['properties'], made, within)
    else if (Array.isArray(schema['required']))
      made['required'] = schema['required'].filter((name) => typeof name === 'string')
    if (schema['items'] !== undefined) made['items'] = convert(schema['items'], within)
    for (const key of ['allOf', 'anyOf', 'oneOf', 'prefixItems'] as const) {
      if (Array.isArray(schema[key]) && schema[key].length > 0)
        made[key] = schema[key].map((one) => convert(one, within))
    }
    if (isObject(schema['not'])) made['not'] = convert(schema['not'], within)
    const others = schema['additionalProperties']
    if (typeof others === 'boolean') made['additionalProperties'] = others
    else if (isObject(others))
      made['additionalProperties'] = Object.keys(others).length === 0 ? true : convert(others, within)
    return typed(schema, made)
  }

  function fields(schema: JsonObject, properties: JsonObject, made: JsonObject, within: readonly string[]): void {
    const kept = Object.entries(properties).filter(([, value]) => !(isObject(value) && value['readOnly'] === true))
    const shown: JsonObject = {}
    for (const [name, value] of kept)
      Object.defineProperty(shown, name, {
        value: convert(value, within),
        enumerable: true,
        configurable: true,
        writable: true,
      })
    made['properties'] = shown
    const required = Array.isArray(schema['required'])
      ? schema['required'].filter((name): name is string => typeof name === 'string' && !isReadOnly(properties[name]))
      : []
    if (required.length > 0) made['required'] = required
  }

  function reference(ref: string, schema: JsonObject, within: readonly string[]): JsonObject {
    const { description } = schema
    const said = typeof description === 'string' ? { description: visible(description.slice(0, LONGEST_TEXT)) } : {}
    const target = pointedAt(root, ref)
    if (!isObject(target)) return said
    if (!within.includes(ref) && nodes < INLINE_NODES) return { ...convert(target, [...within, ref]), ...said }
    let name = names.get(ref)
    if (name === undefined) {
      name = nameFor(ref)
      names.set(ref, name)
      defs[name] = {}
      defs[name] = convert(target, [ref])
    }
    return { $ref: `#/$defs/${name}`, ...said }
  }

  function nameFor(ref: string): string {
    const plain =
      (ref.split('/').at(-1) ?? '')
        .replaceAll(/[^A-Za-z0-9_-]/g, '_')
        .replace(/^_+/, '')
        .slice(0, 60) || 'shape'
    let name = plain
    for (let count = 2; Object.hasOwn(defs, name); count += 1) name = `${plain}_${count}`
    return name
  }

  return { convert: (schema) => convert(schema, []), defs }
}

function isReadOnly(value: unknown): boolean {
  return isObject(value) && value['readOnly'] === true
}

/** 3.0 says by a flag what 3.1 says by a number. */
function bounds(schema: JsonObject, made: JsonObject): void {
  for (const [bound, strict] of [
    ['minimum', 'exclusiveMinimum'],
    ['maximum', 'exclusiveMaximum'],
  ] as const) {
    const value = schema[strict]
    if (typeof value === 'number') made[strict] = value
    if (value !== true || typeof schema[bound] !== 'number') continue
    made[strict] = schema[bound]
    delete made[bound]
  }
}

/** No list of types: not every model provider takes one. `nullable` becomes what it means. */
function typed(schema: JsonObject, made: JsonObject): JsonObject {
  const { type } = schema
  const types = Array.isArray(type)
    ? type.filter((one) => typeof one === 'string')
    : typeof type === 'string'
      ? [type]
      : []
  const nullable = schema['nullable'] === true || (types.length > 1 && types.includes('null'))
  const rest = types.filter((one) => one !== 'null' || types.length === 1)
  const [only] = rest
  if (rest.length <= 1 && !nullable) return only === undefined ? made : { type: only, ...made }
  const { title, description, default: preset, ...shape } = made
  const options =
    rest.length === 0
      ? [shape]
      : rest.map((one) => ({ type: one, ...(rest.length === 1 ? shape : applicable(shape, one)) }))
  const union = nullable ? [...options, { type: 'null' }] : options
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(preset === undefined ? {} : { default: preset }),
    anyOf: union,
  }
}

const OF_TYPE: Record<string, readonly string[]> = {
  object: ['properties', 'required', 'additionalProperties', 'minProperties', 'maxProperties'],
  array: ['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems'],
  string: ['minLength', 'maxLength', 'pattern', 'format'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'format'],
}

function applicable(shape: JsonObject, type: string): JsonObject {
  const family = type === 'integer' ? 'number' : type
  const ofOthers = Object.entries(OF_TYPE)
    .filter(([name]) => name !== family)
    .flatMap(([, keys]) => keys)
    .filter((key) => OF_TYPE[family]?.includes(key) !== true)
  return Object.fromEntries(Object.entries(shape).filter(([key]) => !ofOthers.includes(key)))
}
