import type { PowerMonitor } from 'electron'
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
