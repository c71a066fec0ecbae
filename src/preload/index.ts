import { ipcRenderer } from 'electron'
import { APP_ORIGIN, PORT_MESSAGE } from '../contract/window-port.ts'

/**
 * The one thing that this script does: it carries the port that the page hands over to the main process. It puts nothing into
 * the page, so that a page that was taken over finds nothing to call but what the main process serves on the port.
 */
window.addEventListener('message', ({ source, origin, data, ports }) => {
  const [port] = ports
  if (source !== window || origin !== APP_ORIGIN || data !== PORT_MESSAGE || port === undefined || ports.length !== 1)
    return
  ipcRenderer.postMessage(PORT_MESSAGE, null, [port])
})
