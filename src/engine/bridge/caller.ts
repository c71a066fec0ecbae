import type { Principal } from '../access/principal.ts'
import type { CallRequest } from '../calls/running-call.ts'
import type { RequestOpening } from '../log/request-log.ts'
import type { AnySignal } from '../interruption.ts'
import { cleanText } from '../text/clean-text.ts'

/**
 * Sender and transport of one MCP request. Passed along with the request, because server instances can be shared by
 * tokens.
 */
export interface Caller {
  /** Returns the principal with its current grants. Throws if its token ended or all access is paused. */
  principal(): Principal
  /** The principal as of when the client connected, for the log rows of rejected requests. */
  identified: Principal
  requestId: string
  transport: 'mcp-http' | 'mcp-stdio'
  /** Aborted when the client disconnects. */
  gone: AnySignal
  /** Aborts `gone` for a request that the client cancels. */
  cancel(): void
  bytesIn: number
  /** True once a tool handles the request and writes its log row. */
  handedOver: boolean
}

/** Describes a call of this caller that needs no connection. `signal` is aborted when the client disconnects. */
export function callOf(
  caller: Caller,
  method: string,
  client: string | null,
  signal: AnySignal = caller.gone,
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

/** Returns the initial log row of a request of this caller. */
export function rowOpening(
  caller: Caller,
  method: string,
  client: string | null,
  principal = caller.identified,
): RequestOpening {
  return {
    request_id: caller.requestId,
    transport: caller.transport,
    // Until a method is known to be one of ours, its name is text from the client.
    method: cleanText(method, 64) || 'unknown',
    project: principal.project.name,
    token: principal.name,
    token_kind: principal.kind,
    parent: principal.parent,
    client,
  }
}

/**
 * Returns a client's `name/version` for the log: printable, without anything that looks like a token, at most 100
 * characters.
 */
export function clientName(info: unknown): string | null {
  if (typeof info !== 'object' || info === null) return null
  const { name, version } = info as { name?: unknown; version?: unknown }
  if (typeof name !== 'string' || name === '') return null
  return cleanText(typeof version === 'string' && version !== '' ? `${name}/${version}` : name, 100)
}
