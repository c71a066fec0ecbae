import { ipcMain, type MessagePortMain } from 'electron'
import { RPCHandler } from '@orpc/server/message-port'
import { PORT_MESSAGE } from '../../contract/desktop/window-port.ts'
import type { DesktopRouter } from './create-desktop-router.ts'
import { isPortMessage } from './port-messages.ts'
import { senderProblem } from './trusted-sender.ts'

/**
 * The only listener on raw IPC: accepts ports from our window's page and serves the desktop API on them. Rejected
 * messages go to `report`.
 */
export function servePorts(parts: {
  router: DesktopRouter
  windowId(): number | null
  report(sentence: string): void
}): void {
  const handler = new RPCHandler(parts.router)
  ipcMain.on(PORT_MESSAGE, (event) => {
    const problem = senderProblem(event, parts.windowId()) ?? (event.ports.length === 1 ? null : 'not exactly one port')
    if (problem !== null) {
      for (const port of event.ports) port.close()
      parts.report(`a port was rejected: ${problem}`)
      return
    }
    const [port] = event.ports
    if (port === undefined) return
    handler.upgrade(checked(port, parts.report), { context: {} })
    port.start()
  })
}

/** Wraps the port so that the handler receives only messages in the client's format. */
function checked(
  port: MessagePortMain,
  report: (sentence: string) => void,
): Pick<MessagePortMain, 'on' | 'postMessage'> {
  const on = (event: string, listener: (event: { data: unknown }) => void): void => {
    if (event === 'close') port.on('close', () => listener({ data: null }))
    else {
      port.on('message', ({ data }) => {
        if (isPortMessage(data)) listener({ data })
        else report("a message on the window's port was rejected: not a call")
      })
    }
  }
  return { on, postMessage: (message: unknown) => port.postMessage(message) } as unknown as Pick<
    MessagePortMain,
    'on' | 'postMessage'
  >
}
