/** A minimal MCP server over stdio in plain Node. Its only tool returns 1 KiB. */
import { createInterface } from 'node:readline'

const ANSWER = { content: [{ type: 'text', text: 'x'.repeat(1024) }] }
const RESULTS: Record<string, object> = {
  'tools/list': { tools: [{ name: 'echo', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }] },
  'tools/call': ANSWER,
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line) as {
    id?: number
    method: string
    params?: { protocolVersion?: string }
  }
  if (id === undefined) return
  // Uses the client's protocol version, because some peers support only older ones.
  const greeting = {
    protocolVersion: params?.protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'bench', version: '1' },
  }
  const result = method === 'initialize' ? greeting : (RESULTS[method] ?? {})
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`)
})
