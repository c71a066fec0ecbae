import type { Found, FoundItem } from '../../../contract/owner-api/search-api.ts'
import type { OwnerParts } from '../owner-parts.ts'
import { logViews } from '../named-settings.ts'
import { rankNames } from './rank-names.ts'

const DEFAULT_LIMIT = 8

/** Finds projects, tokens, session tokens, connections, tools, views and requests by name. Kinds without any are left out. */
export async function searchNames(
  parts: OwnerParts,
  { text, limit = DEFAULT_LIMIT }: { text: string; limit?: number | undefined },
): Promise<Found[]> {
  const { store, access, log } = parts
  const [tokens, sessions, requests] = await Promise.all([
    access.tokens(),
    access.sessions(),
    log.list({ request_id: text.trim(), limit }),
  ])
  const connections = store.read.connections()
  const kinds: [Found['kind'], FoundItem[]][] = [
    ['project', store.read.projects().map(({ name }) => item(name))],
    [
      'token',
      tokens.map(({ name, project, status, paused }) => item(name, { project, state: paused ? 'paused' : status })),
    ],
    ['session', sessions.map(({ id, project, connection }) => item(id, { project, connection, state: 'active' }))],
    [
      'connection',
      connections.map(({ id, name }) =>
        item(name, { project: store.read.projectsOf(id)[0] ?? null, state: parts.health.of(id).state }),
      ),
    ],
    [
      'tool',
      connections.flatMap(({ id, name: connection }) =>
        store.read
          .mcpTools(id)
          .map(({ name }) => item(name, { connection, project: store.read.projectsOf(id)[0] ?? null })),
      ),
    ],
    [
      'view',
      logViews(store)
        .list()
        .map(({ name, project }) => item(name, { project })),
    ],
  ]
  const found = kinds.map(([kind, all]) => ({ kind, items: rankNames(all, text) }))
  const numbered = /^\d{1,15}$/.test(text.trim()) ? await log.get(Number(text)) : null
  const rows = numbered === null ? requests : [numbered, ...requests]
  found.push({
    kind: 'request',
    items: rows.map(({ id, project, method }) => item(String(id), { project, state: method })),
  })
  return found
    .filter(({ items }) => items.length > 0)
    .map(({ kind, items }) => ({ kind, total: items.length, items: items.slice(0, limit) }))
}

function item(name: string, more: Partial<FoundItem> = {}): FoundItem {
  return { name, project: null, connection: null, state: null, ...more }
}
