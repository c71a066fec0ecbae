import type { Tool } from '@modelcontextprotocol/server'

/** How many tools a client lists, and about how much of its model's context they take. */
export interface ToolCount {
  tools: number
  context_tokens: number
}

/** English text and JSON schemas have about four characters per token in the vocabularies of current models. */
const CHARACTERS_PER_TOKEN = 4

/** Counts what clients pass on to their model: names, descriptions and input schemas. */
export function countTools(tools: readonly Tool[]): ToolCount {
  const characters = tools.reduce(
    (sum, { name, description, inputSchema }) => sum + JSON.stringify({ name, description, inputSchema }).length,
    0,
  )
  return { tools: tools.length, context_tokens: Math.round(characters / CHARACTERS_PER_TOKEN) }
}
