import { plural, t } from '../../contract/text/translate.ts'
import type { EngineLink } from '../../contract/desktop/desktop-api.ts'
import type { AttentionItem } from '../../contract/owner-api/attention-api.ts'
import type { SessionRecord } from '../../contract/records.ts'
import type { OwnerClient } from '../../control/control-client.ts'

export type EngineStatus = Awaited<ReturnType<OwnerClient['status']>>

/** A project of the tray's menu. Session tokens can be created for its documents. */
export interface TrayProject {
  name: string
  documents: string[]
}

/** What the tray shows. `status` is null while no engine responds. */
export interface TraySnapshot {
  link: EngineLink
  status: EngineStatus | null
  /** Requests in the last 5 s. */
  busy: boolean
  /** Most recently used first. */
  projects: TrayProject[]
  /** What needs the owner, most urgent first. */
  items: readonly AttentionItem[]
  /** Active session tokens. */
  sessions: readonly SessionRecord[]
  /** Tokens that sent a request in the last minutes. */
  agentsActive: number
  now: number
  openAtLogin: { enabled: boolean; possible: boolean }
}

export const TRAY_STATES = ['idle', 'busy', 'paused', 'attention'] as const
export type TrayState = (typeof TRAY_STATES)[number]

/** Returns what needs the owner's attention as a text, or null if nothing does. */
function attentionText({ link, status }: Pick<TraySnapshot, 'link' | 'status'>): string | null {
  if (link.state === 'lost') return link.message ?? t`Hallpass isn't running`
  if (status === null) return null
  if (status.approvals_waiting > 0) return pendingApprovals(status.approvals_waiting)
  if (!status.secret_store_ok)
    return status.secret_store_kind === 'keychain' ? t`Keychain isn't responding` : t`Secret store unavailable`
  const [down, ...more] = status.connections_down
  if (down === undefined) return null
  return more.length === 0
    ? t`${down} is down`
    : t`${plural(more.length + 1, '# connection', '# connections')} are down`
}

/**
 * Returns the tray's state. Attention has priority over a state that the owner chose, which has priority over activity.
 */
export function trayState(snapshot: TraySnapshot): TrayState {
  if (attentionText(snapshot) !== null) return 'attention'
  if (snapshot.status?.paused === true) return 'paused'
  return snapshot.busy ? 'busy' : 'idle'
}

/** "Hallpass – 4 agents active, 412 requests today", or what needs attention. */
export function tooltipText(snapshot: TraySnapshot): string {
  const { status } = snapshot
  const attention = attentionText(snapshot)
  if (attention !== null) return t`Hallpass – ${attention}`
  if (status === null) return t`Hallpass – starting`
  const requests = t`${plural(status.requests_today, '# request', '# requests')} today`
  return t`Hallpass – ${status.paused ? t`paused` : t`${plural(snapshot.agentsActive, '# agent', '# agents')} active`}, ${requests}`
}

export function pendingApprovals(count: number): string {
  return t`${plural(count, '# pending approval', '# pending approvals')}`
}
