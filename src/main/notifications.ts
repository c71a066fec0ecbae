import { Notification } from 'electron'

export type Notify = (notice: { title: string; body: string }) => void

/**
 * Returns a function that shows system notifications, and does nothing if the system has none. Clicking one opens the
 * window.
 */
export function createNotify(icon: string, onPress: () => void): Notify {
  // Keeps a reference, because a notification that is garbage-collected doesn't report clicks.
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
