import type { IncomingMessage, ServerResponse } from 'node:http'
import { asHallpassError, HallpassError } from '../../../../contract/errors.ts'
import type { Principal } from '../../../access/principal.ts'
import type { CallOpener } from '../../../calls/open-call.ts'
import { abortSignalOf } from '../../../interruption.ts'
import type { RequestLog } from '../../../log/request-log.ts'
import { clientName, rowOpening, type Caller } from '../../caller.ts'
import { authInfoOf } from '../sessions/exchange-transport.ts'
import { isRequest, methodOf } from '../json-rpc.ts'
import type { LeasePool } from './lease-pool.ts'
import { passResponse } from './pass-response.ts'
import { openMethodRow } from '../../tools/method-row.ts'

const CLIENT_INFO = 'io.modelcontextprotocol/clientInfo'

export interface RequestExchange {
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    caller: Caller,
    principal: Principal,
    body: unknown,
  ): Promise<void>
  close(): Promise<void>
}

/**
 * The protocol without sessions (2026-07-28) over HTTP: one server per request, with the client's upstream sessions.
 */
export function createRequestExchange(parts: {
  opener: CallOpener
  log: RequestLog
  pool: LeasePool
  onError: (error: unknown) => void
}): RequestExchange {
  const { log, pool, onError } = parts

  /** Notifications have no log row unless the SDK rejects them. */
  function logTurnedAway(caller: Caller, body: unknown): void {
    const opening = rowOpening(caller, methodOf(body), null)
    log.rejected(opening, { status: 400, code: 'INVALID_REQUEST', bytes_in: caller.bytesIn })
  }

  return {
    async handle(request, response, caller, principal, body) {
      const info = isRequest(body) ? metaOf(body)?.[CLIENT_INFO] : undefined
      const closeRow = isRequest(body) ? openMethodRow(parts, caller, body, clientName(info)) : () => {}
      const web = webRequest(request, abortSignalOf(caller.gone))
      let leave = (): void => {}
      let stop = (): void => {}
      try {
        const { client, handler, enter } = pool.of(principal, info)
        leave = enter()
        let sent = body
        if (isRequest(body) && body.method === 'subscriptions/listen') {
          const listening = client.listen(caller.principal(), body.params ?? {})
          stop = listening.stop
          sent = { ...body, params: listening.params }
          await listening.started
        }
        const answer = await handler.fetch(web, { authInfo: authInfoOf(caller), parsedBody: sent })
        if (!answer.ok && !isRequest(body)) logTurnedAway(caller, body)
        const passed = await passResponse(answer, response, abortSignalOf(caller.gone))
        if (!caller.handedOver) closeRow(caller.gone.aborted ? null : messageOf(answer, passed), passed?.byteLength)
      } catch (thrown) {
        closeRow(asHallpassError(thrown, caller.requestId))
        if (!(thrown instanceof HallpassError)) onError(thrown)
        throw thrown
      } finally {
        stop()
        leave()
      }
    },
    close: () => pool.close(),
  }
}

function metaOf(body: { params?: Record<string, unknown> }): Record<string, unknown> | undefined {
  const meta = body.params?.['_meta']
  return typeof meta === 'object' && meta !== null ? (meta as Record<string, unknown>) : undefined
}

/**
 * Contains only headers and method. The parsed body is passed separately, so that it isn't serialized and parsed again.
 */
function webRequest(request: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers()
  for (const name of ['accept', 'content-type', 'mcp-protocol-version', 'mcp-method', 'mcp-name', 'mcp-session-id']) {
    const value = request.headers[name]
    if (typeof value === 'string') headers.set(name, value)
  }
  for (const [name, value] of Object.entries(request.headers)) {
    if (name.startsWith('mcp-param-') && typeof value === 'string') headers.set(name, value)
  }
  return new Request('http://localhost/mcp', { method: request.method ?? 'POST', headers, signal })
}

/** Errors can have status 200, so the message decides. A stream has already sent it to the client. */
function messageOf(answer: Response, sent: Buffer | null): object {
  if (!answer.ok) return { error: answer.status }
  return sent === null || sent.byteLength === 0 ? {} : (JSON.parse(sent.toString()) as object)
}
