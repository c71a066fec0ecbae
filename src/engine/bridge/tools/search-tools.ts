import type { Tool } from '@modelcontextprotocol/server'

export const SEARCH_TOOL_NAMES = ['search_tools', 'describe_tool', 'call_tool'] as const
export type SearchToolName = (typeof SEARCH_TOOL_NAMES)[number]

export function isSearchTool(name: string): name is SearchToolName {
  return (SEARCH_TOOL_NAMES as readonly string[]).includes(name)
}

const DEFAULT_FOUND = 10
const MOST_FOUND = 50
const LONGEST_SUMMARY = 300

const name = { type: 'string', description: 'The tool, as search_tools names it' }
const READS = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false }

/** What a project in search mode lists instead of every tool. */
export const SEARCH_TOOLS: readonly Tool[] = [
  {
    name: 'search_tools',
    title: 'Search tools',
    description:
      'Finds the tools that fit some words. There are more tools than are listed here: search before you say that something cannot be done.',
    inputSchema: {
      type: 'object',
      properties: {
        query: {
          type: 'string',
          description: 'A few words on what is to be done, such as "list open orders"; empty for all, by name',
        },
        limit: { type: 'integer', minimum: 1, maximum: MOST_FOUND, description: `How many at most (${DEFAULT_FOUND})` },
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
            properties: { name: { type: 'string' }, description: { type: 'string' } },
            required: ['name', 'description'],
          },
        },
        total: { type: 'integer', description: 'How many tools fit' },
      },
      required: ['tools', 'total'],
    },
    annotations: { title: 'Search tools', ...READS },
  },
  {
    name: 'describe_tool',
    title: 'Describe tool',
    description: 'A tool’s whole description and the schema of its arguments. Read it before you call one.',
    inputSchema: { type: 'object', properties: { name }, required: ['name'], additionalProperties: false },
    outputSchema: { type: 'object' },
    annotations: { title: 'Describe tool', ...READS },
  },
  {
    name: 'call_tool',
    title: 'Call tool',
    description: 'Calls a tool that search_tools found.',
    inputSchema: {
      type: 'object',
      properties: {
        name,
        arguments: {
          type: 'object',
          description: 'The arguments, by the schema that describe_tool tells',
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

interface Findable {
  name: string
  title?: unknown
  description?: unknown
}

/**
 * The tools that fit the query, best first: a word of the name weighs most, then the title, then the description; a tool that
 * meets more of the query's words stands before one that meets fewer. Ties go by name, so that the same question has the same answer.
 */
export function searchTools(
  tools: readonly Findable[],
  query: string,
  limit = DEFAULT_FOUND,
): { tools: { name: string; description: string }[]; total: number } {
  const wanted = [...new Set(wordsOf(query))]
  const ranked = tools
    .map((tool) => ({ tool, ...rank(tool, wanted) }))
    .filter(({ met }) => wanted.length === 0 || met > 0)
    .toSorted(
      (one, other) => other.met - one.met || other.weight - one.weight || (one.tool.name < other.tool.name ? -1 : 1),
    )
  const found = ranked
    .slice(0, Math.min(limit, MOST_FOUND))
    .map(({ tool }) => ({ name: tool.name, description: summaryOf(tool) }))
  return { tools: found, total: ranked.length }
}

function rank(tool: Findable, wanted: readonly string[]): { met: number; weight: number } {
  const places: [string[], number][] = [
    [wordsOf(tool.name), 8],
    [wordsOf(String(tool.title ?? '')), 4],
    [wordsOf(String(tool.description ?? '')), 2],
  ]
  let met = 0
  let weight = 0
  for (const word of wanted) {
    const best = Math.max(
      ...places.map(([words, worth]) => {
        if (words.includes(word)) return worth
        return words.some((each) => each.startsWith(word) || (each.length > 3 && word.startsWith(each))) ? worth / 2 : 0
      }),
    )
    if (best > 0) met += 1
    weight += best
  }
  return { met, weight }
}

function wordsOf(text: string): string[] {
  return text
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
}

function summaryOf({ description, title }: Findable): string {
  const text = String(description ?? title ?? '')
  return text.length > LONGEST_SUMMARY ? `${text.slice(0, LONGEST_SUMMARY)}…` : text
}
