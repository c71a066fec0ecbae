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

interface Reached {
  name: string
  kind: ConnectionKind
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
  const known = new WeakMap<readonly Grant[], { marks: readonly unknown[]; surface: Surface }>()
  const granted = new WeakMap<readonly Grant[], { connections: readonly string[]; text: string }>()
  const numbers = new WeakMap<object, number>()
  let lastNumber = 0

  function grantedOf(grants: readonly Grant[]): { connections: readonly string[]; text: string } {
    let found = granted.get(grants)
    if (found === undefined) {
      const connections = [...new Set(grants.map((grant) => grant.connection))].toSorted()
      found = { connections, text: JSON.stringify(grants) }
      granted.set(grants, found)
    }
    return found
  }

  function reached({ grants }: Principal, mode: SurfaceMode): Reached[] {
    const connections: Reached[] = []
    for (const name of grantedOf(grants).connections) {
      if (mode.kind === 'pass-through' && mode.connection !== name) continue
      const kind = kindOf(name)
      if (kind !== null) connections.push({ name, kind })
    }
    return connections
  }

  /** Returns what a surface depends on besides its grants. Compared with each call, so nothing is serialized. */
  function marksOf(mode: SurfaceMode, connections: readonly Reached[]): unknown[] {
    const marks: unknown[] = [mode.kind, mode.kind === 'pass-through' ? mode.connection : null]
    for (const { name, kind } of connections) {
      marks.push(name, kind)
      if (kind === 'mcp') marks.push(names.of(name).catalog.revision)
      else for (const source of sources) if (source.kind === kind) marks.push(source.tools(name))
    }
    return marks
  }

  /** Returns a number for a list, the same as long as the list is. */
  function plainMark(mark: unknown): unknown {
    if (typeof mark !== 'object' || mark === null) return mark
    let number = numbers.get(mark)
    if (number === undefined) {
      lastNumber += 1
      number = lastNumber
      numbers.set(mark, number)
    }
    return number
  }

  function make(
    principal: Principal,
    mode: SurfaceMode,
    connections: readonly Reached[],
    marks: readonly unknown[],
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
      shape: `${JSON.stringify(marks.map(plainMark))} ${grantedOf(principal.grants).text}`,
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
      const marks = marksOf(mode, connections)
      const found = known.get(principal.grants)
      if (found !== undefined && isSame(found.marks, marks)) return found.surface
      const surface = make(principal, mode, connections, marks)
      known.set(principal.grants, { marks, surface })
      return surface
    },
  }
}

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one.length !== other.length) return false
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return false
  return true
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
