import { visible } from '../../../text/visible-text.ts'
import { isObject, type JsonObject } from '../../../text/json.ts'
import { pointedAt } from '../document/read-document.ts'
import { convertBounds, withType } from './schema-types.ts'
import { createSubtypes, isDiscriminated } from './subtypes.ts'

/** Limits for one schema and for the whole document: YAML aliases can make a small file expand without end. */
const MAX_SCHEMA_NODES = 20_000
const MAX_DOCUMENT_NODES = 3_000_000
const MAX_DEPTH = 64
const MAX_NESTED_REFERENCES = 100
const MAX_TEXT_LENGTH = 2_000
/** A schema without references is inlined up to this length. Longer ones are shared. */
const MAX_INLINE_LENGTH = 300

const COPIED = [
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

/** Converts a document's schemas to JSON Schema that clients and model providers accept. */
export interface SchemaConverter {
  /** References in the result are `#/$defs/NAME`, with NAME in `schemas`. */
  convert(schema: unknown): JsonObject
  /** Every schema that a converted one refers to. */
  readonly schemas: Record<string, JsonObject>
}

export function createSchemaConverter(root: JsonObject): SchemaConverter {
  const schemas: Record<string, JsonObject> = {}
  const names = new Map<string, string>()
  const inline = new Map<string, JsonObject>()
  const postponed: [name: string, ref: string, target: JsonObject][] = []
  const subtypes = createSubtypes(root)
  let nesting = 0
  let documentNodes = 0
  let nodes = 0
  let depth = 0

  function convert(schema: unknown): JsonObject {
    nodes += 1
    documentNodes += 1
    if (!isObject(schema) || nodes > MAX_SCHEMA_NODES || documentNodes > MAX_DOCUMENT_NODES || depth > MAX_DEPTH)
      return {}
    depth += 1
    const converted = convertObject(schema)
    depth -= 1
    return converted
  }

  function convertObject(schema: JsonObject): JsonObject {
    const ref = schema['$ref']
    if (typeof ref === 'string') return convertReference(ref, schema)
    const converted: JsonObject = {}
    for (const key of COPIED) if (schema[key] !== undefined) converted[key] = schema[key]
    for (const key of ['title', 'description'] as const) {
      const text = schema[key]
      if (typeof text === 'string' && text !== '') converted[key] = shownText(text)
    }
    if (Array.isArray(schema['enum'])) converted['enum'] = schema['enum']
    convertBounds(schema, converted)
    if (isObject(schema['properties'])) convertProperties(schema, schema['properties'], converted)
    else if (Array.isArray(schema['required']))
      converted['required'] = schema['required'].filter((name) => typeof name === 'string')
    if (schema['items'] !== undefined) converted['items'] = convert(schema['items'])
    if (Array.isArray(schema['allOf']) && schema['allOf'].length > 0)
      converted['allOf'] = schema['allOf'].map((one) => convertPart(one))
    for (const key of ['anyOf', 'oneOf', 'prefixItems'] as const) {
      if (Array.isArray(schema[key]) && schema[key].length > 0) converted[key] = schema[key].map((one) => convert(one))
    }
    if (isObject(schema['not'])) converted['not'] = convert(schema['not'])
    const others = schema['additionalProperties']
    if (typeof others === 'boolean') converted['additionalProperties'] = others
    else if (isObject(others))
      converted['additionalProperties'] = Object.keys(others).length === 0 ? true : convert(others)
    return withType(schema, converted)
  }

  function convertProperties(schema: JsonObject, properties: JsonObject, converted: JsonObject): void {
    const shown: JsonObject = {}
    for (const [name, value] of Object.entries(properties)) {
      if (isReadOnly(root, value)) continue
      // Uses defineProperty, because a property can be named __proto__.
      Object.defineProperty(shown, name, {
        value: convert(value),
        enumerable: true,
        configurable: true,
        writable: true,
      })
    }
    converted['properties'] = shown
    const required = Array.isArray(schema['required'])
      ? schema['required'].filter(
          (name): name is string => typeof name === 'string' && !isReadOnly(root, properties[name]),
        )
      : []
    if (required.length > 0) converted['required'] = required
  }

  /** A subtype extends the parent's own schema, not the union of subtypes that represents the parent elsewhere. */
  function convertPart(schema: unknown): JsonObject {
    const ref = isObject(schema) ? schema['$ref'] : undefined
    const target = typeof ref === 'string' ? pointedAt(root, ref) : null
    return isObject(target) && isDiscriminated(target)
      ? convert({ ...target, discriminator: undefined })
      : convert(schema)
  }

  /** A schema that lists its subtypes only through a discriminator becomes their union. */
  function convertDiscriminated(ref: string, target: JsonObject): JsonObject {
    const parent = convert({ ...target, discriminator: undefined })
    const found = subtypes.of(ref).map((one) => convert({ $ref: one }))
    return found.length === 0 ? parent : { anyOf: [...found, parent] }
  }

  function convertReference(ref: string, schema: JsonObject): JsonObject {
    const own = typeof schema['description'] === 'string' ? { description: shownText(schema['description']) } : {}
    const target = pointedAt(root, ref)
    if (!isObject(target)) return own
    const name = nameOf(ref, target)
    const short = inline.get(name)
    return short === undefined ? { $ref: `#/$defs/${name}`, ...own } : { ...short, ...own }
  }

  /** Returns the name of a referenced schema, which is converted once for the whole document. */
  function nameOf(ref: string, target: JsonObject): string {
    const known = names.get(ref)
    if (known !== undefined) return known
    const name = unusedName(ref)
    names.set(ref, name)
    schemas[name] = {}
    // A long chain of references would overflow the stack.
    if (nesting >= MAX_NESTED_REFERENCES) postponed.push([name, ref, target])
    else convertShared(name, ref, target)
    return name
  }

  function convertShared(name: string, ref: string, target: JsonObject): void {
    nesting += 1
    const outer = { nodes, depth }
    nodes = 0
    depth = 0
    const converted = isDiscriminated(target) ? convertDiscriminated(ref, target) : convert(target)
    nodes = outer.nodes
    depth = outer.depth
    nesting -= 1
    schemas[name] = converted
    const text = JSON.stringify(converted)
    if (text.length <= MAX_INLINE_LENGTH && !text.includes('"$ref"')) inline.set(name, converted)
  }

  function unusedName(ref: string): string {
    const plain =
      (ref.split('/').at(-1) ?? '')
        .replaceAll(/[^A-Za-z0-9_-]/g, '_')
        .replace(/^_+/, '')
        .slice(-60) || 'schema'
    let name = plain
    for (let count = 2; Object.hasOwn(schemas, name); count += 1) name = `${plain}_${count}`
    return name
  }

  return {
    convert(schema) {
      nodes = 0
      const converted = convert(schema)
      for (let next = postponed.pop(); next !== undefined; next = postponed.pop()) convertShared(...next)
      return converted
    },
    schemas,
  }
}

function shownText(text: string): string {
  return visible(text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)}…` : text)
}

/** The server sets these, so callers can't. */
function isReadOnly(root: JsonObject, value: unknown): boolean {
  if (!isObject(value)) return false
  if (value['readOnly'] === true) return true
  const target = typeof value['$ref'] === 'string' ? pointedAt(root, value['$ref']) : null
  return isObject(target) && target['readOnly'] === true
}
