import { plural, t } from '../../contract/text/translate.ts'
import type { LinkedEngine } from '../engine/create-engine-link.ts'
import type { LoginItem } from '../login-item.ts'
import type { Notice, Notify } from '../notifications/create-notify.ts'
import { errorMessage } from '../to-hallpass-error.ts'
import type { TokenClipboard } from '../clipboard/create-token-clipboard.ts'
import type { SessionRecord } from '../../contract/records.ts'
import type { TrayAction } from './tray-item.ts'

interface TrayActionParts {
  engine: LinkedEngine
  clipboard: TokenClipboard
  loginItem: LoginItem
  notify: Notify
  open(path?: string): void
  quit(): void
  /** Redraws the tray, because the engine doesn't know about the login item. */
  redraw(): void
}

/** Returns the handler of the tray's menu. A failure is shown in a notification. */
export function createTrayActions(parts: TrayActionParts): (action: TrayAction) => void {
  const { engine, clipboard, notify } = parts

  async function perform(action: TrayAction): Promise<void> {
    switch (action.kind) {
      case 'open':
        return parts.open(action.path)
      case 'quit':
        return parts.quit()
      case 'retry':
        return engine.retry()
      case 'open-at-login':
        parts.loginItem.set(action.open)
        return parts.redraw()
      case 'pause':
        return void (await (await engine.owner()).pause())
      case 'resume':
        return void (await (await engine.owner()).resume())
      case 'end-session':
        return notify(endedNotice(1, await (await engine.owner()).sessions.revoke({ id: action.session })))
      case 'end-sessions': {
        const ended = await (await engine.owner()).sessions.revokeAll()
        return notify(endedNotice(ended.sessions_ended, ended))
      }
      case 'mint': {
        const { project, document, permissions } = action
        const { session, token } = await (
          await engine.owner()
        ).sessions.mint({ project, document, permissions, label: 'tray' })
        await clipboard.copy(token, session.expires_at, session.id)
        return notify({ title: t`Session token copied`, body: sessionSummary(session) })
      }
    }
  }

  return (action) => {
    perform(action).catch((thrown: unknown) => notify({ title: t`Something went wrong`, body: errorMessage(thrown) }))
  }
}

function endedNotice(sessions: number, { requests_cut: cut }: { requests_cut: number }): Notice {
  return {
    title: t`${plural(sessions, 'Session token ended', 'Session tokens ended')}`,
    body:
      cut === 0
        ? t`Ended ${plural(sessions, '# session token', '# session tokens')}.`
        : t`Ended ${plural(sessions, '# session token', '# session tokens')} and interrupted ${plural(cut, '# request', '# requests')}.`,
  }
}

/** "Read and write access to sales in demo until 14:35. Then it's removed from the clipboard." */
export function sessionSummary({ project, connection, permissions, expires_at }: SessionRecord): string {
  const access = permissions.includes('write') ? t`Read and write access` : t`Read access`
  const until = new Date(expires_at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  return t`${access} to ${connection} in ${project} until ${until}. Then it's removed from the clipboard.`
}
