import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestId, Server, ServerContext } from '@modelcontextprotocol/server'
import { asHallpassError, HallpassError } from '../../../contract/errors.ts'
import { LightAbort, type AnySignal } from '../../interruption.ts'
import { McpUpstreamError } from '../../mcp-upstreams/mcp-upstreams.ts'
import type { RequestLog } from '../../log/request-log.ts'
import { exactJson } from '../../text/exact-json.ts'
import { isObject } from '../../text/json.ts'
import type { Bridge } from '../bridge.ts'
import { rowOpening, type Caller } from '../caller.ts'
import { openMethodRow } from '../tools/method-row.ts'
import type { OnInternalError } from '../tools/tool-calls.ts'
import type { ResultTexts } from '../upstream/serve-upstream.ts'
import type { ClientServerParts } from './client-server.ts'
import { idOf, methodOf, sendJsonRpcError } from './json-rpc.ts'
import { createListTexts, isPlain, isTextOnly, type PlainAnswer, type PlainRequest } from './sessions/plain-requests.ts'
import type { RequestExchange } from './sessionless/request-exchange.ts'
import type { SessionExchange } from './sessions/session-exchange.ts'
import type { Session, SessionPool } from './sessions/session-pool.ts'

/** Loaded with the first client. */
export interface LoadedExchanges {
  parts: ClientServerParts
  sessions: SessionExchange
  requests: RequestExchange
}

/** Protocol versions with sessions. */
const REVISIONS: ReadonlySet<string> = new Set(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'])
const INVALID_PARAMS = -32602
const INTERNAL_ERROR = -32603
/** Older protocol versions have no dedicated code for a missing resource. */
const RESOURCE_NOT_FOUND = -32002

/**
 * Returns the entry point of MCP over HTTP. `tools/list` and `tools/call` of a known session make up nearly all
 * traffic. They are authenticated, authorized, logged and executed like any other request, but without the SDK's server
 * and its schemas, and their responses are equivalent. Everything else goes to the exchange of its protocol version.
 */
export function createHttpExchange(parts: {
  log: RequestLog
  pool: SessionPool
  loaded: () => Promise<LoadedExchanges>
  texts: ResultTexts
  onInternalError: OnInternalError
}): Bridge['handleHttp'] {
  const { log, pool, texts, onInternalError } = parts
  const listTexts = createListTexts()

  /** Rejects a body that isn't JSON-RPC in any protocol version, and returns whether it did. */
  function rejects(caller: Caller, body: unknown, response: ServerResponse, setHeaders: () => void): boolean {
    const isBatch = Array.isArray(body)
    if (!isBatch && typeof idOf(body) !== 'bigint') return false
    const outcome = { status: 400, code: 'INVALID_REQUEST', bytes_in: caller.bytesIn } as const
    log.rejected(rowOpening(caller, isBatch ? 'batch' : methodOf(body), null), outcome)
    const sentence = isBatch
      ? 'JSON-RPC batches are not supported. Send one message per request.'
      : 'The request ID is beyond 2^53. Use a smaller number or a string.'
    setHeaders()
    sendJsonRpcError(response, 400, isBatch ? null : idOf(body), -32600, sentence)
    return true
  }

  /** Returns the session of a request that can be served without the SDK, otherwise null. */
  function plainSession(request: IncomingMessage, caller: Caller, body: PlainRequest): Session | null {
    const id = request.headers['mcp-session-id']
    const version = request.headers['mcp-protocol-version']
    if (typeof id !== 'string' || (version !== undefined && !REVISIONS.has(String(version)))) return null
    const session = pool.find(caller.identified, id)
    const mayServe =
      session !== null && session.server.getCapabilities().tools !== undefined && !session.transport.isRunning(body.id)
    return mayServe ? session : null
  }

  /** Returns null if only the SDK can format the list. */
  function listed({ dispatch }: ClientServerParts, caller: Caller): PlainAnswer | null {
    try {
      const text = listTexts.of(dispatch.list(caller.principal()))
      return text === null ? null : { key: 'result', text }
    } catch (thrown) {
      const { message, code } = asHallpassError(thrown, caller.requestId)
      return errorAnswer(INTERNAL_ERROR, message, { code })
    }
  }

  async function called(
    { dispatch, sdk, onError }: ClientServerParts,
    { server, client, clientLink }: Session,
    { id, params = {} }: PlainRequest,
    caller: Caller,
  ): Promise<PlainAnswer> {
    const name = String(params['name'])
    caller.handedOver = true
    try {
      const context = plainContext(id, params['_meta'], caller.gone, server)
      const result = await dispatch.call({ name, params, caller, client, context, clientLink, signal: caller.gone })
      if (result === null) {
        const outcome = { status: 400, code: 'INVALID_REQUEST', bytes_in: caller.bytesIn } as const
        log.rejected(rowOpening(caller, 'tools/call', client), outcome)
        return errorAnswer(INVALID_PARAMS, `Unknown tool: ${name.slice(0, 100)}`)
      }
      const whole = 'content' in result ? result : { ...(result as object), content: [] }
      if (isTextOnly(whole) || sdk.isCallToolResult(whole))
        return { key: 'result', text: texts.get(whole) ?? exactJson(whole) }
      return errorAnswer(INVALID_PARAMS, 'Invalid tools/call result')
    } catch (thrown) {
      if (thrown instanceof McpUpstreamError) {
        const { code, message: sentence, data } = thrown
        return errorAnswer(code === RESOURCE_NOT_FOUND ? INVALID_PARAMS : code, sentence, data)
      }
      const error = asHallpassError(thrown, caller.requestId)
      if (error.code === 'INTERNAL') onError(thrown)
      return errorAnswer(INTERNAL_ERROR, error.message, { code: error.code })
    }
  }

  return async (request, response, { principal, requestId, body, headers }) => {
    const gone = new LightAbort()
    response.once('close', () => {
      if (!response.writableFinished) gone.abort()
    })
    const declared = Number(request.headers['content-length'] ?? 0)
    const caller: Caller = {
      principal: () => principal,
      identified: principal,
      requestId,
      transport: 'mcp-http',
      gone,
      cancel: () => gone.abort(),
      bytesIn: Number.isSafeInteger(declared) ? declared : 0,
      handedOver: false,
    }
    const setHeaders = (): void => {
      if (!response.headersSent) for (const name in headers) response.setHeader(name, headers[name] ?? '')
    }
    try {
      if (rejects(caller, body, response, setHeaders)) return
      const { parts: served, sessions, requests } = await parts.loaded()
      const isShort = request.method === 'POST' && request.headers['mcp-method'] === undefined && isPlain(body)
      const session = isShort ? plainSession(request, caller, body) : null
      if (isShort && session !== null) {
        const list = body.method === 'tools/list' ? listed(served, caller) : undefined
        if (list !== null) {
          const closeRow = openMethodRow(served, caller, body, session.client)
          const answer = session.transport.begin(body.id, response, closeRow, () => caller.cancel(), headers)
          return answer(list ?? (await called(served, session, body, caller)))
        }
      }
      setHeaders()
      const isSessions = session !== null || sessionEra(request, body, served.sdk)
      await (isSessions ? sessions : requests).handle(request, response, caller, principal, body)
    } catch (thrown) {
      const error = asHallpassError(thrown, requestId)
      if (!(thrown instanceof HallpassError)) onInternalError(requestId, thrown)
      // If the log itself failed, `refused` writes nothing. For other failures the row is already open.
      if (response.headersSent) return void response.destroy()
      setHeaders()
      sendJsonRpcError(response, error.status, idOf(body), INTERNAL_ERROR, error.message, {
        code: error.code,
        method: methodOf(body),
      })
    }
  }
}

/** Returns whether a request belongs to a protocol version with sessions (2025-11-25 and older). */
function sessionEra({ headers, method }: IncomingMessage, body: unknown, sdk: ClientServerParts['sdk']): boolean {
  const { kind } = sdk.classifyInboundRequest({
    httpMethod: method ?? 'POST',
    ...header(headers['mcp-protocol-version'], 'protocolVersionHeader'),
    ...header(headers['mcp-method'], 'mcpMethodHeader'),
    ...header(headers['mcp-name'], 'mcpNameHeader'),
    ...(method === 'POST' ? { body } : {}),
  })
  return kind === 'legacy'
}

function header(value: string | string[] | undefined, name: string): Record<string, string> {
  return typeof value === 'string' ? { [name]: value } : {}
}

/** The parts of the SDK's context that a plain call uses. Requests and notifications of upstreams go through it. */
function plainContext(id: RequestId, meta: unknown, signal: AnySignal, server: Server): ServerContext {
  const related = { relatedRequestId: id }
  const mcpReq = {
    id,
    method: 'tools/call',
    signal,
    ...(isObject(meta) ? { _meta: meta } : {}),
    requestState: () => undefined,
    send: (request: never, options: object) => server.request(request, { ...options, ...related }),
    notify: (notification: never) => server.notification(notification, related),
  }
  return { mcpReq } as unknown as ServerContext
}

function errorAnswer(code: number, message: string, data?: unknown): PlainAnswer {
  return { key: 'error', text: exactJson({ code, message, ...(data === undefined ? {} : { data }) }) }
}
