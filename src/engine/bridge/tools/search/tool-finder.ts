import { setImmediate } from 'node:timers/promises'
import type { Permission } from '../../../../contract/grants.ts'
import type { SourceTool } from '../tool-source.ts'
import { rankTools } from './rank-tools.ts'
import { createToolDocument, type ToolDocument } from './tool-document.ts'
import { createToolIndex, type ToolIndex } from './tool-index.ts'
import { toolSignature } from './tool-signature.ts'
import { createVocabulary } from './vocabulary.ts'

export interface FindRequest {
  /** One list per connection. The same array until its tools change, because its index is cached by it. */
  lists: readonly (readonly SourceTool[])[]
  isListed: (name: string) => boolean
  query: string
  limit: number
  connection?: string
  permission?: Permission
}

interface FoundTool {
  name: string
  signature: string
  description: string
  permission: Permission
}

interface ToolFinder {
  /** Returns the best matches, best first, and how many tools match. An empty query returns all, by name. */
  find(request: FindRequest): Promise<{ tools: FoundTool[]; total: number }>
}

/** Maximum time for which building an index may delay other requests. */
const SLICE_MS = 10
const MAX_DESCRIPTION = 100

/** Finds tools by keyword. Each connection has a separate index, built in slices when its tools are first searched. */
export function createToolFinder({ monotonic }: { monotonic: () => number }): ToolFinder {
  const vocabulary = createVocabulary()
  const indexes = new WeakMap<readonly SourceTool[], Promise<ToolIndex>>()

  async function build(tools: readonly SourceTool[]): Promise<ToolIndex> {
    const documents: ToolDocument[] = []
    let sliceStart = monotonic()
    for (const { definition, connection, demand } of tools) {
      const { name, title, description, inputSchema, annotations } = definition
      const hints = asObject(annotations)
      documents.push(
        createToolDocument(
          {
            name,
            ownName: demand.tool ?? name,
            connection,
            title: String(title ?? hints['title'] ?? ''),
            description: String(description ?? ''),
            inputSchema: asObject(inputSchema),
            isReadOnly: hints['readOnlyHint'] === true,
          },
          vocabulary,
        ),
      )
      if (monotonic() - sliceStart < SLICE_MS) continue
      await setImmediate()
      sliceStart = monotonic()
    }
    return createToolIndex(documents)
  }

  function indexOf(tools: readonly SourceTool[]): Promise<ToolIndex> {
    let index = indexes.get(tools)
    if (index === undefined) {
      index = build(tools)
      indexes.set(tools, index)
    }
    return index
  }

  return {
    async find({ lists, isListed, query, limit, connection, permission }) {
      const byName = new Map<string, SourceTool>()
      for (const list of lists)
        for (const tool of list)
          if (
            isListed(tool.definition.name) &&
            (connection === undefined || tool.connection === connection) &&
            (permission === undefined || tool.demand.permission === permission)
          )
            byName.set(tool.definition.name, tool)
      const names =
        query.trim() === ''
          ? [...byName.keys()].toSorted()
          : rankTools(query, await Promise.all(lists.map(indexOf)), vocabulary, (name) => byName.has(name))
      const tools = names.slice(0, limit).flatMap((name) => {
        const tool = byName.get(name)
        return tool === undefined ? [] : [foundTool(tool)]
      })
      return { tools, total: names.length }
    },
  }
}

function foundTool({ definition, demand }: SourceTool): FoundTool {
  const { name, title, description, inputSchema, outputSchema } = definition
  return {
    name,
    signature: toolSignature(name, inputSchema, outputSchema),
    description: summaryOf(String(description ?? title ?? '')),
    permission: demand.permission,
  }
}

/** Returns the first sentence, at most 100 characters. */
function summaryOf(description: string): string {
  const [sentence = ''] = /^[^]*?(?:[.!?](?=\s)|$|(?=\n))/.exec(description.trim()) ?? []
  return sentence.length > MAX_DESCRIPTION ? `${sentence.slice(0, MAX_DESCRIPTION - 1)}…` : sentence
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}
