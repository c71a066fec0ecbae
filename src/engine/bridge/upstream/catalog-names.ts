import type { McpCatalog, McpUpstreams } from '../../mcp-upstreams/mcp-upstreams.ts'
import type { JsonObject } from '../../text/json.ts'
import { namespacedName } from '../../text/tool-names.ts'
import type { SourceTool } from '../tools/tool-source.ts'
import { clientUri } from './resource-uris.ts'

/** A catalog's lists with the upstream's own names and with the prefixed names that clients see. */
interface NamedCatalog {
  catalog: McpCatalog
  own: NamedLists
  joined: NamedLists
}

export interface NamedLists {
  tools: readonly SourceTool[]
  /** Client-facing names → the upstream's. Includes quarantined tools, so that calling one gets a specific error. */
  toolNames: ReadonlyMap<string, string>
  resources: readonly JsonObject[]
  resourceTemplates: readonly JsonObject[]
  prompts: readonly JsonObject[]
  promptNames: ReadonlyMap<string, string>
}

export interface CatalogNames {
  /** Returns immediately what is known. The same object until the catalog changes. */
  of(connection: string): NamedCatalog
  /** Removes the cached names of connections for which `exists` is false. */
  prune(exists: (connection: string) => boolean): void
}

/** Computes the names of each catalog once per revision, because that is the expensive part of a list. */
export function createCatalogNames(upstreams: Pick<McpUpstreams, 'catalog'>): CatalogNames {
  const known = new Map<string, NamedCatalog>()
  return {
    of(connection) {
      const catalog = upstreams.catalog(connection)
      const found = known.get(connection)
      if (found !== undefined && found.catalog.revision === catalog.revision) return found
      const same = (_connection: string, name: string): string => name
      const created = { catalog, own: lists(catalog, same, same), joined: lists(catalog, namespacedName, clientUri) }
      known.set(connection, created)
      return created
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
  const tools = catalog.tools.flatMap(({ name, definition, permission }) => {
    const shown = rename(connection, name)
    // If an upstream lists two with the same name, only one can be requested.
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
