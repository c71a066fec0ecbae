import { Readable } from 'node:stream'
import type { GristRequest } from './grist-client.ts'

export function bodyHeaders({ body, upload }: GristRequest): Record<string, string> {
  if (upload === undefined) return body === undefined ? {} : { 'content-type': 'application/json' }
  const { contentType, length } = upload
  return { 'content-type': contentType, ...(length === null ? {} : { 'content-length': String(length) }) }
}

/** Returns the body to send. Each chunk of an upload restarts the timeout for the response. */
export function requestBody({ body, upload }: GristRequest, timer: NodeJS.Timeout): string | Readable | null {
  if (upload === undefined) return body ?? null
  async function* timed(pieces: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const piece of pieces) {
      timer.refresh()
      yield piece
    }
  }
  return Readable.from(timed(upload.body), { objectMode: false })
}
