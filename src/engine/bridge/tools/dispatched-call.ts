import type { ServerContext } from '@modelcontextprotocol/server'
import type { AnySignal } from '../../interruption.ts'
import { objectOf, type JsonObject } from '../../text/json.ts'
import type { Caller } from '../caller.ts'
import type { ClientLink } from '../upstream/serve-upstream.ts'

/** A `tools/call` request before it is dispatched. */
export interface DispatchedCall {
  name: string
  params: JsonObject
  caller: Caller
  client: string | null
  context: ServerContext
  clientLink: ClientLink
  /** Aborted when the client cancels or disconnects. */
  signal: AnySignal
}

export function argumentsOf({ params }: Pick<DispatchedCall, 'params'>): JsonObject {
  const { arguments: args } = params
  return typeof args === 'object' && args !== null ? (args as JsonObject) : {}
}

/**
 * Returns the arguments without those that models set to null for "not given": optional ones whose schema doesn't allow
 * null.
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

/** A schema without a type, or with a reference, may allow null. */
function mayBeNull(schema: unknown): boolean {
  const { type, enum: values, const: constant, anyOf, oneOf } = objectOf(schema) ?? {}
  if (Array.isArray(values)) return values.includes(null)
  if (constant !== undefined) return constant === null
  if (type !== undefined) return Array.isArray(type) ? type.includes('null') : type === 'null'
  const choices = anyOf ?? oneOf
  return !Array.isArray(choices) || choices.some(mayBeNull)
}
