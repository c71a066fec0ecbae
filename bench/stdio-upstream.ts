/** An MCP server over stdio in a few lines of plain Node, as quick as one can be: its one tool answers a kibibyte. */
import { createInterface } from 'node:readline'

const ANSWER = { content: [{ type: 'text', text: 'x'.repeat(1024) }] }
const RESULTS: Record<string, object> = {
  initialize: {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 'bench', version: '1' },
  },
  'tools/list': { tools: [{ name: 'echo', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }] },
  'tools/call': ANSWER,
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line) as { id?: number; method: string }
  if (id !== undefined)
    process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result: RESULTS[method] ?? {} })}\n`)
})
