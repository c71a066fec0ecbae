import { isObject, objectOf, type JsonObject } from '../../text/json.ts'
import { compiles, pointedAt } from './compilable-schema.ts'
import {
  isFlag,
  isNumber,
  isText,
  repairedItems,
  validAnnotations,
  withRepaired,
  withValidCommon,
  withValidFields,
  type FieldCheck,
} from './valid-parts.ts'

/** A definition that every client can read, or a phrase that completes "the tool …" and says why there is none. */
export type Repaired = { definition: JsonObject; problem: null } | { definition: null; problem: string }

const HINTS: Record<string, FieldCheck> = {
  title: isText,
  readOnlyHint: isFlag,
  destructiveHint: isFlag,
  idempotentHint: isFlag,
  openWorldHint: isFlag,
}
const TASK_SUPPORT: readonly unknown[] = ['required', 'optional', 'forbidden']
const COMBINERS = ['anyOf', 'oneOf', 'allOf'] as const
const MAX_REFS = 20

/**
 * Returns the tool in a form that matches the protocol's schema, with the same meaning. One malformed tool would
 * otherwise make the whole project's list unreadable for clients.
 */
export function validTool(tool: JsonObject): Repaired {
  const input = validRoot(tool['inputSchema'] ?? {})
  if (input === null) return { definition: null, problem: "has an input schema that isn't an object" }
  // Tasks need additional requests, which no client can send through Hallpass.
  if (objectOf(tool['execution'])?.['taskSupport'] === 'required')
    return { definition: null, problem: 'runs only as a task' }
  let definition = withRepaired(withValidCommon(tool), 'annotations', (value) =>
    isObject(value) ? withValidFields(value, HINTS) : undefined,
  )
  definition = withRepaired(definition, 'execution', (value) =>
    isObject(value) ? withValidFields(value, { taskSupport: (support) => TASK_SUPPORT.includes(support) }) : undefined,
  )
  // Clients compile output schemas when they list tools, and one that doesn't compile fails the whole list. Results are
  // readable without their schema, and only object schemas can match a result.
  definition = withRepaired(definition, 'outputSchema', (value) => compilableRoot(value))
  if (input !== tool['inputSchema']) definition = { ...definition, inputSchema: input }
  return { definition, problem: null }
}

function compilableRoot(value: unknown): JsonObject | undefined {
  const root = validRoot(value)
  return root !== null && compiles(root) ? root : undefined
}

/** Returns an object schema as the protocol requires it at the root, or null for other schemas. */
function validRoot(schema: unknown): JsonObject | null {
  if (!isObject(schema)) return null
  if (!acceptsObjects(schema, schema)) return null
  let valid = schema['type'] === 'object' ? schema : { ...schema, type: 'object' }
  valid = withRepaired(valid, 'properties', (value) => (isObject(value) ? validProperties(value) : undefined))
  return withRepaired(valid, 'required', (value) => {
    if (!Array.isArray(value)) return undefined
    return value.every(isText) ? value : value.filter(isText)
  })
}

function validProperties(properties: JsonObject): JsonObject {
  const broken = Object.entries(properties).filter(([, schema]) => !isObject(schema))
  if (broken.length === 0) return properties
  // A boolean is a schema too, but clients don't expect one here. Anything else has no meaning, so any value is
  // allowed.
  return {
    ...properties,
    ...Object.fromEntries(broken.map(([name, schema]) => [name, schema === false ? { not: {} } : {}])),
  }
}

/** Returns whether an object can match the schema, judging by its types. */
function acceptsObjects(
  schema: JsonObject,
  root: JsonObject,
  refs = 0,
  judged = new Map<JsonObject, boolean>(),
): boolean {
  const known = judged.get(schema)
  if (known !== undefined) return known
  // Each schema is judged once, because references in combined schemas multiply. One that contains itself adds no rule.
  judged.set(schema, true)
  const accepts = fitsObjects(schema, root, refs, judged)
  judged.set(schema, accepts)
  return accepts
}

function fitsObjects(schema: JsonObject, root: JsonObject, refs: number, judged: Map<JsonObject, boolean>): boolean {
  const { type, $ref } = schema
  if (type !== undefined && type !== null && type !== 'object' && !(Array.isArray(type) && type.includes('object')))
    return false
  if (typeof $ref === 'string' && refs < MAX_REFS) {
    const target = pointedAt(root, $ref)
    if (target !== null && !acceptsObjects(target, root, refs + 1, judged)) return false
  }
  return COMBINERS.every((keyword) => {
    const branches = schema[keyword]
    if (!Array.isArray(branches)) return true
    const fits = (branch: unknown): boolean =>
      !isObject(branch) || refs >= MAX_REFS || acceptsObjects(branch, root, refs + 1, judged)
    return keyword === 'allOf' ? branches.every(fits) : branches.some(fits)
  })
}

export function validResource(resource: JsonObject): Repaired {
  const { uri } = resource
  return { definition: withValidName(withValidResourceFields(resource), String(uri)), problem: null }
}

export function validResourceTemplate(template: JsonObject): Repaired {
  return {
    definition: withValidName(withValidResourceFields(template), String(template['uriTemplate'])),
    problem: null,
  }
}

export function withValidResourceFields(resource: JsonObject): JsonObject {
  const valid = withValidFields(withValidCommon(resource), { mimeType: isText, size: isNumber })
  return withRepaired(valid, 'annotations', validAnnotations)
}

function withValidName(resource: JsonObject, fallback: string): JsonObject {
  return typeof resource['name'] === 'string' ? resource : { ...resource, name: fallback }
}

export function validPrompt(prompt: JsonObject): Repaired {
  const { arguments: given } = prompt
  const valid = withValidCommon(prompt)
  if (given === undefined) return { definition: valid, problem: null }
  if (!Array.isArray(given)) {
    const { arguments: _none, ...rest } = valid
    return given === null
      ? { definition: rest, problem: null }
      : { definition: null, problem: "has arguments that aren't a list" }
  }
  const args = repairedItems(given, (value) => {
    const argument = objectOf(value)
    if (argument === null || typeof argument['name'] !== 'string') return null
    return withValidFields(argument, { title: isText, description: isText, required: isFlag })
  })
  if (args.length < given.length) return { definition: null, problem: 'has an argument without a name' }
  return { definition: args === given ? valid : { ...valid, arguments: args }, problem: null }
}
