import { app } from 'electron'
import type { Desktop } from '../create-desktop.ts'

/** A press on the Dock's icon. */
export function onActivate(desktop: Desktop): void {
  app.on('activate', () => desktop.openWindow())
}
