import type { ServerContext } from '@modelcontextprotocol/server'
import { objectOf, type JsonObject } from '../../text/json.ts'
import type { Caller } from '../caller.ts'
import type { ClientLink } from '../upstream/serve-upstream.ts'

/** A `tools/call` on its way to whatever carries it out. */
export interface DispatchedCall {
  name: string
  params: JsonObject
  caller: Caller
  client: string | null
  context: ServerContext
  clientLink: ClientLink
  /** Aborted when the client cancels or goes away. */
  signal: AbortSignal
}

export function argumentsOf({ params }: Pick<DispatchedCall, 'params'>): JsonObject {
  const { arguments: args } = params
  return typeof args === 'object' && args !== null ? (args as JsonObject) : {}
}

/**
 * Returns the arguments without those that are null, which models write for "not given": where the schema makes them optional and
 * does not say that they may be null.
 */
export function givenArguments(args: JsonObject, inputSchema: unknown): JsonObject {
  const { properties, required } = objectOf(inputSchema) ?? {}
  const isMeant = (name: string): boolean =>
    (Array.isArray(required) && required.includes(name)) || mayBeNull(objectOf(properties)?.[name])
  const entries = Object.entries(args)
  return entries.every(([name, value]) => value !== null || isMeant(name))
    ? args
    : Object.fromEntries(entries.filter(([name, value]) => value !== null || isMeant(name)))
}

/** A schema that says nothing of types, or refers to another, may allow null. */
function mayBeNull(schema: unknown): boolean {
  const { type, enum: values, const: constant, anyOf, oneOf } = objectOf(schema) ?? {}
  if (Array.isArray(values)) return values.includes(null)
  if (constant !== undefined) return constant === null
  if (type !== undefined) return Array.isArray(type) ? type.includes('null') : type === 'null'
  const choices = anyOf ?? oneOf
  return !Array.isArray(choices) || choices.some(mayBeNull)
}
