import type { BaseWindow } from 'electron'

export interface SessionEndParts {
  platform: NodeJS.Platform
  /** Makes a window that is never shown. */
  makeWindow(): Pick<BaseWindow, 'on'>
  /** Must do all that matters before it returns: Windows ends the process then. */
  onSessionEnd(): void
}

/**
 * Calls `onSessionEnd` when Windows ends the person's session. Windows tells windows alone, so an app that has only its tray icon
 * needs one that is never shown. Elsewhere a signal or the power monitor says it.
 */
export function watchSessionEnd({ platform, makeWindow, onSessionEnd }: SessionEndParts): void {
  if (platform === 'win32') makeWindow().on('session-end', onSessionEnd)
}
