import { app } from 'electron'
import type { Desktop } from './create-desktop.ts'
import { HIDDEN_ARGUMENT } from './login-item.ts'

/**
 * Reports a bug on stderr without its message, which could contain a secret. The app keeps running, and no dialog
 * blocks it.
 */
export function onUncaughtException(): void {
  const report = (thrown: unknown): void => {
    const [, ...frames] = thrown instanceof Error ? (thrown.stack ?? '').split('\n    at ') : []
    console.error(
      `hallpass: internal error: ${thrown instanceof Error ? thrown.name : typeof thrown}\n    at ${frames.join('\n    at ')}`,
    )
  }
  process.on('uncaughtException', report)
  process.on('unhandledRejection', report)
}

/** Keeps the app running in the tray without a window: Electron quits unless this event has a listener. */
export function onWindowAllClosed(): void {
  app.on('window-all-closed', () => undefined)
}

/** Opens the window, unless the system started the app at login. */
export function onReady(desktop: Desktop, argv: readonly string[]): void {
  const atLogin =
    argv.includes(HIDDEN_ARGUMENT) || (process.platform === 'darwin' && app.getLoginItemSettings().wasOpenedAtLogin)
  if (!atLogin) desktop.openWindow()
}

/** Opens the window when the Dock icon is clicked. */
export function onActivate(desktop: Desktop): void {
  app.on('activate', () => desktop.openWindow())
}

/** Shows the first instance's window when a second one starts, unless an agent's client started it. */
export function onSecondInstance(desktop: Desktop): void {
  app.on('second-instance', (_event, argv) => {
    if (!argv.includes(HIDDEN_ARGUMENT)) desktop.openWindow()
  })
}

/** Waits for running requests before the app quits, whether a person, a signal or the system ends it. */
export function onBeforeQuit(desktop: Desktop): void {
  let closing: Promise<void> | null = null
  let closed = false
  // Electron's signal handling doesn't resume a quit that was prevented once.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => app.quit())
  app.on('before-quit', (event) => {
    if (closed) return
    event.preventDefault()
    closing ??= desktop.close().finally(() => {
      closed = true
      app.quit()
    })
  })
}
