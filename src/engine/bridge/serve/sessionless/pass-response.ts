import type { ServerResponse } from 'node:http'

const METHOD_NOT_FOUND = -32601
const LONGEST_ERROR = 4096

/** The protocol requires 404 for an unknown method, even if an upstream had to be asked. */
function isUnknownMethod(body: Buffer): boolean {
  if (body.byteLength > LONGEST_ERROR || !body.includes(String(METHOD_NOT_FOUND))) return false
  const message = JSON.parse(body.toString()) as { error?: { code?: unknown } }
  return message.error?.code === METHOD_NOT_FOUND
}

/** Sends a Web response as a Node response. Returns the body, or null if it is an event stream. */
export async function passResponse(
  answer: Response,
  response: ServerResponse,
  gone: AbortSignal,
): Promise<Buffer | null> {
  if (response.destroyed) return null
  answer.headers.forEach((value, name) => response.setHeader(name, value))
  const type = answer.headers.get('content-type') ?? ''
  if (answer.body === null || !type.includes('text/event-stream')) {
    const body = Buffer.from(await answer.arrayBuffer())
    if (answer.status !== 202) response.setHeader('Content-Length', body.byteLength)
    response.writeHead(isUnknownMethod(body) ? 404 : answer.status)
    response.end(body)
    return body
  }
  response.writeHead(answer.status)
  const reader = answer.body.getReader()
  const cancel = (): void => void reader.cancel().catch(() => undefined)
  gone.addEventListener('abort', cancel, { once: true })
  for (;;) {
    const { done, value } = await reader.read()
    if (done || response.destroyed) break
    if (!response.write(value)) await untilWritable(response)
  }
  response.end()
  return null
}

/** Waits until the socket is writable or closed. Removes its listeners, because a long stream waits often. */
function untilWritable(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.on('drain', done)
    response.on('close', done)
  })
}
