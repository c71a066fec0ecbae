import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Principal } from '../../access/principal.ts'
import type { RequestLog } from '../../log/request-log.ts'
import { clientName, openingOf, type Caller } from '../caller.ts'
import { authInfoOf } from './exchange-transport.ts'
import { isRequest, methodOf } from './json-rpc.ts'
import type { LeasePool } from './lease-pool.ts'
import { openMethodRow } from '../tools/method-row.ts'

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

/** The protocol era without sessions (2026-07-28) over HTTP: one server a request, with what its client has upstream. */
export function createRequestExchange(parts: {
  log: RequestLog
  pool: LeasePool
  onError: (error: unknown) => void
}): RequestExchange {
  const { log, pool, onError } = parts

  /** A notification has no row, but one that the SDK turns away at its door is a refusal. */
  function logTurnedAway(caller: Caller, body: unknown): void {
    const opening = openingOf(caller, methodOf(body), null)
    log.refused(opening, { status: 400, code: 'INVALID_REQUEST', bytes_in: caller.bytesIn })
  }

  return {
    async handle(request, response, caller, principal, body) {
      const info = isRequest(body) ? metaOf(body)?.[CLIENT_INFO] : undefined
      const closeRow = isRequest(body) ? openMethodRow(log, caller, body, clientName(info)) : () => {}
      const web = webRequest(request, caller.gone)
      const { client, handler, enter } = pool.of(principal, info)
      const leave = enter()
      let stop = (): void => {}
      try {
        let sent = body
        if (isRequest(body) && body.method === 'subscriptions/listen') {
          const listening = client.listen(caller.principal(), body.params ?? {})
          stop = listening.stop
          sent = { ...body, params: listening.params }
          await listening.started
        }
        const answer = await handler.fetch(web, { authInfo: authInfoOf(caller), parsedBody: sent })
        if (!answer.ok && !isRequest(body)) logTurnedAway(caller, body)
        const passed = await pass(answer, response, caller)
        if (!caller.handedOver) closeRow(caller.gone.aborted ? null : messageOf(answer, passed), passed?.byteLength)
      } catch (thrown) {
        closeRow({ error: 'internal' })
        onError(thrown)
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

/** Headers and method only: the parsed body is handed over beside it, so it is not printed and parsed a second time. */
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

/** An error may come with status 200 too: only the message tells. A stream has told the client itself. */
function messageOf(answer: Response, sent: Buffer | null): object {
  if (!answer.ok) return { error: answer.status }
  return sent === null || sent.byteLength === 0 ? {} : (JSON.parse(sent.toString()) as object)
}

const METHOD_NOT_FOUND = -32601
const LONGEST_ERROR = 4096

/** The protocol wants 404 for a method that nobody knows, also where an upstream had to be asked. */
function isUnknownMethod(body: Buffer): boolean {
  if (body.byteLength > LONGEST_ERROR || !body.includes(String(METHOD_NOT_FOUND))) return false
  const message = JSON.parse(body.toString()) as { error?: { code?: unknown } }
  return message.error?.code === METHOD_NOT_FOUND
}

/** Answers the body, or null when it was a stream. */
async function pass(answer: Response, response: ServerResponse, caller: Caller): Promise<Buffer | null> {
  if (response.destroyed) return null
  answer.headers.forEach((value, name) => response.setHeader(name, value))
  const type = answer.headers.get('content-type') ?? ''
  if (answer.body === null || !type.includes('text/event-stream')) {
    const body = Buffer.from(await answer.arrayBuffer())
    if (answer.status !== 202) response.setHeader('Content-Length', body.byteLength)
    response.writeHead(isUnknownMethod(body) ? 404 : answer.status)
    response.end(body)
    return body
  }
  response.writeHead(answer.status)
  const reader = answer.body.getReader()
  const cancel = (): void => void reader.cancel().catch(() => undefined)
  caller.gone.addEventListener('abort', cancel, { once: true })
  for (;;) {
    const { done, value } = await reader.read()
    if (done || response.destroyed) break
    if (!response.write(value))
      await new Promise<void>((resolve) => {
        response.once('drain', resolve)
        response.once('close', resolve)
      })
  }
  response.end()
  return null
}
