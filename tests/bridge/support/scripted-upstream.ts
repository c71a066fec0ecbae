import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Json = Record<string, any>

export interface ScriptedUpstream {
  url: string
  /** Calls that are running now. */
  readonly running: number
  readonly sessions: number
  /** Calls that were canceled by a notification. */
  readonly cancelled: number
  close(): Promise<void>
}

/** A minimal MCP server of 2025-11-25 in plain node:http with scripted tools. */
export async function startScriptedUpstream(script: {
  tools: Json[]
  prompts?: Json[]
  resources?: Json[]
  resourceTemplates?: Json[]
  /** Answers a call; may wait. */
  call?: (params: Json, session: string) => Promise<Json> | Json
  /** Called before a list is answered. */
  beforeList?: () => Promise<void>
}): Promise<ScriptedUpstream> {
  let sessions = 0
  let running = 0
  let cancelled = 0

  async function answer(method: string, params: Json, session: string): Promise<Json> {
    switch (method) {
      case 'initialize':
        return {
          protocolVersion: '2025-11-25',
          capabilities: {
            tools: {},
            ...(script.prompts === undefined ? {} : { prompts: {} }),
            ...(script.resources === undefined ? {} : { resources: {} }),
          },
          serverInfo: { name: 'scripted', version: '1' },
        }
      case 'tools/list':
        await script.beforeList?.()
        return { tools: script.tools }
      case 'prompts/list':
        return { prompts: script.prompts }
      case 'resources/list':
        return { resources: script.resources }
      case 'resources/templates/list':
        return { resourceTemplates: script.resourceTemplates ?? [] }
      case 'tools/call': {
        running += 1
        try {
          return (
            (await script.call?.(params, session)) ?? {
              content: [{ type: 'text', text: JSON.stringify(params['arguments'] ?? {}) }],
            }
          )
        } finally {
          running -= 1
        }
      }
      default:
        throw new Error('Method not found')
    }
  }

  function send(response: ServerResponse, body: Json, session: string): void {
    const text = JSON.stringify(body)
    response
      .writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
        'mcp-session-id': session,
      })
      .end(text)
  }

  const server = createServer((request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end()
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => void chunks.push(chunk))
    request.on('end', () => {
      const message = JSON.parse(Buffer.concat(chunks).toString()) as Json
      if (message['method'] === 'notifications/cancelled') cancelled += 1
      if (message['id'] === undefined) return void response.writeHead(202).end()
      if (message['method'] === 'initialize') sessions += 1
      const session = String(request.headers['mcp-session-id'] ?? `session-${sessions}`)
      answer(message['method'], message['params'] ?? {}, session).then(
        (result) => send(response, { jsonrpc: '2.0', id: message['id'], result }, session),
        (error: Error) =>
          send(
            response,
            { jsonrpc: '2.0', id: message['id'], error: { code: -32601, message: error.message } },
            session,
          ),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    get running() {
      return running
    },
    get cancelled() {
      return cancelled
    },
    get sessions() {
      return sessions
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export const tool = (name: string, more: Json = {}): Json => ({
  name,
  description: `The tool ${name}`,
  inputSchema: { type: 'object' },
  ...more,
})
