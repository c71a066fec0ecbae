import type { Grant } from '../../../contract/grants.ts'
import type { ConnectionKind } from '../../../contract/records.ts'
import { decide } from '../../access/decide.ts'
import type { Principal } from '../../access/principal.ts'
import type { JsonObject } from '../../text/json.ts'
import type { SourceTool, ToolSource } from './tool-source.ts'
import type { CatalogNames } from '../upstream/catalog-names.ts'
import { readsWhole } from '../upstream/reach.ts'

/** What a project's clients see: all tools, three tools for searching, or one MCP server unchanged. */
export type SurfaceMode = { kind: 'all' | 'search' } | { kind: 'pass-through'; connection: string }

export interface Surface {
  mode: SurfaceMode
  /** Tools of connections other than documents, limited to the grants. The array is shared and must not be changed. */
  tools: readonly SourceTool[]
  /**
   * All tools of each connection, including those outside the grants, for indexes. The same arrays until they change.
   */
  toolLists: readonly (readonly SourceTool[])[]
  resources: readonly JsonObject[]
  resourceTemplates: readonly JsonObject[]
  prompts: readonly JsonObject[]
  /** Names of the reachable MCP connections. */
  upstreams: readonly string[]
  /** Changes whenever something above may have changed. */
  shape: string
}

export interface Surfaces {
  /** Returns immediately what is known. */
  of(principal: Principal): Surface
  modeOf(principal: Principal): SurfaceMode
}

export function createSurfaces(parts: {
  names: CatalogNames
  sources: readonly ToolSource[]
  kindOf: (connection: string) => ConnectionKind | null
  modeOf: (principal: Principal) => SurfaceMode
}): Surfaces {
  const { names, sources, kindOf, modeOf } = parts
  // A token's grants are the same array until they change.
  const known = new WeakMap<readonly Grant[], Surface>()
  const numbers = new WeakMap<object, number>()
  const texts = new WeakMap<readonly Grant[], string>()
  let lastNumber = 0

  function textOf(grants: readonly Grant[]): string {
    let text = texts.get(grants)
    if (text === undefined) {
      text = JSON.stringify(grants)
      texts.set(grants, text)
    }
    return text
  }

  function numberOf(list: object): number {
    let number = numbers.get(list)
    if (number === undefined) {
      lastNumber += 1
      number = lastNumber
      numbers.set(list, number)
    }
    return number
  }

  function reached({ grants }: Principal, mode: SurfaceMode): { name: string; kind: ConnectionKind }[] {
    const granted = [...new Set(grants.map((grant) => grant.connection))].toSorted()
    return granted.flatMap((name) => {
      if (mode.kind === 'pass-through' && mode.connection !== name) return []
      const kind = kindOf(name)
      return kind === null ? [] : [{ name, kind }]
    })
  }

  function shapeOf(
    principal: Principal,
    mode: SurfaceMode,
    connections: readonly { name: string; kind: ConnectionKind }[],
  ): string {
    const parts = connections.map(({ name, kind }) => {
      if (kind === 'mcp') return `${name}@${names.of(name).catalog.revision}`
      return `${name}#${sources
        .filter((source) => source.kind === kind)
        .map((source) => numberOf(source.tools(name)))
        .join()}`
    })
    return `${JSON.stringify([mode, parts])} ${textOf(principal.grants)}`
  }

  function make(
    principal: Principal,
    mode: SurfaceMode,
    connections: readonly { name: string; kind: ConnectionKind }[],
    shape: string,
  ): Surface {
    const allowed = ({ demand }: SourceTool): boolean => decide(principal.grants, demand).allowed
    const upstreams = connections
      .filter(({ kind }) => kind === 'mcp')
      .map(({ name }) => {
        const { own, joined } = names.of(name)
        return { name, lists: mode.kind === 'pass-through' ? own : joined }
      })
    const whole = upstreams.filter(({ name }) => readsWhole(principal, name))
    const toolLists = [
      ...upstreams.map(({ lists }) => lists.tools),
      ...connections.flatMap(({ name, kind }) =>
        sources.filter((source) => source.kind === kind).map((source) => source.tools(name)),
      ),
    ]
    return {
      mode,
      shape,
      upstreams: upstreams.map(({ name }) => name),
      toolLists,
      tools: toolLists.flat().filter(allowed),
      resources: whole.flatMap(({ lists }) => lists.resources),
      resourceTemplates: whole.flatMap(({ lists }) => lists.resourceTemplates),
      prompts: whole.flatMap(({ lists }) => lists.prompts),
    }
  }

  return {
    modeOf,
    of(principal) {
      const mode = modeOf(principal)
      const connections = reached(principal, mode)
      const shape = shapeOf(principal, mode, connections)
      const found = known.get(principal.grants)
      if (found?.shape === shape) return found
      const created = make(principal, mode, connections, shape)
      known.set(principal.grants, created)
      return created
    },
  }
}

/** Instructions that a client's model reads when it connects. */
export const INSTRUCTIONS = [
  'Hallpass gives you access to documents (Grist or SQLite), HTTP APIs and MCP servers without exposing their keys.',
  'You can do exactly what the listed tools allow. Call list_documents to see your documents and permissions, and',
  'describe_table before you read or write a table for the first time. Tools named connection__tool belong to other MCP',
  'servers and HTTP APIs. For up to a few hundred records, call the tools directly. For more (imports, exports, loops over',
  'records), do not move the data through tool calls: call request_session_token and write a script that uses the HTTP proxy.',
  'get_proxy_documentation describes the proxy and includes an example script. Never print a session token and never write it',
  'to a file. If a call fails, read its message and code: do not retry UNAUTHORIZED or APPROVAL_DENIED, wait on RATE_LIMITED',
  'and PAUSED, and after UPSTREAM_TIMEOUT check whether a write succeeded before you retry it.',
].join(' ')
