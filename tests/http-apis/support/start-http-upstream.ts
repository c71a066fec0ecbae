import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface Seen {
  method: string
  url: string
  headers: IncomingHttpHeaders
  rawHeaders: string[]
  body: string
}
export type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void

export interface TestUpstream {
  url: string
  port: number
  /** Every request that arrived, whole. */
  seen: Seen[]
  server: Server
  /** Answers from now on; the paths of `at` come first. */
  answer: Answer
  at: Map<string, Answer>
  /** Everything that arrived, as one text: for canaries. */
  heard(): string
  [Symbol.asyncDispose](): Promise<void>
}

const ok: Answer = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end('{"ok":true}')
}

/** An HTTP API that records its requests. With `tls`, over HTTPS with that certificate. */
export async function startHttpUpstream(
  options: { answer?: Answer; tls?: { key: string; cert: string }; host?: string } = {},
): Promise<TestUpstream> {
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('error', () => undefined)
    request.on('end', () => {
      const body = Buffer.concat(parts).toString()
      const url = request.url ?? ''
      upstream.seen.push({
        method: request.method ?? '',
        url,
        headers: request.headers,
        rawHeaders: request.rawHeaders,
        body,
      })
      const answer = upstream.at.get(url.split('?', 1)[0] ?? '') ?? upstream.answer
      answer(request, response, body)
    })
  }
  const server = options.tls === undefined ? createServer(onRequest) : createTlsServer(options.tls, onRequest)
  server.on('clientError', (_error, socket) => socket.destroy())
  await new Promise<void>((resolve) => void server.listen(0, options.host ?? '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const upstream: TestUpstream = {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    seen: [],
    server,
    answer: options.answer ?? ok,
    at: new Map(),
    heard: () => JSON.stringify(upstream.seen),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return upstream
}
