import type { AttentionItem } from '../../../contract/owner-api/attention-api.ts'
import type { TokenRecord } from '../../../contract/records.ts'
import { BUDGET_UNITS } from '../../../contract/tokens/token-budget.ts'
import type { RepeatedCause } from '../../log/recent-requests.ts'
import { bracketed } from '../../egress/address-class.ts'
import type { OwnerParts } from '../owner-parts.ts'
import type { DriftedEntry } from './drifted-entries.ts'

/** An item with a mark that differs once the item has changed. */
export type Cause = Omit<AttentionItem, 'snoozed_until' | 'ended_at'> & { mark: string }

type Parts = Pick<
  OwnerParts,
  'store' | 'approvals' | 'health' | 'log' | 'clock' | 'connectors' | 'secretStoreOk' | 'certificateProblem' | 'status'
>
interface Known {
  tokens: readonly TokenRecord[]
  drifted: readonly DriftedEntry[]
}
type Given = Pick<Cause, 'id' | 'kind' | 'group' | 'sentence'> &
  Partial<Omit<Cause, 'subject'>> & { subject?: Partial<Cause['subject']> }

const DAY_MS = 24 * 60 * 60_000
/** A token is about to expire in the last 7 days, or in the last tenth of its life if that is shorter. */
const EXPIRY_MS = 7 * DAY_MS
const EXPIRY_SHARE = 0.1
/** Share of a budget that must be used before it needs attention. */
const BUDGET_SHARE = 0.8

/** Returns everything that needs the owner, snoozed or not. */
export async function openCauses(parts: Parts, { tokens, drifted }: Known): Promise<Cause[]> {
  const { store, approvals, connectors, log, clock } = parts
  const waiting = await approvals.list()
  const signIns = new Set(connectors.mcp.neededSignIns())
  const projectOf = (connection: string): string | null => {
    const row = store.read.connection(connection)
    return row === null ? null : (store.read.projectsOf(row.id)[0] ?? null)
  }
  return [
    ...waiting.map(({ id, project, token, connection, permissions, asked_at: since }) =>
      cause({
        id: `approval:${id}`,
        kind: 'approval',
        group: 'decide',
        subject: { project, token, connection },
        sentence: `${token} asks for ${permissions.join(', ')} on ${connection}.`,
        since,
      }),
    ),
    ...connectors.mcp.pendingReviews().map(({ connection, tools }) =>
      cause({
        id: `tools_review:${connection}`,
        kind: 'tools_review',
        group: 'decide',
        subject: { connection, project: projectOf(connection) },
        sentence: `${tools} ${tools === 1 ? 'tool' : 'tools'} of ${connection} ${tools === 1 ? 'needs' : 'need'} review.`,
        mark: String(tools),
      }),
    ),
    ...[...signIns].map((connection) =>
      cause({
        id: `sign_in:${connection}`,
        kind: 'sign_in',
        group: 'decide',
        subject: { connection, project: projectOf(connection) },
        sentence: `${connection} needs you to sign in.`,
      }),
    ),
    // Signing in is what repairs a connection that is down for the lack of it.
    ...brokenParts(parts).filter(
      ({ kind, subject }) => kind !== 'connection_down' || !signIns.has(subject.connection ?? ''),
    ),
    ...drifted.map(driftedEntry),
    ...reachable(parts),
    ...tokens.filter((token) => isAboutToExpire(token, clock.now())).map(expiring),
    ...log.repeatedCauses().map(repeated),
    ...tokens.filter(({ status }) => status === 'active').flatMap((token) => nearlyUsedUp(token, clock.now())),
  ]
}

function cause({ subject, since = null, ...given }: Given): Cause {
  return {
    count: null,
    cause: null,
    mark: since ?? given.sentence,
    ...given,
    since,
    subject: { project: null, token: null, connection: null, ...subject },
  }
}

function driftedEntry({ client, name, project, message }: DriftedEntry): Cause {
  return cause({
    id: `client_drifted:${project}/${client}`,
    kind: 'client_drifted',
    group: 'broken',
    subject: { project },
    sentence: `The entry of ${name} no longer works.${message === null ? '' : ` ${message}`}`,
  })
}

function reachable({ status }: Parts): Cause[] {
  const { host, port, beyond_loopback: isReachable } = status().listening
  if (!isReachable) return []
  const sentence = `Other computers can reach Hallpass at ${bracketed(host)}:${port}.`
  return [cause({ id: 'reachable', kind: 'reachable', group: 'watch', sentence })]
}

function brokenParts({ store, health, log, secretStoreOk, certificateProblem }: Parts): Cause[] {
  const down = store.read.connections().flatMap((row) => {
    const { state, message, failing_since: since } = health.of(row.id)
    if (state !== 'down') return []
    const sentence = `${row.name} is down${message === null ? '.' : `: ${message}`}`
    const subject = { connection: row.name, project: store.read.projectsOf(row.id)[0] ?? null }
    return [
      cause({
        id: `connection_down:${row.name}`,
        kind: 'connection_down',
        group: 'broken',
        sentence,
        subject,
        since,
        mark: sentence,
      }),
    ]
  })
  const broken: Cause[] = []
  if (!secretStoreOk())
    broken.push(
      cause({
        id: 'secret_store',
        kind: 'secret_store',
        group: 'broken',
        sentence: "The secret store doesn't respond. Requests that need a secret fail.",
      }),
    )
  if (!log.healthy)
    broken.push(
      cause({
        id: 'log',
        kind: 'log',
        group: 'broken',
        sentence: "The request log can't be written, so every request is denied.",
      }),
    )
  const sentence = certificateProblem?.() ?? null
  if (sentence !== null)
    broken.push(cause({ id: 'certificate', kind: 'certificate', group: 'broken', sentence, mark: sentence }))
  return [...broken, ...down]
}

export function isAboutToExpire(
  { status, expires_at: end, created_at: start }: Pick<TokenRecord, 'status' | 'expires_at' | 'created_at'>,
  now: number,
): boolean {
  if (status !== 'active' || end === null) return false
  const life = Date.parse(end) - Date.parse(start)
  return Date.parse(end) - now <= Math.min(EXPIRY_MS, life * EXPIRY_SHARE)
}

function expiring({ project, name, expires_at: end }: TokenRecord): Cause {
  return cause({
    id: `token_expiring:${project}/${name}`,
    kind: 'token_expiring',
    group: 'watch',
    subject: { project, token: name },
    sentence: `${name} expires soon.`,
    since: end,
  })
}

/** The unit of a token's budget that is used up most. The mark is the day, because a new one starts from zero. */
function nearlyUsedUp({ project, name, budget, budget_used: used }: TokenRecord, now: number): Cause[] {
  if (budget === null) return []
  const [fullest] = BUDGET_UNITS.flatMap((unit) => {
    const limit = budget[unit]
    return limit === undefined ? [] : [{ unit, limit, share: used[unit] / limit }]
  }).toSorted((one, other) => other.share - one.share)
  if (fullest === undefined || fullest.share < BUDGET_SHARE) return []
  const percent = Math.min(100, Math.floor(fullest.share * 100))
  return [
    cause({
      id: `budget:${project}/${name}`,
      kind: 'budget',
      group: 'watch',
      subject: { project, token: name },
      sentence: `${name} has used ${percent}% of today's ${countOf(fullest.limit, fullest.unit)}.`,
      mark: String(Math.floor(now / DAY_MS)),
    }),
  ]
}

/** Returns "10,000 requests", or "1 request". Units are plural. */
function countOf(count: number, units: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? units.replace(/s$/, '') : units}`
}

/** Repeated denials. The mark stays while they continue, so that snoozing until a change waits for the next series. */
function repeated({ cause: id, first_at: first, count, row }: RepeatedCause): Cause {
  const { project, connection, refusal, token_state: state, token_prefix: prefix } = row
  // The owner's session tokens have no token that could be changed.
  const isOwners = row.token_kind === 'session' && (row.parent === null || row.parent === 'owner')
  const token = isOwners ? null : (row.parent ?? row.token)
  const shared = {
    group: 'watch' as const,
    subject: { project, token, connection },
    since: new Date(first).toISOString(),
    count,
    cause: id,
  }
  if (refusal !== null)
    return cause({
      ...shared,
      id: `refusals:${id}`,
      kind: 'refusals',
      sentence: `${token ?? row.token} lacks ${refusal.needed}.`,
    })
  if (state === 'unknown')
    return cause({
      ...shared,
      id: `unknown_token:${id}`,
      kind: 'unknown_token',
      sentence: prefix === null ? 'Unknown tokens are being tried.' : `An unknown token (${prefix}…) is being tried.`,
    })
  return cause({
    ...shared,
    id: `ended_token:${id}`,
    kind: 'ended_token',
    sentence: `${row.token} is still being tried, but it ${endedWords(state)}.`,
  })
}

function endedWords(state: RepeatedCause['row']['token_state']): string {
  switch (state) {
    case 'revoked':
      return 'was revoked'
    case 'deleted':
      return 'was deleted'
    case 'rotated':
      return 'has a new secret'
    default:
      return 'has expired'
  }
}
