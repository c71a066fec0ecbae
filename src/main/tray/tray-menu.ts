import { t } from '../../contract/text/translate.ts'
import { itemPath } from '../notifications/item-path.ts'
import { newSessionItem, sessionsItem } from './session-items.ts'
import { escapeAmpersands, type TrayItem } from './tray-item.ts'
import { pendingApprovals, type TraySnapshot } from './tray-state.ts'

const SEPARATOR: TrayItem = { type: 'separator' }
const RECENT = 5
const MAX_ITEMS = 3
const LONGEST_LABEL = 60

/**
 * Returns the tray menu. Items that need the engine are disabled, not hidden, while it doesn't respond, so that nothing
 * moves.
 */
export function trayMenu(snapshot: TraySnapshot): TrayItem[] {
  const { status, projects, openAtLogin, link } = snapshot
  const isConnected = status !== null
  const isPaused = status?.paused === true
  return [
    ...(isPaused ? [{ id: 'resume', label: t`Resume access`, action: { kind: 'resume' as const } }] : []),
    { id: 'status', label: statusLine(snapshot), enabled: false },
    ...(link.state === 'lost' ? [{ id: 'retry', label: t`Try again now`, action: { kind: 'retry' as const } }] : []),
    ...needsYou(snapshot),
    SEPARATOR,
    ...(isPaused
      ? []
      : [{ id: 'pause', label: t`Pause all access`, enabled: isConnected, action: { kind: 'pause' as const } }]),
    newSessionItem(isConnected ? projects : []),
    sessionsItem(isConnected ? snapshot.sessions : [], snapshot.now),
    SEPARATOR,
    {
      id: 'projects',
      label: t`Recent projects`,
      type: 'submenu',
      enabled: projects.length > 0,
      submenu: projects.slice(0, RECENT).map(({ name }) => ({
        id: `project:${name}`,
        label: escapeAmpersands(name),
        action: { kind: 'open', path: `/projects/${encodeURIComponent(name)}` },
      })),
    },
    { id: 'open', label: t`Open Hallpass`, action: { kind: 'open' } },
    SEPARATOR,
    {
      id: 'open-at-login',
      label: t`Open at login`,
      type: 'checkbox',
      checked: openAtLogin.enabled,
      enabled: openAtLogin.possible,
      action: { kind: 'open-at-login', open: !openAtLogin.enabled },
    },
    { id: 'quit', label: t`Quit Hallpass`, action: { kind: 'quit' } },
  ]
}

/** "Running on 127.0.0.1:7717", or why not. */
function statusLine({ link, status }: TraySnapshot): string {
  if (link.state === 'lost') return escapeAmpersands(link.message ?? t`Hallpass isn't running`)
  if (status === null) return t`Starting…`
  const address = new URL(status.url).host
  if (status.paused) return t`Paused · ${address}`
  return link.state === 'attached' ? t`Connected to ${address}` : t`Running on ${address}`
}

/** The pending approvals, then the worst items. A click opens what it names. */
function needsYou({ link, status, items }: TraySnapshot): TrayItem[] {
  if (status === null || link.state === 'lost') return []
  const waiting = status.approvals_waiting
  const approvals: TrayItem[] =
    waiting === 0
      ? []
      : [{ id: 'approvals', label: pendingApprovals(waiting), action: { kind: 'open', path: '/approvals' } }]
  const others = items.filter(({ kind }) => kind !== 'approval').slice(0, MAX_ITEMS)
  return [
    ...approvals,
    ...others.map((item) => ({
      id: `item:${item.id}`,
      // Its sentence has the token's first characters.
      label:
        item.kind === 'unknown_token'
          ? t`An unknown token is being tried`
          : escapeAmpersands(shortened(item.sentence.replace(/\.$/, ''))),
      action: { kind: 'open' as const, path: itemPath(item) },
    })),
  ]
}

function shortened(text: string): string {
  return text.length > LONGEST_LABEL ? `${text.slice(0, LONGEST_LABEL - 1)}…` : text
}
