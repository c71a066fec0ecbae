import { app } from 'electron'
import { HIDDEN_ARGUMENT } from '../login-item.ts'
import type { Desktop } from '../create-desktop.ts'

/** The window opens, unless the system started the app at login. */
export function onReady(desktop: Desktop, argv: readonly string[]): void {
  const atLogin =
    argv.includes(HIDDEN_ARGUMENT) || (process.platform === 'darwin' && app.getLoginItemSettings().wasOpenedAtLogin)
  if (!atLogin) desktop.openWindow()
}
