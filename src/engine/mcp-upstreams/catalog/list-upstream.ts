import type { McpSession } from '../mcp-upstreams.ts'
import { isTooDeep, objectOf, type JsonObject } from '../../text/json.ts'
import type { EraMemory } from '../session/upstream-link.ts'
import { hidesNames } from '../../text/visible-text.ts'
import { LIST_NAMES, type CatalogContent, type ListName } from './catalog-content.ts'

export interface ListBounds {
  items: number
  bytes: number
  itemBytes: number
  pages: number
  silenceMs: number
}

/** Of each list. More than this no client can use, and every start would have to read it. */
export const LIST_BOUNDS: ListBounds = {
  items: 2000,
  bytes: 2 * 1024 * 1024,
  itemBytes: 128 * 1024,
  pages: 500,
  silenceMs: 30_000,
}

const METHODS: Record<ListName, { method: string; key: string; capability: string; called: string; identity: string }> =
  {
    tools: { method: 'tools/list', key: 'tools', capability: 'tools', called: 'tools', identity: 'name' },
    resources: {
      method: 'resources/list',
      key: 'resources',
      capability: 'resources',
      called: 'resources',
      identity: 'uri',
    },
    resourceTemplates: {
      method: 'resources/templates/list',
      key: 'resourceTemplates',
      capability: 'resources',
      called: 'resource templates',
      identity: 'uriTemplate',
    },
    prompts: { method: 'prompts/list', key: 'prompts', capability: 'prompts', called: 'prompts', identity: 'name' },
  }

/** Asks for every list that the upstream says it has, page by page, within bounds. */
export async function listUpstream(
  session: McpSession,
  eras: EraMemory,
  signal: AbortSignal,
  bounds: ListBounds = LIST_BOUNDS,
): Promise<CatalogContent> {
  const facts = await session.opened(signal)
  const lists: Record<ListName, JsonObject[]> = { tools: [], resources: [], resourceTemplates: [], prompts: [] }
  const leftOut: string[] = []
  for (const name of LIST_NAMES) {
    const { capability } = METHODS[name]
    if (objectOf(facts.capabilities[capability]) === null) continue
    const { items, note } = await walk(session, name, signal, bounds)
    lists[name] = items
    if (note !== null) leftOut.push(note)
  }
  return { facts, eras: { ...eras }, ...lists, leftOut: leftOut.length === 0 ? null : leftOut.join(' ') }
}

async function walk(
  session: McpSession,
  name: ListName,
  signal: AbortSignal,
  bounds: ListBounds,
): Promise<{ items: JsonObject[]; note: string | null }> {
  const { method, key, called, identity } = METHODS[name]
  const items = new Map<string, JsonObject>()
  const dropped = { large: 0, hidden: 0, malformed: 0 }
  let bytes = 0
  let beyond = 0
  let cursor: string | undefined
  for (let page = 0; page < bounds.pages; page += 1) {
    let result: JsonObject
    try {
      result = await session.request(method, cursor === undefined ? {} : { cursor }, {
        signal,
        timeoutMs: bounds.silenceMs,
      })
    } catch (thrown) {
      // Declared with resources, but commonly not implemented.
      if (name === 'resourceTemplates' && page === 0) break
      throw thrown
    }
    for (const one of Array.isArray(result[key]) ? (result[key] as unknown[]) : []) {
      const item = objectOf(one)
      const id = item?.[identity]
      if (item === null || typeof id !== 'string' || id === '') dropped.malformed += 1
      else if (isTooDeep(item)) dropped.large += 1
      else if (hidesNames(item)) dropped.hidden += 1
      else {
        const size = Buffer.byteLength(JSON.stringify(item))
        if (size > bounds.itemBytes) dropped.large += 1
        else if (items.size >= bounds.items || bytes + size > bounds.bytes) beyond += 1
        else if (!items.has(id)) {
          items.set(id, item)
          bytes += size
        }
      }
    }
    const next = result['nextCursor']
    if (typeof next !== 'string' || next === cursor) break
    cursor = next
    // The rest could not be kept: asking for it would only cost both sides time.
    if (beyond > 0) break
  }
  return { items: [...items.values()], note: noteOf(called, items.size, beyond, dropped, bounds) }
}

function noteOf(
  called: string,
  kept: number,
  beyond: number,
  dropped: { large: number; hidden: number; malformed: number },
  bounds: ListBounds,
): string | null {
  const notes = [
    beyond > 0
      ? `the list is longer than Hallpass keeps (${bounds.items} entries, ${bounds.bytes / 1024 / 1024} MiB): the first ${kept} are there`
      : null,
    dropped.large > 0
      ? `${dropped.large} larger than ${bounds.itemBytes / 1024} KiB, or nested too deep, left out`
      : null,
    dropped.hidden > 0 ? `${dropped.hidden} with hidden characters in a name left out` : null,
    dropped.malformed > 0 ? `${dropped.malformed} without a name left out` : null,
  ].filter((note) => note !== null)
  return notes.length === 0 ? null : `Of its ${called}, ${notes.join('; ')}.`
}
