import { t } from '../../../../contract/text/translate.ts'
import { DOCUMENT_METHODS, isDocumentMethod } from '../../../../contract/methods/document-methods.ts'
import type { RequestRecord } from '../../../../contract/records.ts'
import { curlCommand, type Shell } from '../../../lib/curl-command.ts'

const TOKEN_NOTES = {
  session: t`Set HALLPASS_TOKEN to a session token first.`,
  access: t`Set HALLPASS_TOKEN to an access token first.`,
  any: t`Set HALLPASS_TOKEN to a token first.`,
}

/** All our endpoints accept this version, and it needs no session. */
const MCP_REVISION = '2026-07-28'

/** A command that repeats a row's request, and what to fill in. Null if no request can repeat it. */
interface CurlText {
  command: string
  note: string
}

/**
 * The log has no payloads and no secrets, so the token is `$HALLPASS_TOKEN` and unknown fields are examples. `baseUrl`
 * is where the engine listens.
 */
export function curlText(row: RequestRecord, baseUrl: string, shell: Shell = 'sh'): CurlText | null {
  switch (row.transport) {
    case 'proxy':
      return proxyCurl(row, baseUrl, writerFor(shell))
    case 'http':
      return httpCurl(row, baseUrl, writerFor(shell))
    case 'mcp-http':
    case 'mcp-stdio':
      return mcpCurl(row, baseUrl, writerFor(shell))
    // No request repeats an action of the owner, because only the control socket accepts those.
    case 'control':
      return null
  }
}

type Writer = (verb: string, url: string, headers: readonly string[], body: string | null) => string

function writerFor(shell: Shell): Writer {
  return (verb, url, headers, body) =>
    curlCommand(shell, {
      verb,
      // Callers choose paths and names, and PowerShell has no quoting that preserves a double quote in an argument.
      url: shell === 'sh' ? url : url.toWellFormed().replaceAll(/[^\w\-.~:/?#[\]@!$&()*+,;=%<>]/gu, encodeURIComponent),
      headers: shell === 'sh' ? headers : headers.map((header) => header.replaceAll(/[^\x20-\x7e]|["\\]/g, '_')),
      body,
    })
}

function proxyCurl(row: RequestRecord, baseUrl: string, command: Writer): CurlText {
  const { method } = row
  if (isDocumentMethod(method)) {
    const body = JSON.stringify({ method, ...exampleFields(method, row.resource) })
    return { command: command('POST', `${baseUrl}/api/v1/proxy`, [], body), note: bodyNote(TOKEN_NOTES.session) }
  }
  if (method === 'request_session_token') {
    const body = JSON.stringify({ document: row.connection ?? '<document>', permissions: ['read'] })
    return { command: command('POST', `${baseUrl}/api/v1/sessions`, [], body), note: bodyNote(TOKEN_NOTES.access) }
  }
  if (method === 'end_session')
    return {
      command: command('DELETE', `${baseUrl}/api/v1/sessions/current`, [], null),
      note: TOKEN_NOTES.session,
    }
  if (method === 'introspect')
    return { command: command('GET', `${baseUrl}/api/v1/tokens/introspect`, [], null), note: TOKEN_NOTES.any }
  const verb = /^[A-Z]{3,7}$/.test(method) ? method : 'POST'
  const path = row.resource?.startsWith('/') === true ? row.resource : '/api/v1/proxy'
  return { command: command(verb, baseUrl + path, [], null), note: TOKEN_NOTES.any }
}

function httpCurl(row: RequestRecord, baseUrl: string, command: Writer): CurlText {
  const verb = /^[A-Z]{3,7}$/.test(row.method) ? row.method : 'GET'
  const resource = row.resource ?? ''
  const whole = resource.startsWith('/api/v1/http/')
    ? resource
    : `/api/v1/http/${row.connection ?? '<connection>'}${resource.startsWith('/') ? '' : '/'}${resource}`
  const withBody = verb === 'POST' || verb === 'PUT' || verb === 'PATCH'
  return {
    command: command(verb, baseUrl + whole, [], withBody ? '{}' : null),
    note: withBody ? bodyNote(TOKEN_NOTES.session) : TOKEN_NOTES.session,
  }
}

function mcpCurl(row: RequestRecord, baseUrl: string, command: Writer): CurlText | null {
  if (row.project === null) return null
  const isTool = !row.method.includes('/') || row.method === 'tools/call'
  const tool = row.method === 'tools/call' ? '<tool>' : row.method
  const method = isTool ? 'tools/call' : row.method
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': MCP_REVISION,
    'io.modelcontextprotocol/clientInfo': { name: 'curl', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  const params = isTool ? { name: tool, arguments: toolArguments(tool, row), _meta } : { _meta }
  const headers = [
    'Accept: application/json, text/event-stream',
    `MCP-Protocol-Version: ${MCP_REVISION}`,
    `Mcp-Method: ${method}`,
    ...(isTool ? [`Mcp-Name: ${tool}`] : []),
  ]
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  return {
    command: command('POST', `${baseUrl}/projects/${row.project}/mcp`, headers, body),
    note: bodyNote(TOKEN_NOTES.access),
  }
}

function toolArguments(tool: string, row: RequestRecord): Record<string, unknown> {
  if (isDocumentMethod(tool))
    return { ...(row.connection === null ? {} : { document: row.connection }), ...exampleFields(tool, row.resource) }
  if (tool === 'request_session_token')
    return { ...(row.connection === null ? {} : { document: row.connection }), permissions: ['read'] }
  return {}
}

/** Returns the fields of a method: the table from the row, the rest as descriptive examples. */
function exampleFields(method: keyof typeof DOCUMENT_METHODS, resource: string | null): Record<string, unknown> {
  const table = resource ?? '<table>'
  switch (method) {
    case 'list_tables':
      return {}
    case 'describe_table':
      return { table }
    case 'get_records':
      return { table, limit: 10 }
    case 'sql_query':
      return { query: 'SELECT 1' }
    case 'add_records':
      return { table, records: [{ '<column>': '<value>' }] }
    case 'update_records':
      return { table, records: [{ id: 1, fields: { '<column>': '<value>' } }] }
    case 'upsert_records':
      return { table, records: [{ require: { '<column>': '<value>' }, fields: { '<column>': '<value>' } }] }
    case 'delete_records':
      return { table, record_ids: [1] }
    case 'create_table':
      return { table_id: table, columns: [{ id: '<column>', type: 'Text' }] }
    case 'rename_table':
      return { table, table_id: '<new table>' }
    case 'delete_table':
      return { table }
    case 'add_column':
      return { table, column_id: '<column>', column_type: 'Text' }
    case 'modify_column':
      return { table, column_id: '<column>', type: 'Text' }
    case 'delete_column':
      return { table, column_id: '<column>' }
  }
}

function bodyNote(tokenNote: string): string {
  return t`${tokenNote} Request bodies aren't logged, so some fields are examples.`
}
