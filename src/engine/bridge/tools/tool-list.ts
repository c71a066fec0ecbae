import type { Tool } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { DOCUMENT_METHODS, type DocumentMethod } from '../../../contract/document-methods.ts'
import { sessionReplySchema, sessionRequestSchema } from '../../../contract/session-request.ts'
import type { DocumentEntry } from '../../calls/document-calls.ts'

/** The tools that are not document methods. */
export const OWN_TOOLS = [
  'list_documents',
  'list_connections',
  'get_proxy_documentation',
  'request_session_token',
] as const
export type OwnTool = (typeof OWN_TOOLS)[number]

export function isOwnTool(name: string): name is OwnTool {
  return (OWN_TOOLS as readonly string[]).includes(name)
}

const NEVER_SAME_TWICE = new Set<DocumentMethod>(['add_records', 'create_table', 'add_column'])
const DESTROYS = new Set<DocumentMethod>(['update_records', 'delete_records', 'modify_column', 'delete_column'])
const LONGEST_DOCUMENT_LIST = 50
const MOST_SHAPES = 256

export interface ToolLists {
  /** The tools of a token that reaches these documents. The answer is shared: do not change it. */
  of(documents: readonly DocumentEntry[], hasGrants: boolean): Tool[]
}

/** Documents on which the method may be used by what the token holds there. */
export function documentsFor(method: DocumentMethod, documents: readonly DocumentEntry[]): string[] {
  const { permission } = DOCUMENT_METHODS[method]
  return (
    documents
      // SQL reads the whole document, so a grant narrowed to tables does not reach it.
      .filter((entry) => entry.permissions.includes(permission) && (method !== 'sql_query' || entry.tables === null))
      .map((entry) => entry.name)
  )
}

/** Tool lists, made once a shape of grants: the schemas are the expensive part. */
export function createToolLists(): ToolLists {
  const known = new Map<string, Tool[]>()
  return {
    of(documents, hasGrants) {
      const shape = JSON.stringify([
        hasGrants,
        documents.map((entry) => [entry.name, entry.permissions, entry.tables === null]),
      ])
      const found = known.get(shape)
      if (found !== undefined) return found
      if (known.size >= MOST_SHAPES) known.clear()
      const made = makeTools(documents, hasGrants)
      known.set(shape, made)
      return made
    },
  }
}

function makeTools(documents: readonly DocumentEntry[], hasGrants: boolean): Tool[] {
  const methods = Object.keys(DOCUMENT_METHODS) as DocumentMethod[]
  const tools = methods.flatMap((method) => {
    const names = documentsFor(method, documents)
    return names.length === 0 ? [] : [documentTool(method, names, documents.length === 1)]
  })
  const own = OWN_TOOLS.filter((name) => name !== 'request_session_token' || hasGrants)
  return [ownTool('list_documents'), ...tools, ...own.slice(1).map(ownTool)]
}

function documentTool(method: DocumentMethod, names: string[], onlyOne: boolean): Tool {
  const { title, description, permission, fields, data } = DOCUMENT_METHODS[method]
  const input = plainSchema(fields)
  const document = {
    type: 'string',
    description: onlyOne
      ? `The document; there is only ${names[0]}, so it may be left out`
      : 'The document; see list_documents',
    ...(names.length <= LONGEST_DOCUMENT_LIST ? { enum: names } : {}),
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
      destructiveHint: DESTROYS.has(method),
      idempotentHint: !NEVER_SAME_TWICE.has(method),
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

/** Without `$schema`: some clients' validators know one draft only, and refuse what names another. Open to further properties. */
function plainSchema(schema: z.ZodType): PlainSchema {
  const { $schema: _, ...plain } = z.toJSONSchema(schema, { io: 'input' })
  return portable(plain) as PlainSchema
}

/** Spelled as every model provider takes it: no list of types, no empty schema, no word about the keys of an open object. */
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
        description: 'The documents within reach, and what may be done with each.',
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
        description: 'Every connection within reach (documents and others), and what may be done with each.',
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
          'How a script calls the HTTP proxy with a session token: methods, fields, errors, and an example script.',
        inputSchema: noFields,
        outputSchema: { type: 'object' },
        annotations: { title: 'Get proxy documentation', ...READS },
      }
    case 'request_session_token': {
      const { properties, required } = plainSchema(sessionRequestSchema)
      return {
        name,
        title: 'Request session token',
        description:
          'A short-lived token for one document, for a script that calls the HTTP proxy. ' +
          'Use it for bulk work instead of many tool calls; get_proxy_documentation tells how.',
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
