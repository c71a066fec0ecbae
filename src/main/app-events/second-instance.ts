import { app } from 'electron'
import type { Desktop } from '../create-desktop.ts'

/** A second start brings the window of the first. */
export function onSecondInstance(desktop: Desktop): void {
  app.on('second-instance', () => desktop.openWindow())
}
