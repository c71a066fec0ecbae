import { app } from 'electron'
import type { Desktop } from '../create-desktop.ts'
import { HIDDEN_ARGUMENT } from '../login-item.ts'

/** A second start brings the window of the first, unless a client of agents was behind it. */
export function onSecondInstance(desktop: Desktop): void {
  app.on('second-instance', (_event, argv) => {
    if (!argv.includes(HIDDEN_ARGUMENT)) desktop.openWindow()
  })
}
