import { APP_ORIGIN } from '../../contract/desktop/window-port.ts'

export interface Frame {
  readonly url: string
  readonly origin?: string
}
export interface Sender {
  senderFrame: Frame | null
  sender: { id: number; mainFrame: Frame }
}

/**
 * Returns why a message is rejected, or null if it comes from the main frame of our window at our origin. Other senders
 * are embedded frames or foreign pages.
 */
export function senderProblem({ senderFrame, sender }: Sender, windowId: number | null): string | null {
  if (windowId === null || sender.id !== windowId) return 'not the window of this app'
  if (senderFrame === null || senderFrame !== sender.mainFrame) return 'not the main frame'
  if (!senderFrame.url.startsWith(`${APP_ORIGIN}/`)) return "not the app's own page"
  if (senderFrame.origin !== undefined && senderFrame.origin !== APP_ORIGIN) return "not the app's own origin"
  return null
}
