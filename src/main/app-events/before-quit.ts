import { app } from 'electron'
import type { Desktop } from '../create-desktop.ts'

/** Whoever ends the app, a person, a signal or the system: first the running requests, then the window. */
export function onBeforeQuit(desktop: Desktop): void {
  let closing: Promise<void> | null = null
  let closed = false
  app.on('before-quit', (event) => {
    if (closed) return
    event.preventDefault()
    closing ??= desktop.close().finally(() => {
      closed = true
      app.quit()
    })
  })
}
