import { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import type { Dispatcher } from 'undici'
import { createParser } from 'eventsource-parser'
import type { StreamScrubber } from '../../egress/masking-stream.ts'
import { isObject, parseJsonObject, type JsonObject } from '../../text/json.ts'
import { UpstreamFault } from '../session/message-pipe.ts'
import { connectionFault } from './connection-fault.ts'
import { arrivedReply, headerOf, type ArrivedReply } from './arrived-reply.ts'
import { MAX_BYTES, tooLarge } from './upstream-answer.ts'

export interface CallReplyParts {
  /** ID of the request. */
  id: unknown
  origin: string
  /** Called when the response arrives, because the request itself may have refreshed a token. */
  scrubber(): StreamScrubber | null
  deliver(message: JsonObject): void
  /** Returns a message that isn't the plain response, checked, or null if it isn't JSON-RPC. */
  parse(text: string): JsonObject | null
}

export interface CallReply {
  handler: Dispatcher.DispatchHandler
  /**
   * Resolves at the end: with null if all messages were delivered, else with a response, or the rest of one, that only
   * the SDK's transport knows how to handle. Rejects with UpstreamFault if none arrived.
   */
  done: Promise<Dispatcher.ResponseData | null>
  /** Ends the exchange. */
  stop(reason: Error): void
}

/** Where the body goes, depending on its type. */
interface BodyReader {
  /** Returns false to pause. */
  push(piece: Buffer): boolean
  end(): void
  fail(error: Error): void
}

/**
 * Reads a response from undici's parser without web streams: JSON or an event stream, masked, with the request's plain
 * response in it. Everything else is passed on.
 */
export function createCallReply({ id, origin, scrubber: currentScrubber, deliver, parse }: CallReplyParts): CallReply {
  const { promise: done, resolve, reject } = Promise.withResolvers<Dispatcher.ResponseData | null>()
  let abort: ((reason: Error) => void) | null = null
  let stopped: Error | null = null
  let reader: BodyReader | null = null
  let scrubber: StreamScrubber | null = null

  function stop(reason: Error): void {
    stopped ??= reason
    abort?.(reason)
  }

  function jsonReader(raw: Buffer[]): BodyReader {
    const decoder = new StringDecoder('utf8')
    let text = ''
    let size = 0
    function add(piece: Buffer | undefined): void {
      if (piece === undefined) return
      size += piece.length
      if (size > MAX_BYTES) stop(tooLarge())
      else text += decoder.write(piece)
    }
    return {
      push(piece) {
        add(scrubber === null ? piece : scrubber.push(piece))
        return true
      },
      end() {
        add(scrubber?.end())
        text += decoder.end()
        const message = parseJsonObject(text)
        if (isResponse(message, id)) {
          deliver(message)
          return resolve(null)
        }
        const whole = arrivedReply(200, raw, () => undefined)
        whole.push(Buffer.from(text))
        whole.end()
        resolve(whole.reply)
      },
      fail: (error) => reject(stopped ?? connectionFault(error, origin)),
    }
  }

  function eventReader(): BodyReader {
    const decoder = new StringDecoder('utf8')
    let isFirst = true
    let lastId: string | null = null
    let retryMs: number | null = null
    let isAnswered = false
    const parser = createParser({
      maxBufferSize: MAX_BYTES,
      onEvent({ id: eventId, event, data }) {
        if (eventId !== undefined && eventId !== '') lastId = eventId
        if (data === '' || (event !== undefined && event !== '' && event !== 'message')) return
        const plain = parseJsonObject(data)
        const message = isResponse(plain, id) ? plain : parse(data)
        if (message === null) return
        isAnswered ||= typeof message['method'] !== 'string'
        deliver(message)
      },
      onRetry: (ms) => {
        retryMs = ms
      },
      onError({ type }) {
        if (type === 'max-buffer-size-exceeded') stop(tooLarge())
      },
    })
    function feed(piece: Buffer | undefined): void {
      if (piece === undefined || piece.length === 0 || stopped !== null) return
      const text = decoder.write(piece)
      parser.feed(isFirst && text.startsWith('\uFEFF') ? text.slice(1) : text)
      isFirst &&= text === ''
    }
    /** A stream with event IDs can be resumed, which the SDK's transport does at the end of a stream. */
    function ended(): void {
      if (isAnswered || lastId === null) return resolve(null)
      const start = `${retryMs === null ? '' : `retry: ${retryMs}\n`}id: ${lastId}\ndata: \n\n`
      const headers = { 'content-type': 'text/event-stream' }
      resolve({
        statusCode: 200,
        headers,
        body: Readable.from([Buffer.from(start)]),
      } as unknown as Dispatcher.ResponseData)
    }
    return {
      push(piece) {
        feed(scrubber === null ? piece : scrubber.push(piece))
        return true
      },
      end() {
        feed(scrubber?.end())
        ended()
      },
      fail: ended,
    }
  }

  function passedOn(arrived: ArrivedReply): BodyReader {
    resolve(arrived.reply)
    return arrived
  }

  function readerOf(status: number, raw: Buffer[], resume: () => void): BodyReader {
    const isPlain = status === 200 && /^(?:identity)?$/i.test(headerOf(raw, 'content-encoding'))
    const type = isPlain ? headerOf(raw, 'content-type').split(';', 1)[0]?.trim().toLowerCase() : ''
    if (type === 'application/json') return jsonReader(raw)
    return type === 'text/event-stream' ? eventReader() : passedOn(arrivedReply(status, raw, resume, stop))
  }

  return {
    done,
    stop,
    handler: {
      onConnect(ended) {
        abort = ended
        if (stopped !== null) ended(stopped)
      },
      onHeaders(status, raw, resume) {
        // Informational.
        if (status < 200) return true
        scrubber = currentScrubber()
        reader = readerOf(status, raw, resume)
        return true
      },
      onData: (piece) => reader?.push(piece) ?? true,
      onComplete: () => reader?.end(),
      onError(error) {
        if (reader === null) reject(stopped ?? connectionFault(error, origin))
        else reader.fail(error)
      },
      onUpgrade(_status, _headers, socket) {
        socket.destroy()
        reject(new UpstreamFault('protocol', 'switched protocols unexpectedly'))
      },
    },
  }
}

/** Returns whether a message is the response to this request with no field that needs a closer check. */
function isResponse(message: JsonObject | null, id: unknown): message is JsonObject {
  if (message === null || message['jsonrpc'] !== '2.0' || message['id'] !== id) return false
  for (const key in message) if (!RESPONSE_KEYS.has(key)) return false
  const { result, error } = message
  if (error === undefined) return isObject(result) && (result['_meta'] === undefined || isObject(result['_meta']))
  return (
    result === undefined &&
    isObject(error) &&
    Number.isSafeInteger(error['code']) &&
    typeof error['message'] === 'string'
  )
}

const RESPONSE_KEYS: ReadonlySet<string> = new Set(['jsonrpc', 'id', 'result', 'error'])
