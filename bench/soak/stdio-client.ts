import type { Duplex } from 'node:stream'
import { createInterface } from 'node:readline'

/** Starts an MCP session over a stream of the owner's socket. Returns a function that calls a tool and returns whether it succeeded. */
export async function startStdioClient(stream: Duplex): Promise<(name: string) => Promise<boolean>> {
  const waiting = new Map<number, (reply: { result?: { isError?: boolean } }) => void>()
  let lastId = 0
  createInterface({ input: stream }).on('line', (line) => {
    const message = JSON.parse(line) as { id?: number; result?: { isError?: boolean } }
    if (message.id === undefined) return
    waiting.get(message.id)?.(message)
    waiting.delete(message.id)
  })

  function send(method: string, params: object): Promise<{ result?: { isError?: boolean } }> {
    lastId += 1
    const id = lastId
    return new Promise((resolve) => {
      waiting.set(id, resolve)
      stream.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`)
    })
  }

  await send('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'soak', version: '1' },
  })
  stream.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`)
  return async (name) => {
    const { result } = await send('tools/call', { name, arguments: {} })
    return result !== undefined && result.isError !== true
  }
}
