import { Notification } from 'electron'

export type Notify = (notice: { title: string; body: string }) => void

/** Notifications of the system; a press on one opens the window. Where the system has none, nothing is said. */
export function createNotify(icon: string, onPress: () => void): Notify {
  // One that is collected before it is pressed would not answer the press.
  const open = new Set<Notification>()
  return ({ title, body }) => {
    if (!Notification.isSupported()) return
    const notification = new Notification({ title, body, icon, silent: true })
    open.add(notification)
    notification.on('click', onPress)
    for (const end of ['close', 'failed'] as const) notification.on(end as 'close', () => open.delete(notification))
    notification.show()
  }
}
