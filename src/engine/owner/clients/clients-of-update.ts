import { clientReporting } from '../../clients/reports-as.ts'
import type { UpdatePreview } from '../../access/tokens/token-updates.ts'
import { splitClient } from '../../log/client-sightings.ts'
import type { OwnerOutputs, OwnerParts } from '../owner-parts.ts'

type Parts = Pick<OwnerParts, 'bridge' | 'clients'>
type Update = Parameters<OwnerParts['access']['previewTokenUpdate']>[0]
type Preview = OwnerOutputs['tokens']['previewUpdate']

/**
 * Returns what an update changes for the token's MCP clients: those with an open session, and those on this computer whose
 * configuration names it. The tools are those that the bridge would list for them.
 */
export async function clientsOfUpdate(
  { bridge, clients }: Parts,
  update: Update,
  { before, after }: Pick<UpdatePreview, 'before' | 'after'>,
): Promise<Pick<Preview, 'clients' | 'entries_drifted'>> {
  const [listed, next] = [before, after].map((principal) => bridge.toolsOf(principal).map(({ name }) => name))
  const change = {
    tools_added: countMissing(next, listed),
    tools_removed: countMissing(listed, next),
  }
  const isChanged = change.tools_added + change.tools_removed > 0
  const isRenamed = update.set.name !== undefined && update.set.name !== update.name
  if (!isChanged && !isRenamed) return { clients: [], entries_drifted: [] }
  // What clients have in their files is only announced. The update is shown without it too.
  const entries = (await clients?.list(update.project, null).catch(() => [])) ?? []
  // Only a local token can be in a configuration.
  const configured = entries.filter(({ token, state }) => token === update.name && state === 'connected')
  const open = bridge.connectedClients().flatMap(({ tokenId, client }) => {
    if (tokenId !== before.tokenId || client === null) return []
    const { name } = splitClient(client)
    const id = clientReporting(name, entries)
    return [entries.find((entry) => entry.id === id)?.name ?? name]
  })
  const names = [...new Set([...configured.map(({ name }) => name), ...open])]
  return {
    clients: isChanged ? names.map((client) => ({ client, ...change })) : [],
    entries_drifted: isRenamed ? configured.map(({ name }) => name) : [],
  }
}

/** Returns how many names of the first list the second doesn't have. */
function countMissing(names: readonly string[] = [], others: readonly string[] = []): number {
  const known = new Set(others)
  return names.filter((name) => !known.has(name)).length
}
