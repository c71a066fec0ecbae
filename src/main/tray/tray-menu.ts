import type { Permission } from '../../contract/grants.ts'
import { attentionText, counted, type TrayProject, type TraySnapshot } from './tray-state.ts'

/** What a press on a menu item means. */
export type TrayAct =
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
  act?: TrayAct
  submenu?: TrayItem[]
}

const SEPARATOR: TrayItem = { type: 'separator' }
const RECENT = 5
const SESSION_RIGHTS: { label: string; permissions: Permission[] }[] = [
  { label: 'Read', permissions: ['read'] },
  { label: 'Read and write', permissions: ['read', 'write'] },
]

/** The tray's menu. Items that need an engine are there but off while none answers, so that nothing moves about. */
export function trayMenu(snapshot: TraySnapshot): TrayItem[] {
  const { status, projects, openAtLogin, link } = snapshot
  const there = status !== null
  const sessions = status?.sessions_active ?? 0
  return [
    { id: 'status', label: statusLine(snapshot), enabled: false },
    ...(link.state === 'lost' ? [{ id: 'retry', label: 'Try again now', act: { kind: 'retry' as const } }] : []),
    ...approvals(snapshot),
    SEPARATOR,
    status?.paused === true
      ? { id: 'resume', label: 'Resume access', act: { kind: 'resume' } }
      : { id: 'pause', label: 'Pause all access', enabled: there, act: { kind: 'pause' } },
    SEPARATOR,
    sessionMenu(there ? projects : []),
    {
      id: 'revoke-sessions',
      label: sessions > 0 ? `Revoke all session tokens (${sessions})` : 'Revoke all session tokens',
      enabled: sessions > 0,
      act: { kind: 'revoke-sessions' },
    },
    SEPARATOR,
    {
      id: 'projects',
      label: 'Recent projects',
      type: 'submenu',
      enabled: projects.length > 0,
      submenu: projects.slice(0, RECENT).map(({ name }) => ({
        id: `project:${name}`,
        label: plain(name),
        act: { kind: 'open', path: `/projects/${encodeURIComponent(name)}` },
      })),
    },
    { id: 'open', label: 'Open Hallpass', act: { kind: 'open' } },
    SEPARATOR,
    {
      id: 'open-at-login',
      label: 'Open at login',
      type: 'checkbox',
      checked: openAtLogin.enabled,
      enabled: openAtLogin.possible,
      act: { kind: 'open-at-login', open: !openAtLogin.enabled },
    },
    { id: 'quit', label: 'Quit Hallpass', act: { kind: 'quit' } },
  ]
}

/** "Running on 127.0.0.1:7717", or why not. */
function statusLine({ link, status }: TraySnapshot): string {
  if (link.state === 'lost') return plain(link.message ?? 'No engine answers.')
  if (status === null) return 'Starting…'
  const address = new URL(status.url).host
  if (status.paused) return `Paused on ${address}`
  return link.state === 'attached' ? `Attached to the engine on ${address}` : `Running on ${address}`
}

function approvals({ link, status }: TraySnapshot): TrayItem[] {
  if (status === null || link.state === 'lost') return []
  if (status.approvals_waiting > 0) {
    const label = `${counted(status.approvals_waiting, 'approval')} waiting`
    return [{ id: 'approvals', label, act: { kind: 'open', path: '/approvals' } }]
  }
  const text = attentionText({ link, status })
  return text === null ? [] : [{ id: 'attention', label: plain(text), act: { kind: 'open', path: '/activity' } }]
}

function sessionMenu(projects: readonly TrayProject[]): TrayItem {
  const submenu = projects
    .filter(({ documents }) => documents.length > 0)
    .map(({ name, documents }) => ({
      id: `session:${name}`,
      label: plain(name),
      type: 'submenu' as const,
      submenu: documents.map((document) => ({
        id: `session:${name}:${document}`,
        label: plain(document),
        type: 'submenu' as const,
        submenu: SESSION_RIGHTS.map(({ label, permissions }) => ({
          id: `session:${name}:${document}:${permissions.join('+')}`,
          label,
          act: { kind: 'mint' as const, project: name, document, permissions },
        })),
      })),
    }))
  return { id: 'session', label: 'New session token', type: 'submenu', enabled: submenu.length > 0, submenu }
}

/** An ampersand in a menu's label would underline the letter after it. */
function plain(text: string): string {
  return text.replaceAll('&', '&&')
}
