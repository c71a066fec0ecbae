import type { Permission } from '../../contract/grants.ts'
import { attentionText, pendingApprovals, type TrayProject, type TraySnapshot } from './tray-state.ts'

/** What a click on a menu item does. */
export type TrayAction =
  | { kind: 'open'; path?: string }
  | { kind: 'pause' | 'resume' | 'revoke-sessions' | 'quit' | 'retry' }
  | { kind: 'mint'; project: string; document: string; permissions: Permission[] }
  | { kind: 'open-at-login'; open: boolean }

export interface TrayItem {
  id?: string
  label?: string
  type?: 'separator' | 'checkbox' | 'submenu'
  enabled?: boolean
  checked?: boolean
  action?: TrayAction
  submenu?: TrayItem[]
}

const SEPARATOR: TrayItem = { type: 'separator' }
const RECENT = 5
const SESSION_PERMISSIONS: { label: string; permissions: Permission[] }[] = [
  { label: 'Read only', permissions: ['read'] },
  { label: 'Read and write', permissions: ['read', 'write'] },
]

/**
 * Returns the tray menu. Items that need the engine are disabled, not hidden, while it doesn't respond, so that nothing
 * moves.
 */
export function trayMenu(snapshot: TraySnapshot): TrayItem[] {
  const { status, projects, openAtLogin, link } = snapshot
  const isConnected = status !== null
  const sessions = status?.sessions_active ?? 0
  return [
    { id: 'status', label: statusLine(snapshot), enabled: false },
    ...(link.state === 'lost' ? [{ id: 'retry', label: 'Try again', action: { kind: 'retry' as const } }] : []),
    ...approvals(snapshot),
    SEPARATOR,
    status?.paused === true
      ? { id: 'resume', label: 'Resume access', action: { kind: 'resume' } }
      : { id: 'pause', label: 'Pause all access', enabled: isConnected, action: { kind: 'pause' } },
    SEPARATOR,
    sessionMenu(isConnected ? projects : []),
    {
      id: 'revoke-sessions',
      label: sessions > 0 ? `Revoke all session tokens (${sessions})` : 'Revoke all session tokens',
      enabled: sessions > 0,
      action: { kind: 'revoke-sessions' },
    },
    SEPARATOR,
    {
      id: 'projects',
      label: 'Recent projects',
      type: 'submenu',
      enabled: projects.length > 0,
      submenu: projects.slice(0, RECENT).map(({ name }) => ({
        id: `project:${name}`,
        label: escapeAmpersands(name),
        action: { kind: 'open', path: `/projects/${encodeURIComponent(name)}` },
      })),
    },
    { id: 'open', label: 'Open Hallpass', action: { kind: 'open' } },
    SEPARATOR,
    {
      id: 'open-at-login',
      label: 'Open at login',
      type: 'checkbox',
      checked: openAtLogin.enabled,
      enabled: openAtLogin.possible,
      action: { kind: 'open-at-login', open: !openAtLogin.enabled },
    },
    { id: 'quit', label: 'Quit Hallpass', action: { kind: 'quit' } },
  ]
}

/** "Running on 127.0.0.1:7717", or why not. */
function statusLine({ link, status }: TraySnapshot): string {
  if (link.state === 'lost') return escapeAmpersands(link.message ?? "Hallpass isn't running")
  if (status === null) return 'Starting…'
  const address = new URL(status.url).host
  if (status.paused) return `Paused · ${address}`
  return link.state === 'attached' ? `Connected to ${address}` : `Running on ${address}`
}

function approvals({ link, status }: TraySnapshot): TrayItem[] {
  if (status === null || link.state === 'lost') return []
  if (status.approvals_waiting > 0) {
    const label = pendingApprovals(status.approvals_waiting)
    return [{ id: 'approvals', label, action: { kind: 'open', path: '/approvals' } }]
  }
  const text = attentionText({ link, status })
  return text === null
    ? []
    : [{ id: 'attention', label: escapeAmpersands(text), action: { kind: 'open', path: '/attention' } }]
}

function sessionMenu(projects: readonly TrayProject[]): TrayItem {
  const submenu = projects
    .filter(({ documents }) => documents.length > 0)
    .map(({ name, documents }) => ({
      id: `session:${name}`,
      label: escapeAmpersands(name),
      type: 'submenu' as const,
      submenu: documents.map((document) => ({
        id: `session:${name}:${document}`,
        label: escapeAmpersands(document),
        type: 'submenu' as const,
        submenu: SESSION_PERMISSIONS.map(({ label, permissions }) => ({
          id: `session:${name}:${document}:${permissions.join('+')}`,
          label,
          action: { kind: 'mint' as const, project: name, document, permissions },
        })),
      })),
    }))
  return { id: 'session', label: 'New session token', type: 'submenu', enabled: submenu.length > 0, submenu }
}

/** Escapes ampersands, because one in a menu label underlines the letter after it. */
function escapeAmpersands(text: string): string {
  return text.replaceAll('&', '&&')
}
