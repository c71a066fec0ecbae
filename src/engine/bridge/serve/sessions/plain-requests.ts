import type { Tool } from '@modelcontextprotocol/server'
import { exactJson } from '../../../text/exact-json.ts'
import { isObject, type JsonObject } from '../../../text/json.ts'
import { pageOf } from '../../tools/list-pages.ts'
import { isRequest } from '../json-rpc.ts'

/** A `tools/list` or `tools/call` that uses nothing only the SDK's server can handle. */
export interface PlainRequest {
  jsonrpc: '2.0'
  id: string | number
  method: 'tools/list' | 'tools/call'
  params?: JsonObject
}

/** The text of a response, after its ID. */
export interface PlainAnswer {
  key: 'result' | 'error'
  text: string | Buffer
}

const REQUEST_KEYS: ReadonlySet<string> = new Set(['jsonrpc', 'id', 'method', 'params'])
const CALL_KEYS: ReadonlySet<string> = new Set(['name', 'arguments', '_meta'])
/** Protocol-defined keys in `_meta`, which only the SDK handles. */
const PROTOCOL_KEYS = /(?:^|\.)(?:modelcontextprotocol|mcp)(?:\.[\w.-]*)?\//

/** Returns whether a request can be served without the SDK: no cursor and no unknown field. */
export function isPlain(body: unknown): body is PlainRequest {
  if (!isRequest(body) || !hasOnly(body, REQUEST_KEYS)) return false
  const { jsonrpc, id, method, params } = body as unknown as Record<string, unknown>
  if (jsonrpc !== '2.0' || (typeof id === 'number' && !Number.isSafeInteger(id))) return false
  if (method === 'tools/list') return params === undefined || (isObject(params) && Object.keys(params).length === 0)
  if (method !== 'tools/call' || !isObject(params) || !hasOnly(params, CALL_KEYS)) return false
  const { name, arguments: args, _meta: meta } = params
  return typeof name === 'string' && (args === undefined || isObject(args)) && (meta === undefined || isPlainMeta(meta))
}

function isPlainMeta(meta: unknown): boolean {
  if (!isObject(meta)) return false
  const { progressToken } = meta
  const isToken =
    progressToken === undefined || typeof progressToken === 'string' || Number.isSafeInteger(progressToken)
  return isToken && !Object.keys(meta).some((key) => PROTOCOL_KEYS.test(key))
}

function hasOnly(value: object, keys: ReadonlySet<string>): boolean {
  for (const key in value) if (!keys.has(key)) return false
  return true
}

/** The most common kind of result, which is valid without checking a schema. */
export function isTextOnly(result: JsonObject): boolean {
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

/** The first pages of tool lists, serialized once per list array. */
export function createListTexts(): { of(tools: readonly Tool[]): Buffer | null } {
  const texts = new WeakMap<readonly Tool[], Buffer | null>()
  return {
    /** Returns null if only the SDK can format the list, because a protocol version formats it differently. */
    of(tools) {
      let text = texts.get(tools)
      if (text === undefined) {
        const isPlainList = tools.every(
          ({ outputSchema }) => outputSchema === undefined || outputSchema['type'] === 'object',
        )
        const { page, ...next } = pageOf(tools, undefined) ?? { page: [] }
        text = isPlainList ? Buffer.from(exactJson({ tools: page, ...next })) : null
        texts.set(tools, text)
      }
      return text
    },
  }
}
