import type { BaseWindow } from 'electron'

export interface SessionEndParts {
  platform: NodeJS.Platform
  /** Creates a window that is never shown. */
  makeWindow(): Pick<BaseWindow, 'on'>
  /** Must finish everything before it returns, because Windows ends the process then. */
  onSessionEnd(): void
}

/**
 * Calls `onSessionEnd` when Windows ends the user's session. Windows notifies only windows, so an app with just a tray
 * icon needs one that is never shown. On other systems, a signal or the power monitor reports it.
 */
export function watchSessionEnd({ platform, makeWindow, onSessionEnd }: SessionEndParts): void {
  if (platform === 'win32') makeWindow().on('session-end', onSessionEnd)
}
