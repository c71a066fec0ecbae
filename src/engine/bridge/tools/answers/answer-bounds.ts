import type { CallToolResult } from '@modelcontextprotocol/server'
import { DOCUMENT_METHODS, isDocumentMethod } from '../../../../contract/methods/document-methods.ts'
import { invalidRequest } from '../../../../contract/errors.ts'
import { decide } from '../../../access/decide.ts'
import type { Principal } from '../../../access/principal.ts'
import { exactJson } from '../../../text/exact-json.ts'
import { isObject, objectOf, type JsonObject } from '../../../text/json.ts'
import type { SourceTool } from '../tool-source.ts'
import type { AnswerStore } from './answer-store.ts'
import { boundResult } from './bound-result.ts'
import { cutToFit } from './cut-value.ts'

/** Minimum length of a record in JSON, including the comma. */
const MIN_RECORD_CHARS = 8

export interface AnswerBounds {
  /** Number of records above which results are never shown to this model. Infinity if results have no limit. */
  maxRecordsOf(principal: Principal): number
  isLimited(principal: Principal): boolean
  /** Limits a tool's result. */
  apply(principal: Principal, called: CalledTool, result: CallToolResult): CallToolResult
  /** Carries out `read_answer`. */
  read(principal: Principal, args: JsonObject): CallToolResult
}

interface CalledTool {
  name: string
  /** Null for the tools of documents and of Hallpass. */
  tool: SourceTool | null
  /** Whether its client sees `read_answer` and `request_session_token`, which pass-through mode doesn't offer. */
  hasOwnTools: boolean
}

/** Keeps results short enough for a model. `maxCharsOf` returns null if the owner turned the limit off. */
export function createAnswerBounds(
  store: AnswerStore,
  maxCharsOf: (principal: Principal) => number | null,
): AnswerBounds {
  return {
    maxRecordsOf(principal) {
      const chars = maxCharsOf(principal)
      return chars === null ? Infinity : Math.ceil(chars / MIN_RECORD_CHARS)
    },
    isLimited: (principal) => maxCharsOf(principal) !== null,
    apply(principal, { name, tool, hasOwnTools }, result) {
      const limit = maxCharsOf(principal)
      if (limit === null) return result
      return boundResult(result, {
        maxChars: limit,
        outputSchema: tool?.definition['outputSchema'],
        isPartial: tool === null && isFull(name, result, Math.ceil(limit / MIN_RECORD_CHARS)),
        rest(whole, size) {
          if (!hasOwnTools) return []
          if (tool === null) return restOfDocument(name)
          const { demand, connection } = tool
          const id = store.store(principal, whole, size, { connection, tool: demand.tool ?? name })
          const script = 'request_session_token and a script, for HTTP APIs'
          return id === null ? [script] : [`read_answer with id "${id}", which works for 10 min`, script]
        },
      })
    },
    read(principal, { id, path = '', offset = 0, limit, ...others }) {
      const [unknown] = Object.keys(others)
      if (unknown !== undefined)
        throw invalidRequest('read_answer accepts id, path, offset and limit.', unknown.slice(0, 80))
      if (typeof id !== 'string') throw invalidRequest('The ID must be a string.', 'id')
      if (typeof path !== 'string') throw invalidRequest('The path must be a string.', 'path')
      if (!isCount(offset, 0)) throw invalidRequest('The offset must be a whole number, at least 0.', 'offset')
      if (limit !== undefined && !isCount(limit, 1))
        throw invalidRequest('The limit must be a whole number, at least 1.', 'limit')
      const found = store.find(principal, id)
      const mayRead =
        found !== null &&
        (['read', 'write'] as const).some(
          (permission) => decide(principal.grants, { permission, ...found.about }).allowed,
        )
      if (found === null || !mayRead)
        throw invalidRequest('The answer is unknown or no longer stored. Call its tool again.', 'id', {
          reason: 'unknown_answer',
        })
      return part(valueAt(found.answer, path), offset, limit ?? Infinity, maxCharsOf(principal) ?? Infinity)
    },
  }
}

/** Returns whether the maximum number of records was read, so that there may be more. */
function isFull(name: string, { structuredContent }: CallToolResult, maxRecords: number): boolean {
  const records = name === 'get_records' ? objectOf(structuredContent)?.['records'] : undefined
  return Array.isArray(records) && records.length >= maxRecords
}

function restOfDocument(name: string): string[] {
  const script = 'call request_session_token and use a script (see get_proxy_documentation)'
  if (!isDocumentMethod(name)) return [script]
  if (name === 'sql_query') return ['select fewer columns, or add LIMIT and OFFSET to the query', script]
  if (name !== 'get_records') return [script]
  const pages = Object.hasOwn(DOCUMENT_METHODS.get_records.fields.shape, 'offset')
  return [pages ? 'call get_records again with offset and limit' : 'call get_records with a filter or a limit', script]
}

/** Returns as much of a result as fits, and the offset of the next part. */
function part(value: unknown, offset: number, limit: number, maxChars: number): CallToolResult {
  const available = maxChars - 200
  if (typeof value === 'string') {
    const end = Math.min(value.length, offset + Math.min(limit, available))
    return textResult(`${heading('Characters', offset, end, value.length)}\n${value.slice(offset, end)}`)
  }
  if (!Array.isArray(value))
    return textResult(exactJson(cutToFit(value, available, {}) ?? Object.keys(isObject(value) ? value : {})))
  const items: string[] = []
  let chars = 2
  for (const item of value.slice(offset, offset + limit)) {
    const text = exactJson(item)
    if (items.length > 0 && chars + text.length + 1 > available) break
    // Cuts an item that is too long by itself.
    items.push(text.length > available ? exactJson(cutToFit(item, available, {}) ?? null) : text)
    chars += text.length + 1
  }
  const end = Math.min(value.length, offset + items.length)
  return textResult(`${heading('Items', offset, end, value.length)}\n[${items.join(',')}]`)
}

function heading(unit: string, from: number, until: number, total: number): string {
  const [first, last, all] = [from, until, total].map((count) => count.toLocaleString('en-US'))
  return `${unit} ${first}–${last} of ${all}${until < total ? `; the next part has offset ${until}` : ''}.`
}

function textResult(text: string): CallToolResult {
  return { content: [{ type: 'text', text }] }
}

/** Resolves `records.3.name`, or a JSON pointer if a key contains a dot. */
function valueAt(answer: unknown, path: string): unknown {
  const keys = path.startsWith('/')
    ? path
        .slice(1)
        .split('/')
        .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    : path.split('.').filter((key) => key !== '')
  let value = answer
  for (const key of keys) {
    if ((!isObject(value) && !Array.isArray(value)) || !Object.hasOwn(value, key))
      throw invalidRequest(`The answer has no value at "${path.slice(0, 80)}".`, 'path')
    value = (value as Record<string, unknown>)[key]
  }
  return value
}

function isCount(value: unknown, min: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min
}
