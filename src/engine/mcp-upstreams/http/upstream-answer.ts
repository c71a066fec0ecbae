import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { StreamScrubber } from '../../egress/masking-stream.ts'
import { UpstreamFault } from '../session/message-pipe.ts'

export const MAX_BYTES = 64 * 1024 * 1024
const BLANK_LINES = ['\n\n', '\r\n\r\n', '\r\r']
/** Statuses whose responses have no body by the standard. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304])

/**
 * Returns a response for the SDK with our secrets masked: streams as they arrive, anything else complete and within
 * limits.
 */
export async function answerOf(reply: Dispatcher.ResponseData, scrubber: StreamScrubber | null): Promise<Response> {
  // Compression wasn't requested, and a body that isn't decoded can't be masked.
  const encoding = [reply.headers['content-encoding'] ?? []].flat().join(', ')
  if (!/^(?:identity)?$/i.test(encoding)) {
    await reply.body.dump()
    throw new UpstreamFault('protocol', "compressed its response, although Hallpass doesn't accept compression")
  }
  const headers = new Headers()
  for (const [name, value] of Object.entries(reply.headers)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) headers.append(name, one)
  }
  const init = { status: reply.statusCode, headers }
  if (headers.get('content-type')?.includes('text/event-stream') === true && reply.statusCode === 200)
    return new Response(
      Readable.toWeb(Readable.from(inEvents(scrubbed(reply.body, scrubber)))) as ReadableStream<Uint8Array>,
      init,
    )
  const body = await whole(reply.body, scrubber)
  return new Response(BODILESS.has(reply.statusCode) || body.byteLength === 0 ? null : body, init)
}

async function* scrubbed(body: Readable, scrubber: StreamScrubber | null): AsyncGenerator<Uint8Array> {
  for await (const piece of body as AsyncIterable<Buffer>) {
    const clean = scrubber?.push(piece) ?? piece
    if (clean.byteLength > 0) yield clean
  }
  const rest = scrubber?.end()
  if (rest !== undefined && rest.byteLength > 0) yield rest
}

/** Streams can have any length, but their reader buffers each event until the blank line. */
async function* inEvents(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0
  let tail = ''
  for await (const piece of pieces) {
    const text = tail + Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString('latin1')
    const end = Math.max(...BLANK_LINES.map((line) => text.lastIndexOf(line)))
    size = end === -1 ? size + piece.byteLength : text.length - end
    if (size > MAX_BYTES) throw tooLarge()
    tail = text.slice(-3)
    yield piece
  }
}

async function whole(body: Readable, scrubber: StreamScrubber | null): Promise<Buffer<ArrayBuffer>> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of scrubbed(body, scrubber)) {
    size += piece.byteLength
    if (size > MAX_BYTES) throw tooLarge()
    pieces.push(piece)
  }
  return Buffer.concat(pieces, size)
}

export function tooLarge(): UpstreamFault {
  return new UpstreamFault('protocol', `sent a message larger than ${MAX_BYTES / 1024 / 1024} MiB`)
}
