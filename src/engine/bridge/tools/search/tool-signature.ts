type Schema = Record<string, unknown>

const MAX_ENUM = 6
const MAX_PROPERTIES = 8
const MAX_SIGNATURE = 240
const MAX_NESTING = 6

/**
 * Returns a tool in one line, such as `files__read_text_file(path: string, head?: number): {content: string}`. Required arguments
 * come first, objects are spelled out one level deep, and an enum of more than six values is a plain string.
 */
export function toolSignature(name: string, inputSchema: unknown, outputSchema: unknown): string {
  const root = asSchema(inputSchema)
  const result = outputSchema === undefined ? '' : `: ${resultType(asSchema(outputSchema))}`
  const fields = fieldsOf(root, root, 1)
  const maxLength = MAX_SIGNATURE - name.length - result.length
  return `${name}(${withinLength(fields, maxLength)})${result}`
}

function withinLength(fields: readonly string[], maxLength: number): string {
  let text = ''
  for (const [position, field] of fields.entries()) {
    const next = position === 0 ? field : `${text}, ${field}`
    if (next.length > maxLength && position > 0) return `${text}, …`
    text = next
  }
  return text
}

/** A schema without properties is omitted, because every tool returns some object. */
function resultType(schema: Schema): string {
  return typeOf(schema, schema, 1)
}

function fieldsOf(schema: Schema, root: Schema, depth: number): string[] {
  const required = new Set(Array.isArray(schema['required']) ? (schema['required'] as unknown[]) : [])
  const properties = Object.entries(asSchema(schema['properties'])).toSorted(
    ([one], [other]) => Number(required.has(other)) - Number(required.has(one)),
  )
  return properties.map(
    ([name, property]) => `${name}${required.has(name) ? '' : '?'}: ${typeOf(asSchema(property), root, depth)}`,
  )
}

/** `depth` says how many levels of objects are still spelled out; `nesting` ends schemas that refer to themselves. */
function typeOf(given: Schema, root: Schema, depth: number, nesting = 0): string {
  if (nesting > MAX_NESTING) return 'any'
  const schema = resolved(given, root)
  const { enum: values, const: constant, type } = schema
  if (constant !== undefined) return JSON.stringify(constant)
  if (Array.isArray(values) && values.length > 0 && values.length <= MAX_ENUM)
    return values.map((value) => JSON.stringify(value)).join(' | ')
  const choices = schema['anyOf'] ?? schema['oneOf']
  if (Array.isArray(choices))
    return unionOf(choices.map((choice) => typeOf(asSchema(choice), root, depth, nesting + 1)))
  if (Array.isArray(type))
    return unionOf(type.map((each) => typeOf({ ...schema, type: each, enum: undefined }, root, depth, nesting + 1)))
  switch (type) {
    case 'integer':
      return 'number'
    case 'array': {
      const item = typeOf(asSchema(schema['items']), root, depth, nesting + 1)
      return item.includes(' | ') ? `(${item})[]` : `${item}[]`
    }
    case 'object':
    case undefined:
      return objectType(schema, root, depth)
    default:
      return String(type)
  }
}

function objectType(schema: Schema, root: Schema, depth: number): string {
  const isEmpty = Object.keys(asSchema(schema['properties'])).length === 0
  if (isEmpty || depth <= 0) return isEmpty && schema['type'] === undefined ? 'any' : 'object'
  const fields = fieldsOf(schema, root, depth - 1)
  return `{${fields.slice(0, MAX_PROPERTIES).join(', ')}${fields.length > MAX_PROPERTIES ? ', …' : ''}}`
}

function unionOf(types: readonly string[]): string {
  return [...new Set(types)].join(' | ')
}

/** Follows a reference into the schema's own definitions, once. */
function resolved(schema: Schema, root: Schema): Schema {
  const reference = schema['$ref']
  if (typeof reference !== 'string' || !reference.startsWith('#/')) return schema
  let found: unknown = root
  for (const part of reference.slice(2).split('/'))
    found = asSchema(found)[part.replaceAll('~1', '/').replaceAll('~0', '~')]
  return asSchema(found)
}

function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {}
}
