import { app } from 'electron'

/** The tray lives on without a window; listening is what keeps the app from ending. */
export function onWindowAllClosed(): void {
  app.on('window-all-closed', () => undefined)
}
