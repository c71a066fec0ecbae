import { randomUUID } from 'node:crypto'
import { PassThrough, type Readable, type Writable } from 'node:stream'
import type { JSONRPCMessage, RequestId, Server, ServerContext, Transport } from '@modelcontextprotocol/server'
import { asHallpassError } from '../../../contract/errors.ts'
import type { Principal } from '../../access/principal.ts'
import type { RequestLog } from '../../log/request-log.ts'
import { clientName, rowOpening, type Caller } from '../caller.ts'
import { exactJson } from '../../text/exact-json.ts'
import type { ClientServerParts } from './client-server.ts'
import { createLineTransport } from './line-transport.ts'
import { idOf, isRequest, methodOf, type JsonRpcRequest } from './json-rpc.ts'
import { createLeaseClient, type LeaseClient } from './sessionless/lease-client.ts'
import { openMethodRow, type CloseMethodRow } from '../tools/method-row.ts'
import { createSessionClient } from './sessions/session-client.ts'

const LONGEST_LINE = 32 * 1024 * 1024
/** How long running requests may take after the client closed its input. */
const LAST_ANSWERS_MS = 10_000

export type StdioSdk = typeof import('@modelcontextprotocol/server/stdio')

/**
 * Serves MCP over a pair of streams, one JSON-RPC message per line, for one client. Its first message decides the
 * protocol version. Ends when the input ends (after running requests), when a line is longer than 32 MiB, or when the
 * signal aborts.
 */
export async function serveOverStream(
  parts: ClientServerParts & { log: RequestLog; onError: (error: unknown) => void; stdio: StdioSdk },
  input: Readable,
  output: Writable,
  context: { principal: () => Principal; identified: Principal; signal: AbortSignal; onClient(client: string): void },
): Promise<void> {
  const { stdio, log, onError } = parts
  const gone = new AbortController()
  const running = new Map<RequestId, { caller: Caller; closeRow: CloseMethodRow }>()
  let client: string | null = null
  let onIdle = (): void => {}
  let lease: LeaseClient | undefined
  let modern: Server | undefined
  /** Open `subscriptions/listen` requests by ID. */
  const listening = new Map<RequestId, () => void>()

  const lines = new PassThrough()
  const wire = createLineTransport(parts.sdk, lines, output, { maxBytes: LONGEST_LINE, onInvalid })
  const newCaller = (bytesIn: number): Caller => ({
    principal: context.principal,
    identified: context.identified,
    requestId: randomUUID(),
    transport: 'mcp-stdio',
    gone: gone.signal,
    cancel: () => {},
    bytesIn,
    handedOver: false,
  })

  function introduced({ params }: JsonRpcRequest): string | null {
    const name =
      clientName(params?.['clientInfo']) ?? clientName(envelope(params)?.['io.modelcontextprotocol/clientInfo'])
    if (name !== null) context.onClient(name)
    return name
  }

  function settle(id: RequestId, answer: object | null, bytesOut = 0): void {
    const entry = running.get(id)
    running.delete(id)
    entry?.closeRow(answer, bytesOut)
    if (running.size === 0) onIdle()
  }

  const ended = Promise.withResolvers<void>()
  const tapped: Transport = {
    start: () => wire.start(),
    close: () => wire.close(),
    async send(message, _options) {
      if (!('method' in message) && message.id !== undefined) settle(message.id, message)
      await wire.send(message)
    },
  }
  function receive(message: JSONRPCMessage): void {
    if (isRequest(message)) {
      client ??= introduced(message)
      if (running.has(message.id)) return turnAway(message, 'A request with this id is still running.')
      const bytesIn = sizeOf(message)
      if (bytesIn === null) return turnAway(message, 'The message is nested too deeply.')
      const caller = newCaller(bytesIn)
      try {
        running.set(message.id, { caller, closeRow: openMethodRow(parts, caller, message, client) })
      } catch (thrown) {
        const error = asHallpassError(thrown, caller.requestId)
        return reject(message.id, -32603, error.message, { code: error.code })
      }
      if (message.method === 'subscriptions/listen' && lease !== undefined) return listen(message, lease)
    } else if ('method' in message && message.method === 'notifications/cancelled') {
      const id = message.params?.['requestId']
      if (typeof id === 'string' || typeof id === 'number') {
        settle(id, null)
        listening.get(id)?.()
        listening.delete(id)
      }
    }
    tapped.onmessage?.(message)
  }
  /** Its response ends the subscription, so its log row is closed at the start. */
  function listen(message: JsonRpcRequest, client: LeaseClient): void {
    settle(message.id, {})
    const { params, started, stop } = client.listen(context.principal(), message.params ?? {})
    listening.set(message.id, stop)
    started
      .then(() => {
        // It may have been canceled meanwhile.
        if (listening.has(message.id)) tapped.onmessage?.({ ...message, params } as JSONRPCMessage)
      })
      .catch(onError)
  }
  function finish(): void {
    gone.abort()
    for (const id of running.keys()) settle(id, null)
    tapped.onclose?.()
    ended.resolve()
  }
  Object.assign(wire, { onmessage: receive, onerror: (error: Error) => tapped.onerror?.(error), onclose: finish })

  /** Without a response, the client would wait forever. */
  function onInvalid(body: unknown): void {
    const id = idOf(body)
    if (id === null) return
    log.rejected(rowOpening(newCaller(0), methodOf(body), client), { status: 400, code: 'INVALID_REQUEST' })
    reject(id, -32600, 'Invalid request.')
  }

  function turnAway(message: JsonRpcRequest, sentence: string): void {
    log.rejected(rowOpening(newCaller(0), message.method, client), { status: 400, code: 'INVALID_REQUEST' })
    reject(message.id, -32600, sentence)
  }

  function reject(id: RequestId | bigint, code: number, message: string, data?: object): void {
    const error = { code, message, ...(data === undefined ? {} : { data }) }
    wire.send({ jsonrpc: '2.0', id: id as RequestId, error }).catch(onError)
  }

  const callerOf = ({ mcpReq }: ServerContext): Caller => running.get(mcpReq.id)?.caller ?? newCaller(0)
  const handle = stdio.serveStdio(
    ({ era }) => {
      if (era === 'legacy') return createSessionClient(parts, context.identified, callerOf).then(({ server }) => server)
      lease ??= createLeaseClient(
        parts,
        context.identified,
        (method, params) => void modern?.notification({ method, params } as never).catch(onError),
      )
      return lease.serve(callerOf).then((server) => (modern = server))
    },
    { transport: tapped, onerror: onError },
  )

  // Running requests still get their response after the input ended, so that `echo … | hallpass stdio` works.
  const onEnd = (): void => {
    const endLines = (): void => void lines.end()
    if (running.size === 0) return endLines()
    const timer = setTimeout(endLines, LAST_ANSWERS_MS)
    timer.unref()
    onIdle = () => {
      clearTimeout(timer)
      setImmediate(endLines)
    }
  }
  const onStop = (): void => void handle.close().catch(onError)
  input.pipe(lines, { end: false })
  input.once('end', onEnd)
  input.once('close', () => {
    if (!input.readableEnded) onStop()
  })
  input.once('error', onStop)
  output.once('close', onStop)
  context.signal.addEventListener('abort', onStop, { once: true })
  if (context.signal.aborted) onStop()
  try {
    await ended.promise
  } finally {
    context.signal.removeEventListener('abort', onStop)
    input.unpipe(lines)
    await handle.close()
    await lease?.close()
  }
}

/**
 * Returns the message's size in bytes, or null if it can't be serialized, because it couldn't be sent to an upstream
 * either.
 */
function sizeOf(message: JSONRPCMessage): number | null {
  try {
    return Buffer.byteLength(exactJson(message))
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

function envelope(params: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  const meta = params?.['_meta']
  return typeof meta === 'object' && meta !== null ? (meta as Record<string, unknown>) : undefined
}
