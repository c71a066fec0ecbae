import type { ServerContext } from '@modelcontextprotocol/server'
import type { JsonObject } from '../../text/json.ts'
import type { Caller } from '../caller.ts'
import type { ClientWay } from '../upstream/serve-upstream.ts'

/** A `tools/call` on its way to whatever carries it out. */
export interface DispatchedCall {
  name: string
  params: JsonObject
  caller: Caller
  client: string | null
  context: ServerContext
  way: ClientWay
  /** Aborted when the client cancels or goes away. */
  signal: AbortSignal
}

export function argumentsOf({ params }: Pick<DispatchedCall, 'params'>): JsonObject {
  const { arguments: args } = params
  return typeof args === 'object' && args !== null ? (args as JsonObject) : {}
}
