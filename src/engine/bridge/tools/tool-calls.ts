import type { CallToolResult } from '@modelcontextprotocol/server'
import { isDocumentMethod, type DocumentMethod, type MethodFields } from '../../../contract/methods/document-methods.ts'
import type { AnySignal } from '../../interruption.ts'
import { asHallpassError, HallpassError, invalidRequest } from '../../../contract/errors.ts'
import { proxyDocumentation, sessionReply } from '../../../contract/proxy-documentation.ts'
import type { ConnectionKind } from '../../../contract/records.ts'
import { sessionRequestSchema } from '../../../contract/session-request.ts'
import type { Access } from '../../access/access.ts'
import type { Principal } from '../../access/principal.ts'
import type { DocumentCalls } from '../../calls/document-calls.ts'
import { tableOf } from '../../documents/document-demand.ts'
import { fieldName } from '../../documents/field-sentence.ts'
import { parseDocumentCall, parseFields } from '../../documents/parse-document-call.ts'
import type { CallOpener } from '../../calls/open-call.ts'
import { exactJson } from '../../text/exact-json.ts'
import { callOf, type Caller } from '../caller.ts'
import { cleanText } from '../../text/clean-text.ts'
import type { AnswerBounds } from './answers/answer-bounds.ts'
import { connectionsOf, listedDocument } from './reachable.ts'
import { toolError } from './tool-error.ts'
import { isOwnTool, type OwnTool } from './tool-list.ts'

export interface ToolCall {
  name: string
  args: Record<string, unknown>
  caller: Caller
  client: string | null
  /** Aborted when the client cancels or disconnects. */
  signal: AnySignal
}

export interface ToolCalls {
  /**
   * Executes a call. Denials and failures are results with `isError`. Returns null if the tool doesn't exist. Never
   * throws.
   */
  run(call: ToolCall): Promise<CallToolResult | null>
}

/** Called with the cause of every INTERNAL error, for the diagnostic log. */
export type OnInternalError = (requestId: string, cause: unknown) => void

export function createToolCalls(parts: {
  access: Access
  opener: CallOpener
  calls: DocumentCalls
  baseUrl: () => string
  kindOf: (connection: string) => ConnectionKind | null
  bounds: AnswerBounds
  onInternalError: OnInternalError
}): ToolCalls {
  const { access, opener, calls, baseUrl, kindOf, bounds, onInternalError } = parts

  /**
   * Determines caller, document and fields. Failures are logged here, because the call hasn't reached DocumentCalls.
   */
  function prepare(method: DocumentMethod, { args, caller, client, signal }: ToolCall) {
    const { document: named, ...given } = args
    let principal = caller.identified
    let document: string | null = null
    try {
      principal = caller.principal()
      document = resolveDocument(principal, named)
      return { principal, document, fields: parseDocumentCall(method, given) }
    } catch (thrown) {
      const call = { ...callOf(caller, method, client, signal), principal, resource: tableOf(method, given) }
      throw document === null
        ? opener.reject(call, thrown)
        : calls.reject(principal, document, method, given, call.origin, thrown)
    }
  }

  async function runDocumentMethod(method: DocumentMethod, call: ToolCall): Promise<CallToolResult> {
    const { caller, client, signal } = call
    const { principal, document, fields: given } = prepare(method, call)
    // A model isn't shown more, so no more is read.
    const fields =
      method === 'get_records'
        ? withinLimit(given as MethodFields<'get_records'>, bounds.maxRecordsOf(principal))
        : given
    let text = ''
    let structured: Record<string, unknown> = {}
    const measure = (data: unknown): number => {
      structured = method === 'sql_query' ? { rows: data } : (data as Record<string, unknown>)
      text = exactJson(structured)
      return Buffer.byteLength(text)
    }
    const { requestId, transport, bytesIn } = caller
    const data = await calls.call(principal, document, method, fields, {
      requestId,
      transport,
      client,
      signal,
      bytesIn,
      measure,
    })
    if (text === '') measure(data)
    return { content: [{ type: 'text', text }], structuredContent: structured }
  }

  function resolveDocument(principal: Principal, named: unknown): string {
    if (typeof named === 'string' && named !== '') return named
    if (named !== undefined) throw invalidRequest('The name of a document must be a non-empty string.', 'document')
    const within = calls.documents(principal).map((entry) => entry.name)
    const [only, ...others] = within
    if (only === undefined)
      throw new HallpassError('UNAUTHORIZED', 'Document not in scope: this token has no access to any document.')
    if (others.length > 0) {
      const names = within.map((name) => `"${name}"`).join(', ')
      throw invalidRequest(`Missing field "document". Use one of ${names}.`, 'document')
    }
    return only
  }

  async function runOwnTool(tool: OwnTool, call: ToolCall): Promise<CallToolResult> {
    const { caller, client, args, signal } = call
    const running = opener.open({
      ...callOf(caller, tool, client, signal),
      connection: wantedConnection(tool, args),
    })
    running.payload?.request.add(JSON.stringify({ tool, arguments: args }))
    try {
      if (tool === 'read_answer') {
        const part = bounds.read(running.principal, args)
        running.payload?.response.add(JSON.stringify(part.content))
        running.finish({ status: 200, bytes_out: Buffer.byteLength(JSON.stringify(part.content)) })
        return part
      }
      const structured = answer(tool, running.principal, args)
      const text = JSON.stringify(structured)
      running.payload?.response.add(text)
      running.finish({ status: 200, bytes_out: Buffer.byteLength(text) })
      return { content: [{ type: 'text', text }], structuredContent: structured }
    } catch (thrown) {
      throw running.fail(thrown)
    }
  }

  function answer(
    tool: Exclude<OwnTool, 'read_answer'>,
    principal: Principal,
    args: Record<string, unknown>,
  ): Record<string, unknown> {
    if (tool === 'request_session_token') return mint(principal, args)
    const [unknown] = Object.keys(args)
    if (unknown !== undefined) {
      throw invalidRequest(`Unknown field "${fieldName([unknown])}". ${tool} takes no arguments.`, fieldName([unknown]))
    }
    switch (tool) {
      case 'list_documents':
        return { documents: calls.documents(principal).map(listedDocument) }
      case 'list_connections':
        return { connections: connectionsOf(principal, kindOf) }
      case 'get_proxy_documentation':
        return { ...proxyDocumentation(baseUrl()) }
    }
  }

  function mint(principal: Principal, args: Record<string, unknown>): Record<string, unknown> {
    const request = parseFields(sessionRequestSchema, args, 'request_session_token')
    const only =
      request.document === undefined && request.connection === undefined ? onlyDocument(principal) : undefined
    const { token, record } = access.mintSession(
      principal,
      only === undefined ? request : { ...request, document: only },
    )
    return { ...sessionReply(token, record, baseUrl(), kindOf(record.connection)) }
  }

  function onlyDocument(principal: Principal): string | undefined {
    const within = calls.documents(principal)
    return within.length === 1 ? within[0]?.name : undefined
  }

  return {
    async run(call) {
      try {
        if (isDocumentMethod(call.name)) return await runDocumentMethod(call.name, call)
        if (isOwnTool(call.name)) return await runOwnTool(call.name, call)
        return null
      } catch (thrown) {
        const error = asHallpassError(thrown, call.caller.requestId)
        // DocumentCalls reports its own errors, and those would be reported twice.
        if (!(thrown instanceof HallpassError)) onInternalError(call.caller.requestId, thrown)
        return toolError(error)
      }
    },
  }
}

function wantedConnection(tool: OwnTool, args: Record<string, unknown>): string | null {
  if (tool !== 'request_session_token') return null
  const named = args['document'] ?? args['connection']
  return typeof named === 'string' ? cleanText(named, 63) : null
}

function withinLimit(fields: MethodFields<'get_records'>, maxRecords: number): MethodFields<'get_records'> {
  return maxRecords === Infinity || (fields.limit ?? Infinity) <= maxRecords ? fields : { ...fields, limit: maxRecords }
}
