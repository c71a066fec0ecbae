import { ipcRenderer } from 'electron'
import { APP_ORIGIN, PORT_MESSAGE } from '../contract/desktop/window-port.ts'

/**
 * Passes the port that the page hands over to the main process, and adds nothing to the page. A compromised page can
 * therefore call only what the main process serves on the port.
 */
window.addEventListener('message', ({ source, origin, data, ports }) => {
  const [port] = ports
  if (source !== window || origin !== APP_ORIGIN || data !== PORT_MESSAGE || port === undefined || ports.length !== 1)
    return
  ipcRenderer.postMessage(PORT_MESSAGE, null, [port])
})
