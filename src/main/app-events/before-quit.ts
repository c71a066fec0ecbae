import { app } from 'electron'
import type { Desktop } from '../create-desktop.ts'

/** Whoever ends the app, a person, a signal or the system: first the running requests, then the window. */
export function onBeforeQuit(desktop: Desktop): void {
  let closing: Promise<void> | null = null
  let closed = false
  // The runtime's own way from a signal does not come back to the end once it was put off.
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
