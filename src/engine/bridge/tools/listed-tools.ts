import type { Tool } from '@modelcontextprotocol/server'
import type { Principal } from '../../access/principal.ts'
import type { DocumentCalls } from '../../calls/document-calls.ts'
import { SEARCH_TOOLS } from './search/search-tools.ts'
import type { Surfaces } from './surface.ts'
import type { ToolLists } from './tool-list.ts'
import type { SourceTool } from './tool-source.ts'

/** The tools that a principal sees, cached until something in them changes. */
interface ListedTools {
  /** The same array until something in it changes. Shared: never changed. */
  of(principal: Principal): readonly Tool[]
  /** Hallpass's own tools. */
  ownTools(principal: Principal): Tool[]
  /** Returns the tool of a connection with this name; null if there is none. */
  sourceToolOf(principal: Principal, name: string): SourceTool | null
}

export function createListedTools(parts: {
  calls: Pick<DocumentCalls, 'documents'>
  toolLists: ToolLists
  surfaces: Surfaces
}): ListedTools {
  const { calls, toolLists, surfaces } = parts
  // Indexed once per surface, because that is noticeable with hundreds of tools.
  const byNames = new WeakMap<readonly SourceTool[], Map<string, SourceTool>>()
  const passedThrough = new WeakMap<readonly SourceTool[], readonly Tool[]>()
  const joined = new WeakMap<readonly unknown[], { own: Tool[]; all: Tool[] }>()

  function ownTools(principal: Principal): Tool[] {
    return toolLists.of(calls.documents(principal), {
      hasGrants: principal.grants.length > 0,
      hasTools: surfaces.of(principal).tools.length > 0,
    })
  }

  function sourceToolOf(principal: Principal, name: string): SourceTool | null {
    const { tools } = surfaces.of(principal)
    let known = byNames.get(tools)
    if (known === undefined) {
      known = new Map(tools.map((tool) => [tool.definition.name, tool]))
      byNames.set(tools, known)
    }
    return known.get(name) ?? null
  }

  function definitionsOf(tools: readonly SourceTool[]): readonly Tool[] {
    let definitions = passedThrough.get(tools)
    if (definitions === undefined) {
      definitions = tools.map(({ definition }) => definition as unknown as Tool)
      passedThrough.set(tools, definitions)
    }
    return definitions
  }

  function everyTool(principal: Principal): Tool[] {
    const { tools } = surfaces.of(principal)
    const own = ownTools(principal)
    const known = joined.get(tools)
    if (known?.own === own) return known.all
    const all = [...own, ...tools.map(({ definition }) => definition as unknown as Tool)]
    joined.set(tools, { own, all })
    return all
  }

  return {
    ownTools,
    sourceToolOf,
    of(principal) {
      const { mode, tools } = surfaces.of(principal)
      if (mode.kind === 'search') return SEARCH_TOOLS
      return mode.kind === 'all' ? everyTool(principal) : definitionsOf(tools)
    },
  }
}
