import type { Principal } from '../access/principal.ts'
import type { CallRequest } from '../calls/open-call.ts'
import type { RequestOpening } from '../log/request-log.ts'
import { cleanText } from '../text/clean-text.ts'

/** Who sent one MCP request, and how. Travels with the request, never with the server instance. */
export interface Caller {
  /** The principal with the grants of this moment; throws when its token ended or all is paused. */
  principal(): Principal
  /** The principal as it was when the client came: for the rows of what is refused. */
  identified: Principal
  requestId: string
  transport: 'mcp-http' | 'mcp-stdio'
  /** Aborted when the client goes away. */
  gone: AbortSignal
  /** Aborts `gone`, for a request that the client cancels. */
  cancel(): void
  bytesIn: number
  /** True once a tool has taken over: it writes the row. */
  handedOver: boolean
}

/** A call of this caller that reaches no connection, as the call path takes it. `signal` is aborted when the client goes away. */
export function callOf(
  caller: Caller,
  method: string,
  client: string | null,
  signal: AbortSignal = caller.gone,
): CallRequest {
  const { identified, requestId, transport, bytesIn } = caller
  return {
    principal: identified,
    origin: { requestId, transport, client, signal, bytesIn },
    method: cleanText(method, 64) || 'unknown',
    connection: null,
    resource: null,
  }
}

/** What the log row of a request of this caller starts from. */
export function rowOpening(
  caller: Caller,
  method: string,
  client: string | null,
  principal = caller.identified,
): RequestOpening {
  return {
    request_id: caller.requestId,
    transport: caller.transport,
    // A method name is the client's own text until it is known to be one of ours.
    method: cleanText(method, 64) || 'unknown',
    project: principal.project.name,
    token: principal.name,
    token_kind: principal.kind,
    parent: principal.parent,
    client,
  }
}

/** `name/version` of a client as it may be logged: printable, without anything that looks like a token, at most 100 characters. */
export function clientName(info: unknown): string | null {
  if (typeof info !== 'object' || info === null) return null
  const { name, version } = info as { name?: unknown; version?: unknown }
  if (typeof name !== 'string' || name === '') return null
  return cleanText(typeof version === 'string' && version !== '' ? `${name}/${version}` : name, 100)
}
