import type { JsonObject } from '../../../text/json.ts'

/** OpenAPI 3.0 uses a flag where 3.1 uses a number. */
export function convertBounds(schema: JsonObject, converted: JsonObject): void {
  for (const [bound, strict] of [
    ['minimum', 'exclusiveMinimum'],
    ['maximum', 'exclusiveMaximum'],
  ] as const) {
    const value = schema[strict]
    if (typeof value === 'number') converted[strict] = value
    if (value !== true || typeof schema[bound] !== 'number') continue
    converted[strict] = schema[bound]
    delete converted[bound]
  }
}

/** Converts a list of types, and `nullable`, to a union, because not every model provider accepts lists of types. */
export function withType(schema: JsonObject, converted: JsonObject): JsonObject {
  const { type } = schema
  const types = Array.isArray(type)
    ? type.filter((one) => typeof one === 'string')
    : typeof type === 'string'
      ? [type]
      : []
  const isNullable = schema['nullable'] === true || (types.length > 1 && types.includes('null'))
  const rest = types.filter((one) => one !== 'null' || types.length === 1)
  const [only] = rest
  if (rest.length <= 1 && !isNullable) return only === undefined ? converted : { type: only, ...converted }
  const { title, description, default: preset, ...shape } = converted
  const options =
    rest.length === 0
      ? [shape]
      : rest.map((one) => ({ type: one, ...(rest.length === 1 ? shape : applicable(shape, one)) }))
  const union = isNullable ? [...options, { type: 'null' }] : options
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
