import type { EngineLink } from '../../contract/desktop-api.ts'
import type { OwnerClient } from '../../control/control-client.ts'

export type EngineStatus = Awaited<ReturnType<OwnerClient['status']>>

/** A project as the tray offers it: its documents are what session tokens can be made for. */
export interface TrayProject {
  name: string
  documents: string[]
}

/** All that the tray shows. `status` is null until an engine answered, and while none does. */
export interface TraySnapshot {
  link: EngineLink
  status: EngineStatus | null
  /** Requests in the last 5 s. */
  busy: boolean
  /** The most recently used first. */
  projects: TrayProject[]
  openAtLogin: { enabled: boolean; possible: boolean }
}

export const TRAY_STATES = ['idle', 'busy', 'paused', 'attention'] as const
export type TrayState = (typeof TRAY_STATES)[number]

/** What the person should look at, in words; null when nothing waits. */
export function attentionText({ link, status }: Pick<TraySnapshot, 'link' | 'status'>): string | null {
  if (link.state === 'lost') return link.message ?? 'No engine answers.'
  if (status === null) return null
  if (status.approvals_waiting > 0) return `${counted(status.approvals_waiting, 'approval')} waiting`
  if (!status.secret_store_ok)
    return status.secret_store.startsWith('keychain')
      ? 'The keychain does not answer.'
      : 'Secrets cannot be read or kept.'
  const [down, ...more] = status.connections_down
  if (down === undefined) return null
  return more.length === 0 ? `${down} is down` : `${counted(more.length + 1, 'connection')} down`
}

/** What asks for the person comes before what they chose, and that before what merely happens. */
export function trayState(snapshot: TraySnapshot): TrayState {
  if (attentionText(snapshot) !== null) return 'attention'
  if (snapshot.status?.paused === true) return 'paused'
  return snapshot.busy ? 'busy' : 'idle'
}

/** "Hallpass — 3 tokens active, 412 requests today", or what asks for attention. */
export function tooltipText(snapshot: TraySnapshot): string {
  const { status } = snapshot
  const attention = attentionText(snapshot)
  if (attention !== null) return `Hallpass — ${attention}`
  if (status === null) return 'Hallpass — starting'
  const counts = `${counted(status.tokens_active, 'token')} active, ${counted(status.requests_today, 'request')} today`
  return `Hallpass — ${status.paused ? `paused, ${counts}` : counts}`
}

/** "1 token", "3 tokens", "1,204 requests". */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}
