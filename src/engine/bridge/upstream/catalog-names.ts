import type { McpCatalog, McpUpstreams } from '../../mcp-upstreams/mcp-upstreams.ts'
import type { JsonObject } from '../../text/json.ts'
import { namespacedName } from '../../text/tool-names.ts'
import type { SourceTool } from '../tools/tool-source.ts'
import { clientUri } from './resource-uris.ts'

/** A catalog's lists, once under the upstream's own names and once as clients of an aggregate see them. */
export interface NamedCatalog {
  catalog: McpCatalog
  own: NamedLists
  joined: NamedLists
}

export interface NamedLists {
  tools: readonly SourceTool[]
  /** Names as clients see them → the upstream's; quarantined tools too, since a call of one is refused with its own sentence. */
  toolNames: ReadonlyMap<string, string>
  resources: readonly JsonObject[]
  resourceTemplates: readonly JsonObject[]
  prompts: readonly JsonObject[]
  promptNames: ReadonlyMap<string, string>
}

export interface CatalogNames {
  /** At once, from what is known. The same object until the catalog changes. */
  of(connection: string): NamedCatalog
  /** Drops what is stored of connections for which `exists` is false. */
  prune(exists: (connection: string) => boolean): void
}

/** Makes the names of each catalog once a revision: with hundreds of tools that is the expensive part of a list. */
export function createCatalogNames(upstreams: Pick<McpUpstreams, 'catalog'>): CatalogNames {
  const known = new Map<string, NamedCatalog>()
  return {
    of(connection) {
      const catalog = upstreams.catalog(connection)
      const found = known.get(connection)
      if (found !== undefined && found.catalog.revision === catalog.revision) return found
      const same = (_connection: string, name: string): string => name
      const made = { catalog, own: lists(catalog, same, same), joined: lists(catalog, namespacedName, clientUri) }
      known.set(connection, made)
      return made
    },
    prune(exists) {
      for (const connection of known.keys()) if (!exists(connection)) known.delete(connection)
    },
  }
}

type Rename = (connection: string, name: string) => string

function lists(catalog: McpCatalog, rename: Rename, reroute: Rename): NamedLists {
  const { connection } = catalog
  const toolNames = new Map<string, string>()
  const promptNames = new Map<string, string>()
  const tools = catalog.tools.flatMap(({ name, definition: { execution, ...definition }, permission }) => {
    // Hallpass runs no tasks, so a tool that only runs as one cannot be called through it.
    if (typeof execution === 'object' && (execution as JsonObject | null)?.['taskSupport'] === 'required') return []
    const shown = rename(connection, name)
    // Of two that an upstream lists under one name, it can be asked for one only.
    if (toolNames.has(shown)) return []
    toolNames.set(shown, name)
    return [{ connection, definition: { ...definition, name: shown }, demand: { permission, connection, tool: name } }]
  })
  for (const { name } of catalog.quarantined) {
    const shown = rename(connection, name)
    if (!toolNames.has(shown)) toolNames.set(shown, name)
  }
  const prompts = catalog.prompts.flatMap((prompt) => {
    const name = String(prompt['name'])
    const shown = rename(connection, name)
    if (promptNames.has(shown)) return []
    promptNames.set(shown, name)
    return [{ ...prompt, name: shown }]
  })
  return {
    tools,
    toolNames,
    prompts,
    promptNames,
    resources: catalog.resources.map((resource) => ({
      ...resource,
      uri: reroute(connection, String(resource['uri'])),
    })),
    resourceTemplates: catalog.resourceTemplates.map((template) => ({
      ...template,
      uriTemplate: reroute(connection, String(template['uriTemplate'])),
    })),
  }
}
