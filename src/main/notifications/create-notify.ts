import { Notification } from 'electron'

export interface Notice {
  title: string
  body: string
  /** What a click opens: a path of the page. Without one, it shows the window. */
  path?: string
}
export type Notify = (notice: Notice) => void

/** Returns a function that shows system notifications, and does nothing if the system has none. */
export function createNotify(icon: string, open: (path?: string) => void): Notify {
  // Keeps a reference, because a notification that is garbage-collected doesn't report clicks.
  const shown = new Set<Notification>()
  return ({ title, body, path }) => {
    if (!Notification.isSupported()) return
    // Has no actions of its own: what it tells about is decided in the window.
    const notification = new Notification({ title, body, icon, silent: true })
    shown.add(notification)
    notification.on('click', () => open(path))
    for (const end of ['close', 'failed'] as const) notification.on(end as 'close', () => shown.delete(notification))
    notification.show()
  }
}
