import { request as httpRequest, type Agent } from 'node:http'
import { Readable } from 'node:stream'
import { CONTROL_HOST } from './stdio-upgrade.ts'

/** `fetch` over a socket or pipe. Request bodies are small and sent whole, response bodies are streamed. */
export async function socketFetch(socketPath: string, agent: Agent, request: Request): Promise<Response> {
  const body = request.body === null ? null : Buffer.from(await request.arrayBuffer())
  const url = new URL(request.url)
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        socketPath,
        agent,
        method: request.method,
        path: url.pathname + url.search,
        signal: request.signal,
        headers: {
          ...Object.fromEntries(request.headers),
          host: CONTROL_HOST,
          ...(body === null ? {} : { 'content-length': body.length }),
        },
      },
      (incoming) => {
        const headers = new Headers()
        for (const [name, value] of Object.entries(incoming.headers))
          if (value !== undefined) headers.set(name, String(value))
        const status = incoming.statusCode ?? 500
        const bodyless = status === 204 || status === 304
        if (bodyless) incoming.resume()
        resolve(
          new Response(bodyless ? null : (Readable.toWeb(incoming) as ReadableStream<Uint8Array>), { status, headers }),
        )
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body ?? undefined)
  })
}
