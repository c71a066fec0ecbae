import { existsSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

// An MCP server over stdio that works only at its first start, when the file in its argument doesn't exist yet.
const [, , mark = ''] = process.argv
if (existsSync(mark)) setTimeout(() => process.exit(3), 20)
else {
  createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, method } = JSON.parse(line) as { id?: number; method: string }
    if (id === undefined) return
    const results: Record<string, object> = {
      initialize: {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'crashing', version: '1' },
      },
      'tools/list': { tools: [{ name: 'gone', inputSchema: { type: 'object' } }] },
    }
    const result = results[method]
    process.stdout.write(
      `${JSON.stringify({ jsonrpc: '2.0', id, ...(result === undefined ? { error: { code: -32601, message: 'no' } } : { result }) })}\n`,
    )
    if (method === 'tools/list') writeFileSync(mark, '')
  })
}
