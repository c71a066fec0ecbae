import { randomUUID } from 'node:crypto'
import type { Transport } from '../../contract/records.ts'
import type { TokenState } from '../../contract/request-details.ts'
import type { Clock } from '../clock.ts'
import type { RequestOpening } from '../log/request-log.ts'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FormerToken, Principal } from '../access/principal.ts'
import type { CallerOrigin } from './caller-address.ts'
import type { HttpLimits } from './http-limits.ts'
import { maskTokens } from '../text/token-format.ts'
import { LightAbort } from '../interruption.ts'
import { shownPath } from './request-target.ts'

/** One request and its response during processing. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly requestId: string
  /** Where the request comes from, also behind a trusted proxy. */
  readonly caller: CallerOrigin
  readonly limits: HttpLimits
  /** Path that is safe to show and log. */
  readonly shownPath: string
  /** User-Agent, truncated and with tokens masked. Null if missing. */
  readonly client: string | null
  /** Content-Length, or 0 if missing. */
  readonly bytesIn: number
  /** Aborted when the caller disconnects before the response is complete. */
  readonly gone: LightAbort
  /** Headers of every response to this request. */
  readonly headers: Record<string, string>
  /** Query without the question mark. */
  search: string
  params: Readonly<Record<string, string>>
  /** The principal, once authenticated. */
  principal: Principal | null
  /** Owner of the sent token, if it is no longer valid. */
  former: FormerToken | null
  /** State of the token, once it was checked. */
  tokenState: TokenState | null
  /** When the request arrived, on the monotonic clock. */
  readonly arrived: number
  /** Size of the body that was sent. */
  bytesOut: number
  /** True once a module that writes its own log rows has taken over. */
  handedOver: boolean
}

export function createExchange(
  request: IncomingMessage,
  response: ServerResponse,
  limits: HttpLimits,
  clock: Pick<Clock, 'now' | 'monotonic'>,
  caller: CallerOrigin,
): Exchange {
  const nowMs = clock.now()
  const gone = new LightAbort()
  response.once('close', () => {
    if (!response.writableFinished) gone.abort()
  })
  // A socket error also arrives as `close`, but without a listener it would end the process.
  response.on('error', () => gone.abort())
  const requestId = requestIdFrom(request.headers['x-request-id'], nowMs)
  const agent = request.headers['user-agent']
  const length = Number(request.headers['content-length'] ?? 0)
  return {
    request,
    response,
    requestId,
    caller,
    limits,
    shownPath: shownPath(request.url),
    client:
      agent === undefined || agent === ''
        ? null
        : maskTokens(agent.slice(0, 256).replace(/[^\x20-\x7e]/g, '?')).slice(0, 128),
    bytesIn: Number.isSafeInteger(length) ? length : 0,
    gone,
    headers: {
      'X-Request-Id': requestId,
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'Cross-Origin-Resource-Policy': 'same-origin',
    },
    search: '',
    params: {},
    principal: null,
    former: null,
    tokenState: null,
    arrived: clock.monotonic(),
    bytesOut: 0,
    handedOver: false,
  }
}

/** Returns the log row of a request that the HTTP server answers itself. */
export function rowOpening(exchange: Exchange, transport: Transport, method: string | undefined): RequestOpening {
  const { principal, former } = exchange
  return {
    request_id: exchange.requestId,
    transport,
    method: method ?? exchange.request.method ?? '',
    project: principal?.project.name ?? former?.project ?? null,
    token: principal?.name ?? former?.name ?? null,
    token_kind: principal?.kind ?? former?.kind ?? null,
    token_hash: principal?.hash ?? former?.hash ?? null,
    parent: principal?.parent ?? former?.parent ?? null,
    token_state: exchange.tokenState,
    token_prefix: former?.state === 'unknown' ? former.prefix : null,
    arrived: exchange.arrived,
    client: exchange.client,
    resource: exchange.shownPath,
  }
}

/** Returns the caller's request ID if it is safe for headers and logs, otherwise a new one. */
function requestIdFrom(header: string | string[] | undefined, nowMs: number): string {
  return typeof header === 'string' && /^[A-Za-z0-9._-]{1,128}$/.test(header) ? header : newRequestId(nowMs)
}

/**
 * Returns a UUID of version 7, which begins with its time. The log's index of random IDs would write to another page of the
 * file for each row.
 */
function newRequestId(nowMs: number): string {
  const time = Math.max(0, Math.trunc(nowMs)).toString(16).padStart(12, '0').slice(-12)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}
