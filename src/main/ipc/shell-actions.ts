import { app, dialog, shell, type BrowserWindow, type MessageBoxOptions, type OpenDialogOptions } from 'electron'
import { t } from '../../contract/text/translate.ts'
import type { DesktopApi } from '../../contract/desktop/desktop-api.ts'
import type { InferContractRouterInputs, InferContractRouterOutputs } from '@orpc/contract'
import { HallpassError, invalidRequest } from '../../contract/errors.ts'
import type { TokenClipboard } from '../clipboard/create-token-clipboard.ts'
import type { LoginItem } from '../login-item.ts'
import type { Confirmation } from './confirmations.ts'
import { isDocumentationLink } from './documentation-links.ts'
import { isSignInPage } from './sign-in-page.ts'

type Inputs = InferContractRouterInputs<DesktopApi>['shell']
type Outputs = InferContractRouterOutputs<DesktopApi>['shell']
type Nothing = Record<string, never>

export interface ShellActions {
  info(): Outputs['info']
  setOpenAtLogin(open: boolean): Outputs['info']
  chooseFile(purpose: Inputs['chooseFile']['purpose']): Promise<Outputs['chooseFile']>
  copyToken(input: Inputs['copyToken']): Promise<Nothing>
  openLink(url: string): Promise<Nothing>
  /** Asks the owner in a system dialog. Returns true if they agree. */
  confirm(question: Confirmation): Promise<boolean>
  /** Opens the authorization server's page that the engine returned. */
  openSignIn(url: string): Promise<void>
}

interface ShellActionParts {
  window(): BrowserWindow | null
  clipboard: TokenClipboard
  loginItem: LoginItem
  /** Pages below these URLs can be opened. */
  documentation: readonly string[]
  /** Redraws the tray, which also shows the login item. */
  redrawTray(): void
}

const FILE_CHOICES: Record<Inputs['chooseFile']['purpose'], OpenDialogOptions> = {
  sqlite: {
    title: t`Choose a SQLite file`,
    filters: [
      { name: 'SQLite', extensions: ['sqlite', 'sqlite3', 'db', 'db3', 'grist'] },
      { name: t`All files`, extensions: ['*'] },
    ],
  },
  openapi: {
    title: t`Choose an OpenAPI document`,
    filters: [
      { name: t`OpenAPI`, extensions: ['json', 'yaml', 'yml'] },
      { name: t`All files`, extensions: ['*'] },
    ],
  },
}

/** Returns the shell's actions for its window. */
export function createShellActions(parts: ShellActionParts): ShellActions {
  const { loginItem } = parts
  let asking = false
  /** Shows one dialog at a time, so that a compromised page can't flood the owner with them. */
  async function alone<T>(ask: () => Promise<T>): Promise<T> {
    if (asking) throw new HallpassError('RATE_LIMITED', 'Another dialog is open. Close it first.')
    asking = true
    try {
      return await ask()
    } finally {
      asking = false
    }
  }
  const info = (): Outputs['info'] => ({
    app_version: app.getVersion(),
    platform: process.platform as 'darwin' | 'win32' | 'linux',
    open_at_login: loginItem.enabled,
    open_at_login_possible: loginItem.possible,
  })
  return {
    info,
    setOpenAtLogin(open) {
      loginItem.set(open)
      parts.redrawTray()
      return info()
    },
    async chooseFile(purpose) {
      const options: OpenDialogOptions = { ...FILE_CHOICES[purpose], properties: ['openFile'] }
      const window = parts.window()
      const { filePaths } = await alone(() =>
        window === null ? dialog.showOpenDialog(options) : dialog.showOpenDialog(window, options),
      )
      return { path: filePaths[0] ?? null }
    },
    async confirm({ message, detail, action }) {
      const options: MessageBoxOptions = {
        type: 'warning',
        title: 'Hallpass',
        message,
        detail,
        buttons: [t`Cancel`, action],
        defaultId: 0,
        cancelId: 0,
        noLink: true,
      }
      const window = parts.window()
      const { response } = await alone(() =>
        window === null ? dialog.showMessageBox(options) : dialog.showMessageBox(window, options),
      )
      return response === 1
    },
    async copyToken({ token, expires_at }) {
      await parts.clipboard.copy(token, expires_at)
      return {}
    },
    async openLink(url) {
      if (!isDocumentationLink(url, parts.documentation)) {
        throw invalidRequest('Only links to the Hallpass documentation can be opened.', 'url')
      }
      await shell.openExternal(url)
      return {}
    },
    async openSignIn(url) {
      if (!isSignInPage(url))
        throw new HallpassError(
          'UPSTREAM_ERROR',
          "The sign-in page isn't encrypted (https), so Hallpass didn't open it.",
        )
      await shell.openExternal(url)
    },
  }
}
