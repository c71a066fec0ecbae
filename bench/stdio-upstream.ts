/** An MCP server over stdio in a few lines of plain Node, as quick as one can be: its one tool answers a kibibyte. */
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
  // In the version that the client speaks: some peers know older ones only.
  const greeting = {
    protocolVersion: params?.protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'bench', version: '1' },
  }
  const result = method === 'initialize' ? greeting : (RESULTS[method] ?? {})
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`)
})
