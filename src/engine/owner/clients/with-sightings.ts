import type { ClientRecord } from '../../../contract/records.ts'
import type { ClientEntry } from '../../clients/client-connections.ts'
import { clientReporting } from '../../clients/reports-as.ts'
import { splitClient } from '../../log/client-sightings.ts'
import type { OwnerParts } from '../owner-parts.ts'

/** Adds to each client when it was last seen in the project, and its open sessions. */
export function withSightings(
  { store, sightings, bridge }: Pick<OwnerParts, 'store' | 'sightings' | 'bridge'>,
  project: string,
  entries: readonly ClientEntry[],
): ClientRecord[] {
  const seen = sightings.of(project).map((one) => ({ ...one, id: clientReporting(one.client, entries) }))
  const projectId = store.read.project(project)?.id
  const open = bridge
    .connectedClients()
    .filter((one) => one.projectId === projectId && one.client !== null)
    .map(({ client }) => clientReporting(splitClient(client ?? '').name, entries))
  return entries.map((entry) => {
    const [last] = seen.filter(({ id }) => id === entry.id).toSorted((one, other) => other.seenAt - one.seenAt)
    const writtenAt = sightings.writtenAt(project, entry.id)
    return {
      ...entry,
      version: last?.version ?? null,
      reports_as: last?.client ?? null,
      last_seen_at: last === undefined ? null : new Date(last.seenAt).toISOString(),
      sessions_open: open.filter((id) => id === entry.id).length,
      restart_needed:
        entry.state === 'connected' && writtenAt !== null && (last === undefined || last.seenAt <= writtenAt),
    }
  })
}
