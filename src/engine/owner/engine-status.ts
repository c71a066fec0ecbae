import type { AttentionItem } from '../../contract/owner-api/attention-api.ts'
import { outdatedNotice } from '../http-apis/openapi/document/outdated-catalogs.ts'
import type { Attention } from './attention/attention-items.ts'
import type { OwnerOutputs, OwnerParts } from './owner-parts.ts'

export async function engineStatus(parts: OwnerParts, needs: Attention): Promise<OwnerOutputs['status']> {
  const status = parts.status()
  const { access, approvals, health, log, store, clock } = parts
  const problems = await parts.problems()
  const tokens = await access.tokens()
  // Midnight in the owner's time zone.
  const midnight = new Date(clock.now()).setHours(0, 0, 0, 0)
  return {
    ...status,
    restart_needed: parts.restartNeeded(),
    requests_running: parts.opener.countOverHttp(),
    problems,
    notices: [
      ...problems.map(({ sentence }) => sentence),
      ...status.notices,
      ...parts.connectors.mcp.pendingReviews().map(reviewNotice),
      ...parts.connectors.http.outdated().map(outdatedNotice),
    ],
    attention: attentionOf(await needs.items('open', tokens)),
    clients_available: parts.clients !== undefined,
    paused: access.paused,
    paused_since: access.pausedSince,
    paused_by: access.pausedBy,
    tokens_active: tokens.filter((one) => one.status === 'active').length,
    sessions_active: (await access.sessions()).length,
    requests_today: await log.requestsSince(midnight),
    approvals_waiting: approvals.waiting,
    connections_down: store.read
      .connections()
      .filter((row) => health.of(row.id).state === 'down')
      .map((row) => row.name),
    secret_store_ok: parts.secretStoreOk(),
    last_request_at: log.lastRequestAt,
  }
}

/** Returns figures of open items, which come most urgent first. */
function attentionOf(items: readonly AttentionItem[]): OwnerOutputs['status']['attention'] {
  const projects = new Map<string, AttentionItem['group']>()
  for (const { subject, group } of items)
    if (subject.project !== null && !projects.has(subject.project)) projects.set(subject.project, group)
  return { open: items.length, worst: items[0]?.group ?? null, projects: Object.fromEntries(projects) }
}

function reviewNotice({ connection, tools }: { connection: string; tools: number }): string {
  const needed = tools === 1 ? '1 tool needs review' : `${tools} tools need review`
  return `MCP server "${connection}": ${needed}. Agents can't use them until you accept them: hallpass tools ${connection}`
}
