import type { CallToolResult, Tool } from '@modelcontextprotocol/server'
import { isDocumentMethod, DOCUMENT_METHODS } from '../../../../contract/methods/document-methods.ts'
import { invalidRequest, type HallpassError } from '../../../../contract/errors.ts'
import { PERMISSIONS, type Permission } from '../../../../contract/grants.ts'
import type { Principal } from '../../../access/principal.ts'
import type { CallOpener } from '../../../calls/open-call.ts'
import type { JsonObject } from '../../../text/json.ts'
import { callOf } from '../../caller.ts'
import { argumentsOf, givenArguments, type DispatchedCall } from '../dispatched-call.ts'
import { toolError } from '../tool-error.ts'
import type { SourceTool } from '../tool-source.ts'
import { DEFAULT_FOUND, MAX_DESCRIBED, MAX_FOUND, SEARCH_TOOLS, type SearchToolName } from './search-tools.ts'
import { createToolFinder } from './tool-finder.ts'

const MAX_QUERY = 500

/** The tools of search mode. They find, describe and call what the token would otherwise see listed. */
interface SearchMode {
  call(tool: SearchToolName, principal: Principal, call: DispatchedCall): Promise<CallToolResult | null>
}

export function createSearchMode(parts: {
  opener: CallOpener
  monotonic: () => number
  /** The tools of documents and of Hallpass. The same array until they change. */
  ownTools: (principal: Principal) => Tool[]
  toolsOf: (principal: Principal) => {
    tools: readonly SourceTool[]
    toolLists: readonly (readonly SourceTool[])[]
    upstreams: readonly string[]
  }
  callByName: (principal: Principal, call: DispatchedCall) => Promise<CallToolResult | null>
}): SearchMode {
  const { opener, monotonic, ownTools, toolsOf, callByName } = parts
  const finder = createToolFinder({ monotonic })
  const findable = new WeakMap<readonly Tool[], readonly SourceTool[]>()

  function ownList(principal: Principal): readonly SourceTool[] {
    const tools = ownTools(principal)
    let list = findable.get(tools)
    if (list === undefined) {
      list = tools.map(ownTool)
      findable.set(tools, list)
    }
    return list
  }

  async function find(principal: Principal, args: JsonObject): Promise<JsonObject> {
    const { query, limit = DEFAULT_FOUND, connection, permission } = args
    if (typeof query !== 'string') throw invalidRequest('The query must be a string.', 'query')
    if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1)
      throw invalidRequest('The limit must be a whole number, at least 1.', 'limit')
    if (connection !== undefined && typeof connection !== 'string')
      throw invalidRequest('The connection must be a string.', 'connection')
    if (permission !== undefined && !isPermission(permission))
      throw invalidRequest(`The permission must be one of ${PERMISSIONS.join(', ')}.`, 'permission')
    const own = ownList(principal)
    const { tools, toolLists } = toolsOf(principal)
    const listed = new Set([...own, ...tools].map(({ definition }) => definition.name))
    const found = await finder.find({
      lists: [own, ...toolLists],
      isListed: (name) => listed.has(name),
      query: query.slice(0, MAX_QUERY),
      limit: Math.min(limit, MAX_FOUND),
      ...(connection === undefined ? {} : { connection }),
      ...(permission === undefined ? {} : { permission }),
    })
    if (found.total > 0) return { ...found }
    return { ...found, connections: [...new Set(principal.grants.map((grant) => grant.connection))].toSorted() }
  }

  function describe(principal: Principal, { name, names }: JsonObject): JsonObject {
    const all = [...ownList(principal), ...toolsOf(principal).tools]
    const described = (wanted: string): JsonObject => {
      const tool = all.find(({ definition }) => definition.name === wanted)
      if (tool === undefined) throw unknownTool(wanted)
      return { ...tool.definition }
    }
    if (names === undefined) {
      if (typeof name !== 'string') throw invalidRequest('Enter the name of a tool, or several names.', 'name')
      return described(name)
    }
    if (!Array.isArray(names) || names.length === 0 || !names.every((each) => typeof each === 'string'))
      throw invalidRequest('The names must be a list of tool names.', 'names')
    if (names.length > MAX_DESCRIBED)
      throw invalidRequest(`At most ${MAX_DESCRIBED} tools can be described at once.`, 'names')
    return { tools: names.map(described) }
  }

  async function callTool(principal: Principal, call: DispatchedCall): Promise<CallToolResult> {
    const { name, arguments: args = {} } = argumentsOf(call)
    const reject = (error: HallpassError): CallToolResult =>
      toolError(opener.reject(callOf(call.caller, 'call_tool', call.client, call.signal), error))
    if (typeof name !== 'string' || name === '') return reject(invalidRequest('Enter the name of a tool.', 'name'))
    if (typeof args !== 'object' || args === null || Array.isArray(args))
      return reject(invalidRequest('The arguments must be an object.', 'arguments'))
    const result = await callByName(principal, { ...call, name, params: { ...call.params, name, arguments: args } })
    return result ?? reject(unknownTool(name))
  }

  return {
    async call(tool, principal, call) {
      // Tools called through call_tool are logged under their own name.
      if (tool === 'call_tool') return callTool(principal, call)
      const running = opener.open(callOf(call.caller, tool, call.client, call.signal))
      try {
        running.payload?.request.add(JSON.stringify({ tool, arguments: argumentsOf(call) }))
        const args = givenArguments(argumentsOf(call), SEARCH_TOOLS.find(({ name }) => name === tool)?.inputSchema)
        const found = tool === 'search_tools' ? await find(principal, args) : describe(principal, args)
        const text = JSON.stringify(found)
        running.payload?.response.add(text)
        running.finish({ status: 200, bytes_out: Buffer.byteLength(text) })
        return { content: [{ type: 'text', text }], structuredContent: found }
      } catch (thrown) {
        return toolError(running.fail(thrown))
      }
    },
  }
}

function ownTool(definition: Tool): SourceTool {
  const { name } = definition
  const permission = isDocumentMethod(name) ? DOCUMENT_METHODS[name].permission : 'read'
  return {
    connection: '',
    definition: definition as unknown as SourceTool['definition'],
    demand: { permission, connection: '' },
  }
}

function unknownTool(name: string): HallpassError {
  return invalidRequest(`Tool "${name.slice(0, 80)}" not found. Call search_tools to find tools.`, 'name', {
    reason: 'unknown_tool',
  })
}

function isPermission(value: unknown): value is Permission {
  return (PERMISSIONS as readonly unknown[]).includes(value)
}
