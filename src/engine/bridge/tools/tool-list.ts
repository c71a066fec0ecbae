import type { Tool } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { DOCUMENT_METHODS, type DocumentMethod } from '../../../contract/methods/document-methods.ts'
import { sessionReplySchema, sessionRequestSchema } from '../../../contract/session-request.ts'
import type { DocumentEntry } from '../../calls/document-calls.ts'

/** The tools that are not document methods. */
const OWN_TOOLS = [
  'list_documents',
  'list_connections',
  'get_proxy_documentation',
  'request_session_token',
  'read_answer',
] as const
export type OwnTool = (typeof OWN_TOOLS)[number]

export function isOwnTool(name: string): name is OwnTool {
  return (OWN_TOOLS as readonly string[]).includes(name)
}

const NOT_IDEMPOTENT = new Set<DocumentMethod>(['add_records', 'create_table', 'add_column'])
const DESTRUCTIVE = new Set<DocumentMethod>(['update_records', 'delete_records', 'modify_column', 'delete_column'])
const MAX_LISTED_DOCUMENTS = 50
const MAX_SHAPES = 256

export interface ToolLists {
  /** Returns the tools of a token that can reach these documents. The list is shared and must not be changed. */
  of(documents: readonly DocumentEntry[], reach: { hasGrants: boolean; hasTools: boolean }): Tool[]
}

/** Returns the documents on which the token's permissions allow the method. */
function documentsFor(method: DocumentMethod, documents: readonly DocumentEntry[]): string[] {
  const { permission } = DOCUMENT_METHODS[method]
  return (
    documents
      // SQL reads the whole document, so a grant limited to tables doesn't allow it.
      .filter((entry) => entry.permissions.includes(permission) && (method !== 'sql_query' || entry.tables === null))
      .map((entry) => entry.name)
  )
}

/** Stores one tool list per shape of grants, because building the schemas is expensive. */
export function createToolLists(): ToolLists {
  const known = new Map<string, Tool[]>()
  return {
    of(documents, reach) {
      const shape = JSON.stringify([
        reach.hasGrants,
        reach.hasTools,
        documents.map((entry) => [entry.name, entry.permissions, entry.tables === null]),
      ])
      const found = known.get(shape)
      if (found !== undefined) return found
      if (known.size >= MAX_SHAPES) known.clear()
      const tools = toolsFor(documents, reach)
      known.set(shape, tools)
      return tools
    },
  }
}

function toolsFor(
  documents: readonly DocumentEntry[],
  { hasGrants, hasTools }: { hasGrants: boolean; hasTools: boolean },
): Tool[] {
  const methods = Object.keys(DOCUMENT_METHODS) as DocumentMethod[]
  const tools = methods.flatMap((method) => {
    const names = documentsFor(method, documents)
    return names.length === 0 ? [] : [documentTool(method, names, documents.length === 1)]
  })
  // Only results of other servers and APIs are stored.
  const isListed = (name: OwnTool): boolean =>
    name === 'request_session_token' ? hasGrants : name === 'read_answer' ? hasTools : true
  const own = OWN_TOOLS.filter(isListed)
  return [ownTool('list_documents'), ...tools, ...own.slice(1).map(ownTool)]
}

function documentTool(method: DocumentMethod, names: string[], onlyOne: boolean): Tool {
  const { title, description, permission, fields, data } = DOCUMENT_METHODS[method]
  const input = plainSchema(fields)
  const document = {
    type: 'string',
    description: onlyOne
      ? `Name of the document. Optional: ${names[0]} is the only one`
      : 'Name of the document, from list_documents',
    ...(names.length <= MAX_LISTED_DOCUMENTS ? { enum: names } : {}),
  }
  return {
    name: method,
    title,
    description,
    inputSchema: {
      type: 'object',
      properties: { document, ...input.properties },
      required: [...(onlyOne ? [] : ['document']), ...(input.required ?? [])],
      additionalProperties: false,
    },
    outputSchema: outputSchema(method, data),
    annotations: {
      title,
      readOnlyHint: permission === 'read',
      destructiveHint: DESTRUCTIVE.has(method),
      idempotentHint: !NOT_IDEMPOTENT.has(method),
      openWorldHint: false,
    },
  }
}

function outputSchema(method: DocumentMethod, data: z.ZodType): NonNullable<Tool['outputSchema']> {
  // A tool's structured result must be an object; the rows of a query are a list.
  if (method === 'sql_query') return { type: 'object', properties: { rows: plainSchema(data) }, required: ['rows'] }
  return plainSchema(data)
}

type PlainSchema = Tool['inputSchema']

/** Leaves out `$schema`, because some clients' validators know one draft only and reject any other by name. */
function plainSchema(schema: z.ZodType): PlainSchema {
  const { $schema: _, ...plain } = z.toJSONSchema(schema, { io: 'input' })
  return portable(plain) as PlainSchema
}

/** Rewrites a schema so that every model provider accepts it: no type lists, no empty schemas, no `propertyNames`. */
function portable(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(portable)
  if (typeof schema !== 'object' || schema === null) return schema
  const entries = Object.entries(schema)
    .filter(([key]) => key !== 'propertyNames')
    .map(([key, value]): [string, unknown] => {
      if (key === 'type' && Array.isArray(value)) return ['anyOf', value.map((type) => ({ type }))]
      if (
        key === 'additionalProperties' &&
        typeof value === 'object' &&
        value !== null &&
        Object.keys(value).length === 0
      )
        return [key, true]
      return [key, portable(value)]
    })
  return Object.fromEntries(entries)
}

const READS = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false }
const strings = { type: 'array', items: { type: 'string' } }
const listed = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    kind: { type: 'string' },
    permissions: strings,
    tables: strings,
    tools: strings,
    paths: strings,
  },
  required: ['name', 'permissions'],
}
const noFields = { type: 'object' as const, properties: {}, additionalProperties: false }

function ownTool(name: OwnTool): Tool {
  switch (name) {
    case 'list_documents':
      return {
        name,
        title: 'List documents',
        description:
          'List the documents you can use, with their kind (grist or sqlite) and your permissions: read, write, schema. ' +
          'If "tables" is present, you can only use these tables, and sql_query is not available.',
        inputSchema: noFields,
        outputSchema: {
          type: 'object',
          properties: { documents: { type: 'array', items: listed } },
          required: ['documents'],
        },
        annotations: { title: 'List documents', ...READS },
      }
    case 'list_connections':
      return {
        name,
        title: 'List connections',
        description:
          'List every connection you can use (documents, HTTP APIs and MCP servers), one entry per grant, with permissions. ' +
          'If "tables", "tools" or "paths" is present, the entry is limited to them.',
        inputSchema: noFields,
        outputSchema: {
          type: 'object',
          properties: { connections: { type: 'array', items: listed } },
          required: ['connections'],
        },
        annotations: { title: 'List connections', ...READS },
      }
    case 'get_proxy_documentation':
      return {
        name,
        title: 'Get proxy documentation',
        description:
          'Describe the HTTP proxy for scripts: methods, fields, responses, streaming, error codes, and a Python example that ' +
          'runs as is with a session token and the base URL. Call it once before you write a script.',
        inputSchema: noFields,
        outputSchema: { type: 'object' },
        annotations: { title: 'Get proxy documentation', ...READS },
      }
    case 'read_answer':
      return {
        name,
        title: 'Read answer',
        description:
          'Read more of an answer that was shortened because it was too long. The shortened answer contains the id and is stored for 10 ' +
          'minutes. Lists are read by items, texts by characters.',
        inputSchema: {
          type: 'object',
          properties: {
            id: { type: 'string', description: 'ID from the shortened answer' },
            path: {
              type: 'string',
              description: 'Part of a structured answer, for example "records" or "items.3.name". Left out: all of it',
            },
            offset: { type: 'integer', minimum: 0, description: 'First item or character. Default 0' },
            limit: { type: 'integer', minimum: 1, description: 'Maximum number of items or characters' },
          },
          required: ['id'],
          additionalProperties: false,
        },
        annotations: { title: 'Read answer', ...READS },
      }
    case 'request_session_token': {
      const { properties, required } = plainSchema(sessionRequestSchema)
      return {
        name,
        title: 'Request session token',
        description:
          'Request a session token for a script: short-lived, for one document or HTTP API, with at most your own permissions. ' +
          'Use it when a task touches more than a few hundred records, or would take many calls. Request the fewest permissions ' +
          'and the shortest lifetime that suffice. Send it as a bearer token to proxy_url. Pass it to the script in an ' +
          'environment variable; never print it or write it to a file. It stops working at expires_at, when it is revoked, and ' +
          'when Hallpass restarts.',
        inputSchema: {
          type: 'object',
          properties: properties ?? {},
          required: required ?? [],
          additionalProperties: false,
        },
        outputSchema: plainSchema(sessionReplySchema),
        annotations: { title: 'Request session token', ...READS, readOnlyHint: false, idempotentHint: false },
      }
    }
  }
}
