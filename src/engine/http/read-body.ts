import { isUtf8 } from 'node:buffer'
import { HallpassError } from '../../contract/errors.ts'
import type { Exchange } from './exchange.ts'
import { parseExactJson } from '../text/exact-json.ts'
import { checkMediaType, JSON_TYPE } from './media-type.ts'

const CUT_SHORT = 'The connection was closed before the request was complete.'

/** The body as JSON. Throws PAYLOAD_TOO_LARGE or INVALID_REQUEST. */
export async function readJson(exchange: Exchange): Promise<unknown> {
  if (exchange.bytesIn > exchange.limits.bodyBytes) throw tooLarge(exchange)
  checkMediaType(exchange, JSON_TYPE)
  const body = await readWhole(exchange)
  if (body.length === 0) throw new HallpassError('INVALID_REQUEST', 'The request body is empty. Send a JSON object.')
  if (!isUtf8(body)) throw new HallpassError('INVALID_REQUEST', "The request body isn't valid UTF-8.")
  if (isDeeperThan(body, exchange.limits.bodyDepth)) {
    throw new HallpassError('INVALID_REQUEST', `The body is nested more than ${exchange.limits.bodyDepth} levels deep.`)
  }
  return parseJson(body.toString('utf8'))
}

/** V8's own message quotes the text; only the place is kept of it. */
function parseJson(text: string): unknown {
  try {
    return parseExactJson(text)
  } catch (thrown) {
    const place = thrown instanceof SyntaxError ? /position (\d+)/.exec(thrown.message)?.[1] : undefined
    throw new HallpassError(
      'INVALID_REQUEST',
      `The request body isn't valid JSON${place === undefined ? '' : ` (at character ${place})`}.`,
    )
  }
}

/** Listeners instead of an async iterator: this is on the path of every request. */
function readWhole(exchange: Exchange): Promise<Buffer> {
  const { request, response, limits } = exchange
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue()
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const timer = setTimeout(
      () =>
        settle(() => {
          exchange.headers['Connection'] = 'close'
          reject(
            new HallpassError('INVALID_REQUEST', `The request body wasn't received within ${limits.bodyMs / 1000} s.`),
          )
        }),
      limits.bodyMs,
    )
    const onData = (chunk: Buffer) => {
      size += chunk.length
      if (size > limits.bodyBytes) settle(() => reject(tooLarge(exchange)))
      else chunks.push(chunk)
    }
    const onEnd = () =>
      settle(() => resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size)))
    const onGone = () => settle(() => reject(new HallpassError('INVALID_REQUEST', CUT_SHORT)))
    const settle = (act: () => void) => {
      clearTimeout(timer)
      request.off('data', onData).off('end', onEnd).off('close', onGone)
      act()
    }
    // Stays: an error of an aborted request without a listener would end the process.
    request.on('error', onGone)
    request.on('data', onData).on('end', onEnd).on('close', onGone)
  })
}

/** The body piece by piece, for streams of any length. Stops with INVALID_REQUEST when it stalls or is cut short. */
export async function* readPieces(exchange: Exchange): AsyncGenerator<Uint8Array> {
  const { request, response, limits } = exchange
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue()
  // Leaving early must not destroy the request: its socket carries the answer that says why.
  const pieces = request.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>
  try {
    for (;;) {
      const next = await nextPiece(pieces, limits.streamIdleMs)
      if (next.done === true) return
      yield next.value
    }
  } finally {
    // Not awaited: behind a stalled read it would wait for ever.
    void pieces.return?.()
  }
}

async function nextPiece(pieces: AsyncIterator<Buffer>, idleMs: number): Promise<IteratorResult<Buffer>> {
  let timer: NodeJS.Timeout | undefined
  const stalled = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new HallpassError('INVALID_REQUEST', `No data was received for ${idleMs / 1000} s.`)),
      idleMs,
    )
  })
  try {
    return await Promise.race([pieces.next(), stalled])
  } catch (thrown) {
    throw thrown instanceof HallpassError ? thrown : new HallpassError('INVALID_REQUEST', CUT_SHORT, { cause: thrown })
  } finally {
    clearTimeout(timer)
  }
}

function tooLarge(exchange: Exchange): HallpassError {
  return new HallpassError(
    'PAYLOAD_TOO_LARGE',
    `The body is larger than ${exchange.limits.bodyBytes} bytes. Send many records as NDJSON: streams are not limited.`,
  )
}

/** Counts brackets outside strings, byte by byte: no recursion, nothing built. */
export function isDeeperThan(json: Uint8Array, limit: number): boolean {
  if (json.length <= limit) return false
  let depth = 0
  let inString = false
  for (let i = 0; i < json.length; i += 1) {
    const byte = json[i]
    if (inString) {
      if (byte === 0x5c) i += 1
      else if (byte === 0x22) inString = false
    } else if (byte === 0x22) inString = true
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1
      if (depth > limit) return true
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1
  }
  return false
}
