import { isUtf8 } from 'node:buffer'
import { HallpassError, invalidRequest } from '../../contract/errors.ts'
import type { Exchange } from './exchange.ts'
import { hasNotANumber, parseExactJson } from '../text/exact-json.ts'
import { shapeProblem } from './json-shape.ts'
import { checkMediaType, JSON_TYPE } from './media-type.ts'

const CUT_SHORT = 'The connection was closed before the request was complete.'

const MAX_KEYS = 2_000
const MAX_NAME_BYTES = 512

interface BodyLimits {
  bytes: number
  depth: number
  /** Maximum number of fields of all objects together. */
  allKeys: number
}

/** For routes without bulk data, whose bodies are always much smaller. */
export function smallBody(exchange: Exchange): BodyLimits {
  return { bytes: 1024 * 1024, depth: exchange.limits.bodyDepth, allKeys: 10_000 }
}

function bodyLimits({ limits }: Exchange): BodyLimits {
  return { bytes: limits.bodyBytes, depth: limits.bodyDepth, allKeys: 4_000_000 }
}

/** Reads the body as JSON. Throws PAYLOAD_TOO_LARGE or INVALID_REQUEST. */
export async function readJson(exchange: Exchange, limits: BodyLimits = bodyLimits(exchange)): Promise<unknown> {
  const maxBytes = Math.min(limits.bytes, exchange.limits.bodyBytes)
  if (exchange.bytesIn > maxBytes) throw tooLarge(maxBytes)
  checkMediaType(exchange, JSON_TYPE)
  const body = await readWhole(exchange, maxBytes)
  if (body.length === 0) throw new HallpassError('INVALID_REQUEST', 'The request body is empty. Send a JSON object.')
  if (!isUtf8(body)) throw new HallpassError('INVALID_REQUEST', "The request body isn't valid UTF-8.")
  const { depth } = limits
  const problem = shapeProblem(body, { ...limits, keys: MAX_KEYS, nameBytes: MAX_NAME_BYTES })
  if (problem === 'depth') throw invalidRequest(`The request body is nested more than ${depth} levels deep.`)
  if (problem === 'keys')
    throw invalidRequest(
      `The request body has more than ${MAX_KEYS} fields in one object, or more than ${limits.allKeys} in all.`,
    )
  if (problem === 'names')
    throw invalidRequest(`The request body has a field name longer than ${MAX_NAME_BYTES} bytes.`)
  return parseJson(body.toString('utf8'))
}

/** V8's message quotes the text, so only the position is kept. */
function parseJson(text: string): unknown {
  try {
    return parseExactJson(text)
  } catch (thrown) {
    if (hasNotANumber(text))
      throw new HallpassError(
        'INVALID_REQUEST',
        "The request body isn't valid JSON: NaN and Infinity aren't JSON values. Send null instead.",
      )
    const place = thrown instanceof SyntaxError ? /position (\d+)/.exec(thrown.message)?.[1] : undefined
    throw new HallpassError(
      'INVALID_REQUEST',
      `The request body isn't valid JSON${place === undefined ? '' : ` (at character ${place})`}.`,
    )
  }
}

/** Uses listeners instead of an async iterator, because every request runs this. */
function readWhole(exchange: Exchange, maxBytes: number): Promise<Buffer> {
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
      if (size > maxBytes) settle(() => reject(tooLarge(maxBytes)))
      else chunks.push(chunk)
    }
    const onEnd = () =>
      settle(() => resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size)))
    const onGone = () => settle(() => reject(new HallpassError('INVALID_REQUEST', CUT_SHORT)))
    const settle = (run: () => void) => {
      clearTimeout(timer)
      request.off('data', onData).off('end', onEnd).off('close', onGone)
      run()
    }
    // Never removed, because an error of an aborted request without a listener would end the process.
    request.on('error', onGone)
    request.on('data', onData).on('end', onEnd).on('close', onGone)
  })
}

/** Yields the body in chunks, for streams of any length. Throws INVALID_REQUEST if it stalls or is incomplete. */
export async function* readPieces(exchange: Exchange): AsyncGenerator<Uint8Array> {
  const { request, response, limits } = exchange
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue()
  // Leaving early must not destroy the request, because its socket carries the response.
  const pieces = request.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>
  try {
    for (;;) {
      const next = await nextPiece(pieces, limits.streamIdleMs)
      if (next.done === true) return
      yield next.value
    }
  } finally {
    // Not awaited, because a stalled read would never finish.
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

function tooLarge(maxBytes: number): HallpassError {
  return new HallpassError(
    'PAYLOAD_TOO_LARGE',
    `The request body is larger than ${maxBytes} bytes. Send many records as an NDJSON stream, which has no size limit.`,
  )
}
