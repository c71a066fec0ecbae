import type { TokenRecord } from '../../../contract/records.ts'
import type { OwnerParts } from '../owner-parts.ts'

/** An entry of Hallpass in a client's configuration that no longer works. */
export interface DriftedEntry {
  client: string
  name: string
  project: string
  message: string | null
}

/** Another program may change the files at any time. */
const RECHECK_MS = 60_000

/**
 * Returns a function that finds drifted entries among those that Hallpass wrote. It reads the files again after a
 * minute, after Hallpass wrote one, and when the local tokens changed.
 */
export function findDriftedEntries({
  clients,
  sightings,
  store,
  clock,
}: Pick<OwnerParts, 'clients' | 'sightings' | 'store' | 'clock'>): (
  tokens: readonly TokenRecord[],
) => Promise<DriftedEntry[]> {
  let last: { key: string; at: number; found: Promise<DriftedEntry[]> } | null = null

  async function read(projects: readonly string[]): Promise<DriftedEntry[]> {
    const lists = await Promise.all(
      projects.map(async (project) => {
        // A page of its own shows why a client's file can't be read.
        const entries = (await clients?.list(project, null).catch(() => [])) ?? []
        return entries
          .filter(({ state }) => state === 'drifted')
          .map(({ id, name, message }): DriftedEntry => ({ client: id, name, project, message }))
      }),
    )
    return lists.flat()
  }

  return (tokens) => {
    const written = sightings.written()
    const projects = [...new Set(written.map(({ project }) => project))].filter(
      (project) => store.read.project(project) !== null,
    )
    // Without an entry, the code that reads configurations isn't even loaded.
    if (clients === undefined || projects.length === 0) return Promise.resolve([])
    const locals = tokens
      .filter(({ kind }) => kind === 'local')
      .map(({ project, name, status }) => [project, name, status])
    const key = JSON.stringify([written, projects, locals])
    const now = clock.monotonic()
    if (last === null || last.key !== key || now - last.at >= RECHECK_MS) last = { key, at: now, found: read(projects) }
    return last.found
  }
}
