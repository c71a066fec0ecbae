import { exactJson } from '../../text/exact-json.ts'
import { isObject, objectOf, type JsonObject } from '../../text/json.ts'
import { pointedAt } from './compilable-schema.ts'

/** Schemas of strangers can need exponential time, so the number of comparisons is limited. */
const MAX_STEPS = 200_000
const MAX_DEPTH = 300

/**
 * Returns whether the value matches the parts of a JSON Schema that describe a tool's result. Patterns, formats and
 * conditions aren't checked, because an upstream's pattern could block Hallpass. Implemented here, because validators have
 * no limit on time.
 */
export function matchesSchema(value: unknown, root: JsonObject): boolean {
  let steps = 0
  let depth = 0

  function matches(one: unknown, schema: unknown): boolean {
    if (typeof schema === 'boolean') return schema
    if (!isObject(schema)) return true
    steps += 1
    if (steps > MAX_STEPS || depth === MAX_DEPTH) return false
    depth += 1
    const isMatch = matchesSchemaObject(one, schema)
    depth -= 1
    return isMatch
  }

  function matchesSchemaObject(one: unknown, schema: JsonObject): boolean {
    const { $ref } = schema
    if (typeof $ref === 'string') {
      const target = $ref === '#' ? root : pointedAt(root, $ref)
      if (target === null || !matches(one, target)) return false
    }
    return hasType(one, schema) && isAllowed(one, schema) && matchesParts(one, schema) && matchesContent(one, schema)
  }

  function matchesParts(one: unknown, { allOf, anyOf, oneOf, not }: JsonObject): boolean {
    const count = (schemas: readonly unknown[]): number => schemas.filter((schema) => matches(one, schema)).length
    return (
      (!Array.isArray(allOf) || allOf.every((schema) => matches(one, schema))) &&
      (!Array.isArray(anyOf) || anyOf.some((schema) => matches(one, schema))) &&
      (!Array.isArray(oneOf) || count(oneOf) === 1) &&
      (not === undefined || !matches(one, not))
    )
  }

  function matchesContent(one: unknown, schema: JsonObject): boolean {
    if (Array.isArray(one)) {
      const first = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : []
      return (
        isWithin(one.length, schema['minItems'], schema['maxItems']) &&
        one.every((item, index) => matches(item, index < first.length ? first[index] : (schema['items'] ?? true)))
      )
    }
    if (!isObject(one)) return true
    const properties = objectOf(schema['properties']) ?? {}
    const { required, additionalProperties = true, patternProperties } = schema
    const others = isObject(patternProperties) ? true : additionalProperties
    return (
      (!Array.isArray(required) || required.every((key) => Object.hasOwn(one, String(key)))) &&
      Object.entries(one).every(([key, inner]) =>
        matches(inner, Object.hasOwn(properties, key) ? properties[key] : others),
      )
    )
  }

  return matches(value, root)
}

function hasType(value: unknown, { type }: JsonObject): boolean {
  if (type === undefined) return true
  return [type].flat().some((one) => {
    switch (one) {
      case 'null':
        return value === null
      case 'array':
        return Array.isArray(value)
      case 'object':
        return isObject(value)
      case 'integer':
        return typeof value === 'bigint' || Number.isInteger(value)
      case 'number':
        return typeof value === 'bigint' || typeof value === 'number'
      default:
        return typeof value === one
    }
  })
}

function isAllowed(value: unknown, schema: JsonObject): boolean {
  const { enum: values, const: only, minimum, maximum, minLength, maxLength } = schema
  const equals = (other: unknown): boolean => exactJson(other) === text
  const text = values === undefined && only === undefined ? '' : exactJson(value)
  if (Array.isArray(values) && !values.some(equals)) return false
  if (only !== undefined && !equals(only)) return false
  if (typeof value === 'number') return isWithin(value, minimum, maximum)
  return typeof value !== 'string' || isWithin([...value].length, minLength, maxLength)
}

function isWithin(count: number, min: unknown, max: unknown): boolean {
  return !(typeof min === 'number' && count < min) && !(typeof max === 'number' && count > max)
}
