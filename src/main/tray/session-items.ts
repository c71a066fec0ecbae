import { plural, t } from '../../contract/text/translate.ts'
import type { Permission } from '../../contract/grants.ts'
import type { SessionRecord } from '../../contract/records.ts'
import { escapeAmpersands, type TrayItem } from './tray-item.ts'
import type { TrayProject } from './tray-state.ts'

const SESSION_PERMISSIONS: { label: string; permissions: Permission[] }[] = [
  { label: t`Read only`, permissions: ['read'] },
  { label: t`Read and write`, permissions: ['read', 'write'] },
]
const MAX_LISTED = 20

/** Creates a session token: project, document, permissions. */
export function newSessionItem(projects: readonly TrayProject[]): TrayItem {
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
  return { id: 'session', label: t`New session token`, type: 'submenu', enabled: submenu.length > 0, submenu }
}

/** Lists the active session tokens with the time that they have left, soonest first. Each can be ended, or all. */
export function sessionsItem(sessions: readonly SessionRecord[], now: number): TrayItem {
  const soonest = sessions.toSorted((one, other) => one.expires_at.localeCompare(other.expires_at))
  const submenu: TrayItem[] = [
    ...soonest.slice(0, MAX_LISTED).map(({ id, connection, project, expires_at: end }) => ({
      id: `sessions:${id}`,
      label: escapeAmpersands(t`${id}: ${connection} in ${project}, ${timeLeft(Date.parse(end) - now)} left`),
      type: 'submenu' as const,
      submenu: [{ id: `end:${id}`, label: t`End`, action: { kind: 'end-session' as const, session: id } }],
    })),
    { type: 'separator' as const },
    { id: 'end-sessions', label: t`End all`, action: { kind: 'end-sessions' } },
  ]
  return {
    id: 'sessions',
    label: sessions.length > 0 ? t`Session tokens (${sessions.length})` : t`Session tokens`,
    type: 'submenu',
    enabled: sessions.length > 0,
    submenu: sessions.length > 0 ? submenu : [],
  }
}

/** "less than 1 min", "4 min", "2 h 5 min", "29 days". */
function timeLeft(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return t`less than 1 min`
  if (minutes < 60) return t`${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours >= 48) return t`${plural(Math.floor(hours / 24), '# day', '# days')}`
  return minutes % 60 === 0 ? t`${hours} h` : t`${hours} h ${minutes % 60} min`
}
