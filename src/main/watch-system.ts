import type { BaseWindow, PowerMonitor } from 'electron'
import type { PauseOnLock } from './pause-on-lock.ts'

/** Listens for sleep, screen locks and system shutdown. */
export function watchPower(
  monitor: PowerMonitor,
  parts: { pausing: PauseOnLock; awake(): void; shutdown(): void },
): void {
  const { pausing } = parts
  monitor.on('suspend', () => pausing.began('sleep'))
  monitor.on('resume', () => {
    pausing.ended('sleep')
    parts.awake()
  })
  monitor.on('lock-screen', () => pausing.began('lock'))
  monitor.on('unlock-screen', () => pausing.ended('lock'))
  // On Windows, the session-end event of a window reports this.
  if (process.platform !== 'win32') monitor.on('shutdown', () => parts.shutdown())
}

interface SessionEndParts {
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
