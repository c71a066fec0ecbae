import type { ServerResponse } from 'node:http'
import type { RequestId, Server, ServerContext, Tool } from '@modelcontextprotocol/server'
import { asHallpassError } from '../../../contract/errors.ts'
import { McpUpstreamError } from '../../mcp-upstreams/mcp-upstreams.ts'
import { exactJson } from '../../text/exact-json.ts'
import { isObject, type JsonObject } from '../../text/json.ts'
import { rowOpening, type Caller } from '../caller.ts'
import { pageOf } from '../tools/list-pages.ts'
import { openMethodRow } from '../tools/method-row.ts'
import type { ClientServerParts } from './client-server.ts'
import { isRequest } from './json-rpc.ts'
import type { Session } from './session-pool.ts'

/** A `tools/list` or `tools/call` with nothing in it that only the SDK's server knows how to treat. */
export interface PlainRequest {
  jsonrpc: '2.0'
  id: string | number
  method: 'tools/list' | 'tools/call'
  params?: JsonObject
}

/** The text of an answer, after its ID. */
export interface PlainAnswer {
  key: 'result' | 'error'
  text: string | Buffer
}

const REQUEST_KEYS: ReadonlySet<string> = new Set(['jsonrpc', 'id', 'method', 'params'])
const CALL_KEYS: ReadonlySet<string> = new Set(['name', 'arguments'])
const INTERNAL_ERROR = -32603
const INVALID_PARAMS = -32602
/** The older revisions have no code of their own for a resource that isn't there. */
const RESOURCE_NOT_FOUND = -32002

/** Whether a request can be served without the SDK: it has no `_meta`, no cursor and no field that we don't know. */
export function isPlain(body: unknown): body is PlainRequest {
  if (!isRequest(body) || !hasOnly(body, REQUEST_KEYS)) return false
  const { jsonrpc, id, method, params } = body as unknown as Record<string, unknown>
  if (jsonrpc !== '2.0' || (typeof id === 'number' && !Number.isSafeInteger(id))) return false
  if (method === 'tools/list') return params === undefined || (isObject(params) && Object.keys(params).length === 0)
  if (method !== 'tools/call' || !isObject(params) || !hasOnly(params, CALL_KEYS)) return false
  const { name, arguments: args } = params
  return typeof name === 'string' && (args === undefined || isObject(args))
}

function hasOnly(value: object, keys: ReadonlySet<string>): boolean {
  for (const key in value) if (!keys.has(key)) return false
  return true
}

export interface PlainRequests {
  /** Serves the request, if the session's list has nothing that its protocol revision spells differently; false if it hasn't. */
  serve(session: Session, message: PlainRequest, response: ServerResponse, caller: Caller): boolean
}

/**
 * The short way for the two requests that make up nearly all traffic: identified, judged, logged and carried out like any other,
 * but without the SDK's server and its schemas in between. What they answer is the same, byte for byte in meaning.
 */
export function createPlainRequests(parts: ClientServerParts): PlainRequests {
  const { sdk, dispatch, log } = parts
  const listTexts = new WeakMap<readonly Tool[], Buffer | null>()

  /** Printed once for as long as the list is the same array. Null if only the SDK can spell it. */
  function listText(tools: readonly Tool[]): Buffer | null {
    let text = listTexts.get(tools)
    if (text === undefined) {
      const isPlainList = tools.every(
        ({ outputSchema }) => outputSchema === undefined || outputSchema['type'] === 'object',
      )
      const { page, ...next } = pageOf(tools, undefined) ?? { page: [] }
      text = isPlainList ? Buffer.from(exactJson({ tools: page, ...next })) : null
      listTexts.set(tools, text)
    }
    return text
  }

  function list(session: Session, message: PlainRequest, response: ServerResponse, caller: Caller): boolean {
    if (session.server.getCapabilities().tools === undefined) return false
    let answer: PlainAnswer
    try {
      const text = listText(dispatch.list(caller.principal()))
      if (text === null) return false
      answer = { key: 'result', text }
    } catch (thrown) {
      const { message: sentence, code } = asHallpassError(thrown, caller.requestId)
      answer = errorAnswer(INTERNAL_ERROR, sentence, { code })
    }
    const closeRow = openMethodRow(parts, caller, message, session.client)
    session.transport.answer(message, response, closeRow, Promise.resolve(answer), () => {})
    return true
  }

  async function call(
    { server, client, clientLink }: Session,
    message: PlainRequest,
    caller: Caller,
  ): Promise<PlainAnswer> {
    const params = message.params ?? {}
    const name = String(params['name'])
    caller.handedOver = true
    try {
      const context = plainContext(message.id, caller.gone, server)
      const result = await dispatch.call({
        name,
        params,
        caller,
        client,
        context,
        clientLink,
        signal: caller.gone,
      })
      if (result === null) {
        log.refused(rowOpening(caller, 'tools/call', client), {
          status: 400,
          code: 'INVALID_REQUEST',
          bytes_in: caller.bytesIn,
        })
        return errorAnswer(INVALID_PARAMS, `Unknown tool: ${name.slice(0, 100)}`)
      }
      const whole = 'content' in result ? result : { ...(result as object), content: [] }
      if (isTextOnly(whole) || sdk.isCallToolResult(whole)) return { key: 'result', text: exactJson(whole) }
      return errorAnswer(INVALID_PARAMS, 'Invalid tools/call result')
    } catch (thrown) {
      if (thrown instanceof McpUpstreamError) {
        const { code, message: sentence, data } = thrown
        return errorAnswer(code === RESOURCE_NOT_FOUND ? INVALID_PARAMS : code, sentence, data)
      }
      const error = asHallpassError(thrown, caller.requestId)
      if (error.code === 'INTERNAL') parts.onError(thrown)
      return errorAnswer(INTERNAL_ERROR, error.message, { code: error.code })
    }
  }

  return {
    serve(session, message, response, caller) {
      if (message.method === 'tools/list') return list(session, message, response, caller)
      if (session.server.getCapabilities().tools === undefined) return false
      if (session.transport.isRunning(message.id)) return false
      const closeRow = openMethodRow(parts, caller, message, session.client)
      session.transport.answer(message, response, closeRow, call(session, message, caller), () => caller.cancel())
      return true
    },
  }
}

/** What the SDK would hand to its handlers, as far as a plain call uses it: questions and notices of upstreams go this way. */
function plainContext(id: RequestId, signal: AbortSignal, server: Server): ServerContext {
  const related = { relatedRequestId: id }
  const mcpReq = {
    id,
    method: 'tools/call',
    signal,
    requestState: () => undefined,
    send: (request: never, options: object) => server.request(request, { ...options, ...related }),
    notify: (notification: never) => server.notification(notification, related),
  }
  return { mcpReq } as unknown as ServerContext
}

/** By far the commonest result, which needs no schema to be told valid. */
function isTextOnly(result: JsonObject): boolean {
  const { content, structuredContent, isError, _meta, ...others } = result
  return (
    Object.keys(others).length === 0 &&
    Array.isArray(content) &&
    content.every(
      (block) =>
        isObject(block) &&
        block['type'] === 'text' &&
        typeof block['text'] === 'string' &&
        Object.keys(block).length === 2,
    ) &&
    (structuredContent === undefined || isObject(structuredContent)) &&
    (isError === undefined || typeof isError === 'boolean') &&
    (_meta === undefined || isObject(_meta))
  )
}

function errorAnswer(code: number, message: string, data?: unknown): PlainAnswer {
  return { key: 'error', text: exactJson({ code, message, ...(data === undefined ? {} : { data }) }) }
}
