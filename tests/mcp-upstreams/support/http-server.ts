import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Seen {
  method: string
  path: string
  headers: IncomingMessage['headers']
  rpc: string | null
  body: any
}

export interface McpHttpServer {
  url: string
  origin: string
  seen: Seen[]
  /** Answers instead of the protocol, when it gives true. */
  intercept: ((request: Seen, response: ServerResponse) => boolean) | null
  /** Forgets every session, as a restart of the server does. */
  forget(): void
  sessions: Set<string>
  tools: Record<string, unknown>[]
  close(): Promise<void>
}

/** An MCP server over Streamable HTTP, in the older era with sessions, in the newer, or in both. */
export async function startMcpHttpServer(eras: readonly ('legacy' | 'modern')[] = ['legacy']): Promise<McpHttpServer> {
  const seen: Seen[] = []
  const server: Omit<McpHttpServer, 'url' | 'origin'> = {
    seen,
    intercept: null,
    sessions: new Set(),
    tools: [
      {
        name: 'echo',
        description: 'Echoes.',
        inputSchema: { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } },
        annotations: { readOnlyHint: true },
      },
    ],
    forget: () => server.sessions.clear(),
    close: async () => {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }

  function result(rpc: any, modern: boolean): { result: object } | { error: object } {
    const { method, params = {} } = rpc
    const stamp = modern ? { resultType: 'complete' } : {}
    switch (method) {
      case 'initialize':
        return {
          result: {
            protocolVersion: '2025-11-25',
            capabilities: { tools: {} },
            serverInfo: { name: 'http', version: '1' },
          },
        }
      case 'server/discover':
        return {
          result: {
            ...stamp,
            supportedVersions: ['2026-07-28'],
            capabilities: { tools: {} },
            _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'http', version: '2' } },
          },
        }
      case 'tools/list':
        return { result: { ...stamp, tools: server.tools } }
      case 'tools/call':
        if (params.name === 'ask' && params.inputResponses === undefined)
          return {
            result: {
              resultType: 'input_required',
              inputRequests: { name: { method: 'elicitation/create', params: { message: 'Your name?' } } },
              requestState: 'opaque-state',
            },
          }
        if (params.name === 'ask')
          return {
            result: {
              ...stamp,
              content: [
                {
                  type: 'text',
                  text: JSON.stringify({ responses: params.inputResponses, state: params.requestState }),
                },
              ],
            },
          }
        return { result: { ...stamp, content: [{ type: 'text', text: JSON.stringify(params) }] } }
      default:
        return { error: { code: -32601, message: `Method not found: ${method}` } }
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const piece of request) text += String(piece)
    const body = text === '' ? null : JSON.parse(text)
    const entry: Seen = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      rpc: body?.method ?? null,
      body,
    }
    seen.push(entry)
    const json = (status: number, value: unknown, headers: Record<string, string> = {}): void =>
      void response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(value === null ? '' : JSON.stringify(value))
    if (server.intercept?.(entry, response) === true) return
    if (request.url?.split('?')[0] !== '/mcp') return json(404, { error: 'no such page' })
    const modern = typeof body?.params?._meta?.['io.modelcontextprotocol/protocolVersion'] === 'string'
    if (modern && !eras.includes('modern'))
      return json(400, {
        jsonrpc: '2.0',
        id: body.id,
        error: { code: -32000, message: 'Bad Request: Server not initialized' },
      })
    if (modern) return json(200, { jsonrpc: '2.0', id: body.id, ...result(body, true) })
    if (!eras.includes('legacy'))
      return json(400, {
        jsonrpc: '2.0',
        id: body?.id ?? null,
        error: { code: -32022, message: 'Unsupported protocol version', data: { supported: ['2026-07-28'] } },
      })
    if (request.method === 'GET') return json(405, null)
    const session = request.headers['mcp-session-id']
    if (request.method === 'DELETE') {
      server.sessions.delete(String(session))
      return json(200, null)
    }
    if (body.method === 'initialize') {
      const id = randomUUID()
      server.sessions.add(id)
      return json(200, { jsonrpc: '2.0', id: body.id, ...result(body, false) }, { 'mcp-session-id': id })
    }
    if (!server.sessions.has(String(session)))
      return json(404, { jsonrpc: '2.0', id: null, error: { code: -32001, message: 'Session not found' } })
    if (body.id === undefined) return json(202, null)
    json(200, { jsonrpc: '2.0', id: body.id, ...result(body, false) })
  }

  const http = createServer((request, response) => {
    handle(request, response).catch((thrown: unknown) => response.destroy(thrown as Error))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  return Object.assign(server, { origin, url: `${origin}/mcp` })
}
