/**
 * Loaded into the main process by tests alone, before the app: keeps what the app shows outside of its window, where
 * Playwright cannot look.
 */
const electron = require('electron')

const shown = { trays: [], notifications: [], clicks: [] }
globalThis.shownBy = () => shown

// The runtime's own constructor answers an object of its own class: a subclass would not be asked.
function RecordedTray(image) {
  const tray = new electron.Tray(image)
  const record = { tooltip: '', menu: null, images: image.isEmpty() ? 0 : 1 }
  shown.trays.push(record)
  const { setToolTip, setContextMenu, setImage } = tray
  tray.setToolTip = (text) => {
    record.tooltip = text
    setToolTip.call(tray, text)
  }
  tray.setContextMenu = (menu) => {
    record.menu = menu
    setContextMenu.call(tray, menu)
  }
  tray.setImage = (next) => {
    record.images += next.isEmpty() ? 0 : 1
    setImage.call(tray, next)
  }
  return tray
}

class RecordedNotification {
  static isSupported() {
    return true
  }

  constructor({ title, body }) {
    shown.notifications.push({ title, body })
    const listeners = []
    shown.clicks.push(() => listeners.forEach((listener) => listener()))
    this.listeners = listeners
  }

  on(event, listener) {
    if (event === 'click') this.listeners.push(listener)
    return this
  }

  show() {}
}

const replaced = { Tray: RecordedTray, Notification: RecordedNotification }
const load = require('node:module')._load
require('node:module')._load = function loadRecorded(request, ...rest) {
  const found = load.call(this, request, ...rest)
  return request === 'electron' ? new Proxy(found, { get: (target, name) => replaced[name] ?? target[name] }) : found
}
