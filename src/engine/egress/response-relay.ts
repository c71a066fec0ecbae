import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import type { Transform } from 'node:stream'
import type { Dispatcher } from 'undici'
import { HallpassError } from '../../contract/errors.ts'
import type { Interruption } from '../interruption.ts'
import type { StreamScrubber } from './masking-stream.ts'
import type { SecretScrubber } from './secret-scrubber.ts'
import { contentEncodings, responseHeaders } from './header-filters.ts'

/** Receives a response. Nothing is called after `end` or after the request failed. */
export interface ResponseSink {
  /**
   * Called once. `headers` alternates scrubbed lower-case names and values. `resume` continues after `data` returned
   * false.
   */
  head(status: number, headers: string[], resume: () => void): void
  /** Returns false to pause. */
  data(piece: Buffer): boolean
  end(): void
}

interface RelayOutcome {
  status: number
  retried: boolean
}

interface ResponseRelay {
  handler: Dispatcher.DispatchHandler
  /** Resolves at the end of the response. Rejects with the error of undici or the signal's reason. */
  done: Promise<RelayOutcome>
  /** Returns true once response headers arrived. */
  began(): boolean
}

const MAX_INFORMATIONAL = 100

/**
 * Passes a response from undici's parser to the sink without an intermediate stream or copy, unless the body must be
 * decompressed. A response with `retryStatus` is discarded, because the request will be sent again.
 */
export function createResponseRelay(options: {
  sink: ResponseSink
  scrubber: SecretScrubber | null
  method: string
  signal: Interruption
  retryStatus: number | null
  /** Decompresses the body even without a scrubber. */
  decode?: boolean
}): ResponseRelay {
  const { sink, scrubber, method, signal, retryStatus, decode = false } = options
  const { promise, resolve, reject } = Promise.withResolvers<RelayOutcome>()
  let abort: ((error?: Error) => void) | null = null
  let status = 0
  let informational = 0
  let swallowed = false
  let settled = false
  let body: StreamScrubber | null = null
  let decoder: Transform | null = null

  const cut = (): void => {
    const reason = signal.reason as Error
    settle(() => reject(reason))
    abort?.(reason instanceof Error ? reason : new Error('interrupted'))
  }
  signal.addEventListener('abort', cut)

  function settle(run: () => void): void {
    if (settled) return
    settled = true
    signal.removeEventListener('abort', cut)
    decoder?.destroy()
    run()
  }

  function passOn(piece: Buffer): boolean {
    const clean = body === null ? piece : body.push(piece)
    return clean.length === 0 || sink.data(clean)
  }

  function finish(): void {
    if (settled) return
    const last = body?.end()
    if (last !== undefined && last.length > 0) sink.data(last)
    sink.end()
    settle(() => resolve({ status, retried: false }))
  }

  /** Removes the length and encoding of a compressed body, because it is sent decompressed. */
  function open(headers: string[], encoding: string, resume: () => void): string[] {
    const opened = decoderOf(encoding)
    if (opened === undefined)
      throw new HallpassError(
        'UPSTREAM_ERROR',
        "The API's response uses an unsupported compression, so Hallpass can't check it for secrets.",
      )
    decoder = opened
    opened.on('data', (piece: Buffer) => {
      if (!settled && !passOn(piece)) opened.pause()
    })
    opened.on('drain', resume)
    opened.on('end', finish)
    opened.on('error', () => {
      settle(() => reject(new HallpassError('UPSTREAM_ERROR', "The API's compressed response can't be decoded.")))
      abort?.(new Error('interrupted'))
    })
    return headers.filter((_, index) => {
      const name = headers[index - (index % 2)]
      return name !== 'content-encoding' && name !== 'content-length'
    })
  }

  const handler: Dispatcher.DispatchHandler = {
    onConnect(stop) {
      abort = stop
      if (settled) stop(new Error('interrupted'))
    },
    onHeaders(code, raw, resume) {
      // 1xx responses are informational. Each restarts undici's timeout, so a server could send them forever.
      if (code < 200) {
        informational += 1
        if (informational > MAX_INFORMATIONAL)
          throw new HallpassError(
            'UPSTREAM_ERROR',
            `The upstream sent more than ${MAX_INFORMATIONAL} informational responses and no other.`,
          )
        return true
      }
      status = code
      if (code === retryStatus) {
        swallowed = true
        return true
      }
      let headers = responseHeaders(raw, scrubber)
      const encodings = contentEncodings(raw)
      const bodyless = method === 'HEAD' || code === 204 || code === 304
      if ((scrubber !== null || decode) && !bodyless) {
        body = scrubber?.stream() ?? null
        if (encodings.length > 0) headers = open(headers, encodings.join(', '), resume)
      }
      const opened = decoder
      sink.head(code, headers, opened === null ? resume : () => opened.resume())
      return true
    },
    onData(piece) {
      if (swallowed || settled) return true
      return decoder === null ? passOn(piece) : decoder.write(piece)
    },
    onComplete() {
      if (swallowed) settle(() => resolve({ status, retried: true }))
      else if (decoder === null) finish()
      else decoder.end()
    },
    onError(error) {
      settle(() => reject(error))
    },
    onUpgrade(_status, _headers, socket) {
      socket.destroy()
      settle(() => reject(new HallpassError('UPSTREAM_ERROR', 'The API switched protocols unexpectedly.')))
    },
  }
  return { handler, done: promise, began: () => status !== 0 }
}

/** Returns a stream that decompresses a body so that it can be scrubbed, or undefined for an unsupported encoding. */
function decoderOf(encoding: string): Transform | undefined {
  switch (encoding.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip()
    case 'deflate':
      return createInflate()
    case 'br':
      return createBrotliDecompress()
    case 'zstd':
      return createZstdDecompress()
    default:
      return undefined
  }
}
