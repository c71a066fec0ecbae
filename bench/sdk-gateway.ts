/** A gateway of the SDK's server and client in a few lines, without tokens, permissions or a log, as a peer. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { Server, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server'

const upstream = new Client({ name: 'peer', version: '1' })
// An address, or a script to start.
const target = process.argv[2] ?? ''
await upstream.connect(
  URL.canParse(target)
    ? new StreamableHTTPClientTransport(new URL(target))
    : new StdioClientTransport({ command: process.execPath, args: [target] }),
)
const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>()

async function transportFor(id: string): Promise<WebStandardStreamableHTTPServerTransport> {
  const known = sessions.get(id)
  if (known !== undefined) return known
  const server = new Server({ name: 'peer', version: '1' }, { capabilities: { tools: {} } })
  server.setRequestHandler('tools/list', () => upstream.listTools())
  server.setRequestHandler('tools/call', async ({ params }) => (await upstream.callTool(params)) as never)
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: () => crypto.randomUUID(),
    enableJsonResponse: true,
    onsessioninitialized: (made) => void sessions.set(made, transport),
  })
  await server.connect(transport)
  return transport
}

const http = createServer((incoming, outgoing) => {
  const chunks: Buffer[] = []
  incoming
    .on('data', (chunk: Buffer) => void chunks.push(chunk))
    .on('end', () => {
      const body = Buffer.concat(chunks).toString()
      const headers = incoming.headers as Record<string, string>
      void transportFor(headers['mcp-session-id'] ?? '').then(async (transport) => {
        const answer = await transport.handleRequest(
          new Request('http://localhost/mcp', { method: incoming.method ?? 'POST', headers, body }),
        )
        outgoing
          .writeHead(answer.status, Object.fromEntries(answer.headers))
          .end(Buffer.from(await answer.arrayBuffer()))
      })
    })
})
http.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`))
