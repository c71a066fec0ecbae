import { McpUpstreamError, type McpRequestOptions, type McpSession } from '../mcp-upstreams.ts'
import { isTooDeep, objectOf, type JsonObject } from '../../text/json.ts'
import type { EraMemory } from '../session/upstream-link.ts'
import { hidesNames, oneLine } from '../../text/visible-text.ts'
import { LIST_NAMES, type CatalogContent, type ListName } from './catalog-content.ts'

interface ListBounds {
  items: number
  bytes: number
  itemBytes: number
  pages: number
  silenceMs: number
}

/** Limits for each list. Clients can't use more, and every start has to read it. */
export const LIST_BOUNDS: ListBounds = {
  items: 2000,
  bytes: 2 * 1024 * 1024,
  itemBytes: 128 * 1024,
  pages: 500,
  silenceMs: 30_000,
}

const METHOD_NOT_FOUND = -32_601

interface ListMethod {
  method: string
  key: string
  capability: string
  label: string
  identity: string
}

const METHODS: Record<ListName, ListMethod> = {
  tools: { method: 'tools/list', key: 'tools', capability: 'tools', label: 'tools', identity: 'name' },
  resources: {
    method: 'resources/list',
    key: 'resources',
    capability: 'resources',
    label: 'resources',
    identity: 'uri',
  },
  resourceTemplates: {
    method: 'resources/templates/list',
    key: 'resourceTemplates',
    capability: 'resources',
    label: 'resource templates',
    identity: 'uriTemplate',
  },
  prompts: { method: 'prompts/list', key: 'prompts', capability: 'prompts', label: 'prompts', identity: 'name' },
}

/** Sends one request to the upstream and returns its raw result. */
type ListRequest = (method: string, params: JsonObject, options: McpRequestOptions) => Promise<JsonObject>

interface Listed {
  items: JsonObject[]
  note: string | null
}

/** Returns every list of the upstream within limits, page by page. A failing list doesn't affect the others. */
export async function listUpstream(
  session: McpSession,
  eras: EraMemory,
  signal: AbortSignal,
  bounds: ListBounds = LIST_BOUNDS,
): Promise<CatalogContent> {
  const facts = await session.opened(signal)
  const lists: Record<ListName, JsonObject[]> = { tools: [], resources: [], resourceTemplates: [], prompts: [] }
  const notes: string[] = []
  for (const name of LIST_NAMES) {
    const isDeclared = Boolean(facts.capabilities[METHODS[name].capability])
    // Some servers have tools without declaring them.
    if (!isDeclared && name !== 'tools') continue
    const { items, note } = await listOptional(
      name,
      isDeclared,
      (method, params, options) => session.request(method, params, options),
      signal,
      bounds,
    )
    lists[name] = items
    if (note !== null) notes.push(note)
  }
  return {
    facts,
    eras: { ...eras },
    ...lists,
    leftOut: notes.length === 0 ? null : notes.join(' '),
  }
}

async function listOptional(
  name: ListName,
  isDeclared: boolean,
  request: ListRequest,
  signal: AbortSignal,
  bounds: ListBounds,
): Promise<Listed> {
  try {
    return await listOf(name, request, signal, bounds)
  } catch (thrown) {
    if (!(thrown instanceof McpUpstreamError)) throw thrown
    const { label } = METHODS[name]
    if (thrown.code !== METHOD_NOT_FOUND) {
      // A server that can't list its tools most often lacks a key, and its message says so.
      if (name === 'tools') throw thrown
      return { items: [], note: `Couldn't list its ${label}: ${oneLine(thrown.message, 200)} (${thrown.code}).` }
    }
    // Servers that declare resources commonly don't implement templates.
    const isExpected = !isDeclared || name === 'resourceTemplates'
    return { items: [], note: isExpected ? null : `It declares ${label} but doesn't implement listing them.` }
  }
}

/** Returns one list of the upstream within limits. Throws what the request throws. */
export async function listOf(
  name: ListName,
  request: ListRequest,
  signal: AbortSignal,
  bounds: ListBounds = LIST_BOUNDS,
): Promise<Listed> {
  const { method, key, label, identity } = METHODS[name]
  const items = new Map<string, JsonObject>()
  const skipped = { large: 0, hidden: 0, malformed: 0 }
  let bytes = 0
  let beyond = 0
  let cursor: string | undefined
  for (let page = 0; page < bounds.pages; page += 1) {
    const result = await request(method, cursor === undefined ? {} : { cursor }, {
      signal,
      timeoutMs: bounds.silenceMs,
    })
    for (const one of Array.isArray(result[key]) ? (result[key] as unknown[]) : []) {
      const item = objectOf(one)
      const id = item?.[identity]
      if (item === null || typeof id !== 'string' || id === '') skipped.malformed += 1
      else if (isTooDeep(item)) skipped.large += 1
      else if (hidesNames(item)) skipped.hidden += 1
      else {
        const size = Buffer.byteLength(JSON.stringify(item))
        if (size > bounds.itemBytes) skipped.large += 1
        else if (items.size >= bounds.items || bytes + size > bounds.bytes) beyond += 1
        else if (!items.has(id)) {
          items.set(id, item)
          bytes += size
        }
      }
    }
    const next = result['nextCursor']
    // Some servers end with an empty cursor, which would start the list again.
    if (typeof next !== 'string' || next === '' || next === cursor) break
    cursor = next
    // More items couldn't be stored, so they aren't requested.
    if (beyond > 0) break
  }
  return { items: [...items.values()], note: noteOf(label, items.size, beyond, skipped, bounds) }
}

function noteOf(
  label: string,
  stored: number,
  beyond: number,
  skipped: { large: number; hidden: number; malformed: number },
  bounds: ListBounds,
): string | null {
  const notes = [
    beyond > 0
      ? `the list exceeds the limit of ${bounds.items} items or ${bounds.bytes / 1024 / 1024} MiB, so only the first ${stored} are available`
      : null,
    skipped.large > 0
      ? `${skipped.large} skipped (larger than ${bounds.itemBytes / 1024} KiB or nested too deeply)`
      : null,
    skipped.hidden > 0 ? `${skipped.hidden} skipped (hidden characters in the name)` : null,
    skipped.malformed > 0 ? `${skipped.malformed} skipped (no name)` : null,
  ].filter((note) => note !== null)
  return notes.length === 0 ? null : `Of its ${label}, ${notes.join('; ')}.`
}
