import type { Tool } from '@modelcontextprotocol/server'
import { PERMISSIONS } from '../../../../contract/grants.ts'

const SEARCH_TOOL_NAMES = ['search_tools', 'describe_tool', 'call_tool'] as const
export type SearchToolName = (typeof SEARCH_TOOL_NAMES)[number]

export function isSearchTool(name: string): name is SearchToolName {
  return (SEARCH_TOOL_NAMES as readonly string[]).includes(name)
}

export const DEFAULT_FOUND = 10
export const MAX_FOUND = 50
export const MAX_DESCRIBED = 20

const name = { type: 'string', description: 'Exact tool name, from search_tools' }
const READS = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false }
const permission = { type: 'string', enum: [...PERMISSIONS] }

/** What a project in search mode lists instead of every tool. */
export const SEARCH_TOOLS: readonly Tool[] = [
  {
    name: 'search_tools',
    title: 'Search tools',
    description:
      'Search the available tools by keyword. Most tools are not listed here, so search before you conclude that something is not ' +
      'possible. Returns names, signatures and short descriptions, best match first. Next: describe_tool if the signature is not ' +
      'enough, then call_tool.',
    inputSchema: {
      type: 'object',
      properties: {
        query: {
          type: 'string',
          description:
            'Keywords for the task, for example "list open orders". Empty returns all tools in alphabetical order',
        },
        limit: {
          type: 'integer',
          minimum: 1,
          maximum: MAX_FOUND,
          description: `Maximum number of results, 1 to ${MAX_FOUND}. Default ${DEFAULT_FOUND}`,
        },
        connection: { type: 'string', description: 'Only tools of this connection, from list_connections' },
        permission: { ...permission, description: 'Only tools that need this permission' },
      },
      required: ['query'],
      additionalProperties: false,
    },
    outputSchema: {
      type: 'object',
      properties: {
        tools: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              name: { type: 'string' },
              signature: { type: 'string', description: 'Arguments (? marks optional ones) and result' },
              description: { type: 'string' },
              permission,
            },
            required: ['name', 'signature', 'description', 'permission'],
          },
        },
        total: { type: 'integer', description: 'Number of matching tools' },
        connections: {
          type: 'array',
          items: { type: 'string' },
          description: 'If nothing matches: the connections that you can use',
        },
      },
      required: ['tools', 'total'],
    },
    annotations: { title: 'Search tools', ...READS },
  },
  {
    name: 'describe_tool',
    title: 'Describe tools',
    description: `Return the full description and the input schema of one tool, or of up to ${MAX_DESCRIBED}. Call it before call_tool.`,
    inputSchema: {
      type: 'object',
      properties: {
        name,
        names: {
          type: 'array',
          items: { type: 'string' },
          minItems: 1,
          maxItems: MAX_DESCRIBED,
          description: 'Several tool names at once, instead of "name"',
        },
      },
      additionalProperties: false,
    },
    outputSchema: { type: 'object' },
    annotations: { title: 'Describe tools', ...READS },
  },
  {
    name: 'call_tool',
    title: 'Call tool',
    description: 'Call a tool by name. "arguments" must match the schema from describe_tool.',
    inputSchema: {
      type: 'object',
      properties: {
        name,
        arguments: {
          type: 'object',
          description: 'Arguments, as described by describe_tool',
          additionalProperties: true,
        },
      },
      required: ['name'],
      additionalProperties: false,
    },
    annotations: {
      title: 'Call tool',
      readOnlyHint: false,
      destructiveHint: true,
      idempotentHint: false,
      openWorldHint: true,
    },
  },
]
