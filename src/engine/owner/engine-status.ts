import type { AttentionItem } from '../../contract/owner-api/attention-api.ts'
import { outdatedNotice } from '../http-apis/openapi/document/outdated-catalogs.ts'
import type { Store } from '../store/store.ts'
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
    attention: attentionOf(store, await needs.items('open', tokens)),
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

/** Items about a connection itself, which concern each project that includes it. */
const OF_CONNECTION: ReadonlySet<AttentionItem['kind']> = new Set(['connection_down', 'tools_review', 'sign_in'])

/** Returns figures of open items, which come most urgent first. */
function attentionOf({ read }: Store, items: readonly AttentionItem[]): OwnerOutputs['status']['attention'] {
  const projects = new Map<string, AttentionItem['group']>()
  for (const { kind, subject, group } of items) {
    const row = OF_CONNECTION.has(kind) ? read.connection(subject.connection ?? '') : null
    const names = row !== null ? read.projectsOf(row.id) : subject.project === null ? [] : [subject.project]
    for (const name of names) if (!projects.has(name)) projects.set(name, group)
  }
  return { open: items.length, worst: items[0]?.group ?? null, projects: Object.fromEntries(projects) }
}

function reviewNotice({ connection, tools }: { connection: string; tools: number }): string {
  const needed = tools === 1 ? '1 tool needs review' : `${tools} tools need review`
  return `MCP server "${connection}": ${needed}. Agents can't use them until you accept them: hallpass tools ${connection}`
}
