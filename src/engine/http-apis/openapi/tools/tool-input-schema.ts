import { isObject, type JsonObject } from '../../../text/json.ts'
import type { Operation } from '../document/operations.ts'

/** Maximum size of one tool's input schema, in characters of JSON, because models read it completely. */
const MAX_TOOL_LENGTH = 38_000
/** Maximum lengths of descriptions, tried in order until the schema fits. 0 removes them. */
const TEXT_LENGTHS = [Number.POSITIVE_INFINITY, 400, 160, 80, 0] as const

/** Builds the input schemas of one document's tools. Shared schemas remain shared, as objects and under `$defs`. */
export interface ToolSchemas {
  inputSchema(operation: Operation): JsonObject
}

export function createToolSchemas(schemas: Readonly<Record<string, JsonObject>>): ToolSchemas {
  const references = new Map<string, readonly string[]>()
  const variants = new Map<string, { schema: JsonObject; length: number }>()

  function referencesOf(name: string): readonly string[] {
    let found = references.get(name)
    if (found === undefined) references.set(name, (found = referencedNames(schemas[name])))
    return found
  }

  /** Returns a schema with shorter descriptions, and its length as JSON. */
  function variant(name: string, level: number): { schema: JsonObject; length: number } {
    const key = `${level} ${name}`
    let found = variants.get(key)
    if (found === undefined) {
      const schema = withShorterTexts(schemas[name] ?? {}, TEXT_LENGTHS[level] ?? 0) as JsonObject
      variants.set(key, (found = { schema, length: JSON.stringify(schema).length + name.length + 4 }))
    }
    return found
  }

  /** Returns every schema reachable from these, nearest first. */
  function closureOf(start: readonly string[]): string[] {
    const found = new Set(start.filter((name) => Object.hasOwn(schemas, name)))
    for (const name of found) for (const next of referencesOf(name)) if (Object.hasOwn(schemas, next)) found.add(next)
    return [...found]
  }

  /** Returns the schemas reachable from an operation's arguments, which don't depend on the length of texts. */
  function namesFor(operation: Operation): string[] {
    const start = fieldsOf(operation).flatMap(({ schema }) => {
      const name = referencedName(schema)
      return name === null ? referencedNames(schema) : [...referencesOf(name)]
    })
    return closureOf(start)
  }

  function assemble(operation: Operation, names: readonly string[], level: number) {
    const properties: JsonObject = {}
    for (const { property, schema } of fieldsOf(operation)) properties[property] = opened(schema, level)
    const shared = names.reduce((sum, name) => sum + variant(name, level).length, 0)
    return { properties, length: JSON.stringify(properties).length + shared }
  }

  /** Inlines an argument's own schema. Schemas that it references stay under `$defs`. */
  function opened(schema: JsonObject, level: number): JsonObject {
    const name = referencedName(schema)
    const own = withShorterTexts(schema, TEXT_LENGTHS[level] ?? 0) as JsonObject
    if (name === null || !Object.hasOwn(schemas, name)) return own
    const { $ref: _ref, ...rest } = own
    return { ...variant(name, level).schema, ...rest }
  }

  return {
    inputSchema(operation) {
      const names = namesFor(operation)
      let level = 0
      let { properties, length } = assemble(operation, names, level)
      while (length > MAX_TOOL_LENGTH && level < TEXT_LENGTHS.length - 1) {
        level += 1
        ;({ properties, length } = assemble(operation, names, level))
      }
      let defs = Object.fromEntries(names.map((name) => [name, variant(name, level).schema]))
      if (length > MAX_TOOL_LENGTH) {
        const included = nearestThatFit(
          names,
          MAX_TOOL_LENGTH - JSON.stringify(properties).length,
          (name) => variant(name, level).length,
        )
        defs = Object.fromEntries(
          [...included].map((name) => [name, withOpenReferences(defs[name], included) as JsonObject]),
        )
        properties = withOpenReferences(properties, included) as JsonObject
      }
      const required = fieldsOf(operation)
        .filter((field) => field.required)
        .map((field) => field.property)
      return {
        type: 'object',
        properties,
        ...(required.length === 0 ? {} : { required }),
        additionalProperties: false,
        ...(Object.keys(defs).length === 0 ? {} : { $defs: defs }),
      }
    },
  }
}

function fieldsOf({
  parameters,
  body,
}: Operation): readonly { property: string; schema: JsonObject; required: boolean }[] {
  if (body === null) return parameters
  return [...parameters, body, ...(body.typeArgument === null ? [] : [body.typeArgument])]
}

function nearestThatFit(names: readonly string[], budget: number, lengthOf: (name: string) => number): Set<string> {
  const included = new Set<string>()
  let left = budget
  for (const name of names) {
    left -= lengthOf(name)
    if (left < 0) break
    included.add(name)
  }
  return included
}

function referencedName(schema: unknown): string | null {
  const ref = isObject(schema) ? schema['$ref'] : undefined
  return typeof ref === 'string' && ref.startsWith('#/$defs/') ? ref.slice('#/$defs/'.length) : null
}

function referencedNames(value: unknown, found: string[] = []): string[] {
  const name = referencedName(value)
  if (name !== null) found.push(name)
  if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) referencedNames(inner, found)
  return found
}

/** Shortens texts of schemas only: a property can be named description. */
function withShorterTexts(value: unknown, longest: number, isMap = false): unknown {
  if (longest === Number.POSITIVE_INFINITY || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((one) => withShorterTexts(one, longest))
  const entries = Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    if (!isMap && (key === 'description' || key === 'title') && typeof inner === 'string') {
      if (longest === 0 || (key === 'title' && longest < 400)) return []
      return [[key, inner.length > longest ? `${inner.slice(0, longest)}…` : inner]]
    }
    const isData = !isMap && (key === 'default' || key === 'const' || key === 'enum')
    return [[key, isData ? inner : withShorterTexts(inner, longest, !isMap && key === 'properties')]]
  })
  return Object.fromEntries(entries)
}

/** A reference that doesn't fit becomes a value of any shape, which the server still checks. */
function withOpenReferences(value: unknown, included: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((one) => withOpenReferences(one, included))
  if (!isObject(value)) return value
  const name = referencedName(value)
  if (name !== null && !included.has(name)) return { description: `${name}, as the API documents it` }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withOpenReferences(inner, included)]))
}
