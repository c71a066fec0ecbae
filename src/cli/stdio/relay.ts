import type { Duplex, Readable, Writable } from 'node:stream'
import { HallpassError } from '../../contract/errors.ts'
import { objectOf } from '../../engine/text/json.ts'
import { createClientMemory, isRepeatable, isReplay } from './client-memory.ts'
import { createEngineRequests } from './engine-requests.ts'
import {
  isPing,
  keyOf,
  LOST,
  lostSentence,
  messageLine,
  NOT_RUNNING,
  paramsOf,
  readMessage,
  REPLACED,
  type Message,
} from './message.ts'
import { createReconnector, HOPELESS } from './reconnector.ts'
import { splitLines, writePaced } from './lines.ts'

interface RelayParts {
  input: Readable
  output: Writable
  /** Returns a stream to the engine, or null if none runs and `start` is false. */
  connect(options: { start: boolean }): Promise<Duplex | null>
  /** Writes a sentence to the client's log. */
  report(sentence: string): void
}

/** How long to wait for pending responses after the client's input ended. */
const FLUSH_MS = 2000
/** A stopping engine announces the end of subscriptions just before it closes the stream. */
const LAST_WORDS_MS = 500

/**
 * Passes lines between one client and the engine until the client's input ends. If the engine goes away, connects to
 * the next one, restores the client's state in it, and answers open requests with an error. Throws if the first
 * connection fails.
 */
export async function relayStdio(parts: RelayParts): Promise<void> {
  const { input, output } = parts
  const memory = createClientMemory()
  const engineRequests = createEngineRequests()
  const repeated = new WeakSet<Message>()
  const finished = Promise.withResolvers<void>()
  let engine: Duplex | null = null
  /** Client messages that haven't been sent to any engine. */
  let waiting: Message[] = []
  let inputEnded = false
  /** Called with the new engine's answer to the replayed `initialize`, or with null if that engine is lost too. */
  let onHandshake: (answer: Message | null) => void = () => {}

  const reconnector = createReconnector({
    attempt: reconnect,
    hasRequests: () => waiting.some((one) => one.kind === 'request'),
    failed: failWaiting,
    settled() {
      if (engine !== null) flush()
      else if (inputEnded) finished.resolve()
      return engine === null && !inputEnded
    },
  })

  const first = await parts.connect({ start: true })
  if (first === null) throw new HallpassError('INTERNAL', NOT_RUNNING)
  attach(first)

  const clientLines = splitLines((line) => fromClient(readMessage(line)))
  input.on('data', (chunk: Buffer) => clientLines.push(Buffer.from(chunk)))
  input.once('end', onInputEnd)
  input.once('error', onInputEnd)
  await finished.promise
  reconnector.close()
  input.destroy()
  detach()?.destroy()

  function detach(): Duplex | null {
    const stream = engine
    engine = null
    return stream
  }

  function toClient(line: Buffer): void {
    writePaced(output, line, engine)
  }

  function toEngine(line: Buffer): void {
    if (engine !== null) writePaced(engine, line, input)
  }

  function reject(request: Message, message: string, code = 'UPSTREAM_ERROR'): void {
    toClient(messageLine({ id: request.body?.['id'], error: { code: -32_603, message, data: { code } } }))
  }

  /** The relay answers pings itself while no engine runs. */
  function pong(request: Message): void {
    toClient(messageLine({ id: request.body?.['id'], result: {} }))
  }

  function fromClient(message: Message): void {
    if (engine !== null && !reconnector.isConnecting) return send(message)
    if (isPing(message)) return pong(message)
    if (message.kind === 'answer') return
    if (message.method === 'notifications/cancelled') {
      const key = keyOf(paramsOf(message)['requestId'])
      waiting = waiting.filter((one) => one.key !== key)
      memory.sent(message)
      return
    }
    waiting.push(message)
    if (message.kind === 'request') reconnector.demand()
  }

  function send(message: Message): void {
    if (message.kind === 'answer') {
      const line = engineRequests.toEngine(message)
      if (line !== null) toEngine(line)
      return
    }
    memory.sent(message)
    toEngine(message.line)
  }

  function fromEngine(message: Message, stream: Duplex): void {
    if (message.kind === 'answer') {
      if (isReplay(message.key)) return onHandshake(message)
      const isListenEnd = memory.isListening(message.key) && message.body?.['result'] !== undefined
      if (!isListenEnd) return answer(message)
      setTimeout(() => {
        if (engine === stream) answer(message)
      }, LAST_WORDS_MS).unref()
      return
    }
    if (message.method === 'notifications/subscriptions/acknowledged' && !memory.acknowledged(message)) return
    const isOwn = message.kind === 'request' || message.method === 'notifications/cancelled'
    toClient(isOwn ? engineRequests.toClient(message) : message.line)
  }

  function answer(message: Message): void {
    memory.answered(message)
    toClient(message.line)
  }

  function attach(stream: Duplex): void {
    engine = stream
    const lines = splitLines((line) => {
      if (engine === stream) fromEngine(readMessage(line), stream)
    })
    stream.on('data', (chunk: Buffer) => lines.push(chunk))
    // `close` reports the end.
    stream.on('error', () => stream.destroy())
    stream.once('end', () => stream.destroy())
    stream.once('close', () => {
      if (engine === stream) onLost()
    })
    if (stream.destroyed) onLost()
  }

  function onLost(): void {
    detach()
    onHandshake(null)
    const lost = [...memory.inFlight.values()]
    memory.inFlight.clear()
    const cancellations = engineRequests.lost()
    if (inputEnded && lost.length === 0) return finished.resolve()
    cancellations.forEach(toClient)
    const again: Message[] = []
    for (const request of lost) {
      if (isPing(request)) pong(request)
      else if (isRepeatable(request) && !repeated.has(request)) {
        repeated.add(request)
        again.push(request)
      } else reject(request, lostSentence(request))
    }
    waiting = [...again, ...waiting]
    if (inputEnded && waiting.length === 0) return finished.resolve()
    parts.report(
      'Lost the connection to the Hallpass engine. Reconnecting with the next request or when it runs again.',
    )
    if (reconnector.isConnecting) return
    if (again.length > 0) reconnector.demand()
    else reconnector.watch()
  }

  async function reconnect(start: boolean): Promise<void> {
    const stream = await parts.connect({ start })
    if (stream === null && !start) return
    if (stream === null) throw new HallpassError('INTERNAL', NOT_RUNNING)
    attach(stream)
    const { handshake, afterwards } = memory.replay()
    if (handshake !== null) await introduce(handshake)
    if (engine !== stream) throw new HallpassError('UPSTREAM_ERROR', LOST)
    for (const { line } of afterwards) toEngine(line)
    parts.report('Reconnected to the Hallpass engine.')
    memory.missed().forEach(toClient)
  }

  /**
   * Repeats the client's `initialize`. If the engine speaks another version than the client agreed to, the connection
   * can't continue.
   */
  async function introduce(handshake: Message): Promise<void> {
    const answered = new Promise<Message | null>((resolve) => {
      onHandshake = resolve
    })
    toEngine(handshake.line)
    const answer = await answered
    onHandshake = () => {}
    if (answer === null) throw new HallpassError('UPSTREAM_ERROR', LOST)
    const result = objectOf(answer.body?.['result'])
    if (result !== null && result['protocolVersion'] === memory.introduction?.['protocolVersion']) return
    detach()?.destroy()
    throw new HallpassError('UPSTREAM_ERROR', REPLACED, { reason: HOPELESS })
  }

  function flush(): void {
    const messages = waiting
    waiting = []
    messages.forEach(send)
    if (inputEnded) endEngine()
  }

  function failWaiting({ message, code }: HallpassError): void {
    const requests = waiting.filter((one) => one.kind === 'request')
    waiting = []
    for (const request of requests) reject(request, message, code)
  }

  function onInputEnd(): void {
    const rest = clientLines.rest()
    if (rest.length > 0) fromClient(readMessage(rest))
    inputEnded = true
    if (engine === null) {
      if (!reconnector.isConnecting) finished.resolve()
      return
    }
    if (!reconnector.isConnecting) endEngine()
  }

  /** Responses that are already on their way still arrive. */
  function endEngine(): void {
    engine?.end()
    setTimeout(() => finished.resolve(), FLUSH_MS).unref()
  }
}
