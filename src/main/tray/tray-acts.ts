import type { LinkedEngine } from '../engine/create-engine-link.ts'
import type { LoginItem } from '../login-item.ts'
import type { Notify } from '../notifications.ts'
import { sentenceOf } from '../refusal.ts'
import type { TokenClipboard } from '../clipboard/create-token-clipboard.ts'
import { mintedText } from './minted-text.ts'
import { counted } from './tray-state.ts'
import type { TrayAct } from './tray-menu.ts'

export interface TrayActParts {
  engine: LinkedEngine
  clipboard: TokenClipboard
  loginItem: LoginItem
  notify: Notify
  open(path?: string): void
  quit(): void
  /** The login item is no matter of the engine's: the tray is drawn anew. */
  redraw(): void
}

/** Does what was pressed in the tray; what fails is said in a notification. */
export function createTrayActs(parts: TrayActParts): (act: TrayAct) => void {
  const { engine, clipboard, notify } = parts

  async function perform(act: TrayAct): Promise<void> {
    switch (act.kind) {
      case 'open':
        return parts.open(act.path)
      case 'quit':
        return parts.quit()
      case 'retry':
        return engine.retry()
      case 'open-at-login':
        parts.loginItem.set(act.open)
        return parts.redraw()
      case 'pause':
        return void (await (await engine.owner()).pause())
      case 'resume':
        return void (await (await engine.owner()).resume())
      case 'revoke-sessions': {
        const { sessions_ended, requests_cut } = await (await engine.owner()).sessions.revokeAll()
        const cut = requests_cut === 0 ? '' : `, ${counted(requests_cut, 'request')} cut off`
        return notify({
          title: 'Session tokens revoked',
          body: `${counted(sessions_ended, 'session token')} ended${cut}.`,
        })
      }
      case 'mint': {
        const { project, document, permissions } = act
        const { session, token } = await (
          await engine.owner()
        ).sessions.mint({ project, document, permissions, label: 'tray' })
        await clipboard.copy(token, session.expires_at, session.id)
        return notify({ title: 'Session token copied', body: mintedText(session) })
      }
    }
  }

  return (act) => {
    perform(act).catch((thrown: unknown) => notify({ title: 'Hallpass could not do that', body: sentenceOf(thrown) }))
  }
}
