import { Readable } from 'node:stream'
import type { FetchLike } from '@modelcontextprotocol/client'
import type { Dispatcher } from 'undici'
import type { DialRules, Resolve } from '../../egress/dial-guard.ts'
import { parseBaseAddress } from '../../egress/base-address.ts'
import type { StreamScrubber } from '../../egress/masking-stream.ts'
import { createUpstreamPool } from '../../egress/upstream-pool.ts'
import { UpstreamFault } from '../session/message-pipe.ts'
import { saysLostSession } from '../session/lost-session.ts'
import { connectionFault } from './connection-fault.ts'
import { answerOf } from './upstream-answer.ts'

interface UpstreamFetchParts {
  url: string
  rules: DialRules
  /** Returns the headers with secrets. Called for each request after all checks, so that they are set last. */
  secretHeaders(): Promise<Record<string, string>>
  /** Masks our secrets in responses, because the server can echo them. */
  scrubber?(): StreamScrubber | null
  /** Handles the challenge of a 401. Returns true if the request can be sent again with new credentials. */
  onUnauthorized?(challenge: string): Promise<boolean>
  /** Returns what a 401 means, to complete a sentence. Without it, the transport decides. */
  unauthorized?(): string
  /** Returns what a 403 with this challenge means. Null leaves it to the transport. */
  forbidden?(challenge: string): Promise<UpstreamFault | null>
  resolve?: Resolve
}

export interface UpstreamFetch {
  /** Works for one origin and never follows redirects. Rejects with UpstreamFault. */
  fetch: FetchLike
  /**
   * Sends a message past `fetch` and its streams. The handler gets the response unchecked and unmasked, and returns an
   * unusual one with `handOver`.
   */
  post(body: string, headers: Readonly<Record<string, string>>, handler: Dispatcher.DispatchHandler): Promise<void>
  /** Makes the next `fetch` of this body process a response that has arrived instead of sending it again. */
  handOver(body: string, reply: Dispatcher.ResponseData): void
  /** Returns a scrubber for one body; null if there is nothing to mask. */
  scrubber(): StreamScrubber | null
  readonly origin: string
  close(): Promise<void>
}

const CONNECT_MS = 10_000
const CONNECTIONS = 64
const LONGEST_CHALLENGE = 8192
/** Compressed responses wouldn't be decoded here. */
const UNCOMPRESSED = { 'accept-encoding': 'identity', 'user-agent': 'hallpass' }

/** The only place where an upstream's secret is added to a request. */
export async function createUpstreamFetch(parts: UpstreamFetchParts): Promise<UpstreamFetch> {
  const { rules, secretHeaders, onUnauthorized } = parts
  const scrubber = (): StreamScrubber | null => parts.scrubber?.() ?? null
  const address = new URL(parts.url)
  const base = parseBaseAddress(address.origin)
  // No timeouts for headers or body, because a stream can be silent while a tool works. The session has its own limits.
  const pool = await createUpstreamPool(
    base,
    rules,
    { connectTimeoutMs: CONNECT_MS, ...(parts.resolve === undefined ? {} : { resolve: parts.resolve }) },
    { connections: CONNECTIONS, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, maxResponseSize: -1 },
  )

  const handedOver = new Map<string, Dispatcher.ResponseData>()

  /** Returns the response to a request, which is sent unless its response has already arrived. */
  async function first(url: URL, init: RequestInit): Promise<Dispatcher.ResponseData> {
    const arrived = typeof init.body === 'string' ? handedOver.get(init.body) : undefined
    if (arrived === undefined) return once(url, init)
    handedOver.delete(init.body as string)
    init.signal?.addEventListener('abort', () => void arrived.body.destroy(), { once: true })
    return arrived
  }

  async function once(url: URL, init: RequestInit): Promise<Dispatcher.ResponseData> {
    const headers = new Headers(init.headers)
    for (const [name, value] of Object.entries(UNCOMPRESSED)) headers.set(name, value)
    for (const [name, value] of Object.entries(await secretHeaders())) headers.set(name, value)
    try {
      return await pool.request({
        method: (init.method ?? 'GET') as Dispatcher.HttpMethod,
        path: url.pathname + url.search,
        headers: Object.fromEntries(headers),
        body: init.body === undefined || init.body === null ? null : String(init.body),
        ...(init.signal ? { signal: init.signal } : {}),
      })
    } catch (thrown) {
      if (init.signal?.aborted === true) throw thrown
      throw connectionFault(thrown, base.origin)
    }
  }

  return {
    async fetch(input, init = {}) {
      const url = new URL(input)
      // An endpoint URL that the server sends (HTTP+SSE) could redirect our credentials.
      if (url.origin !== base.origin)
        throw new UpstreamFault(
          'protocol',
          `redirected its messages to ${url.origin}, a different host than the connection's`,
        )
      let reply = await requireSession(await first(url, init), init)
      if (reply.statusCode === 401 && onUnauthorized !== undefined && (await onUnauthorized(challengeOf(reply)))) {
        await reply.body.dump()
        reply = await once(url, init)
      }
      const fault = await rejectionOf(reply, url)
      if (fault !== null) {
        await reply.body.dump()
        throw fault
      }
      try {
        return await answerOf(reply, scrubber())
      } catch (thrown) {
        if (init.signal?.aborted === true) throw thrown
        throw connectionFault(thrown, base.origin)
      }
    },
    async post(body, headers, handler) {
      const all: Record<string, string> = { ...headers, ...UNCOMPRESSED }
      const secrets = await secretHeaders()
      for (const name in secrets) all[name.toLowerCase()] = secrets[name] ?? ''
      pool.dispatch({ method: 'POST', path: address.pathname + address.search, headers: all, body }, handler)
    },
    handOver: (body, reply) => void handedOver.set(body, reply),
    scrubber,
    origin: base.origin,
    close: () => pool.destroy(),
  }

  async function rejectionOf(reply: Dispatcher.ResponseData, url: URL): Promise<UpstreamFault | null> {
    const { statusCode: status, headers } = reply
    if (status === 401 && parts.unauthorized !== undefined)
      return new UpstreamFault('needs_sign_in', parts.unauthorized(), { status })
    if (status === 403) {
      const challenge = challengeOf(reply)
      const meaning = (await parts.forbidden?.(challenge)) ?? null
      if (meaning !== null || !challenge.includes('insufficient_scope')) return meaning
      // The SDK's transport wouldn't treat it as a rejection.
      return new UpstreamFault('refused', 'denied access with these credentials (HTTP 403)', { status })
    }
    if (status < 300 || status >= 400) return null
    return new UpstreamFault(
      'protocol',
      `redirects (HTTP ${status})${destination(headers['location'], url)}. Hallpass doesn't follow redirects, so enter the final URL`,
      { status },
    )
  }

  /** Some servers use 401 for a lost session, which is no reason to renew credentials. */
  async function requireSession(reply: Dispatcher.ResponseData, init: RequestInit): Promise<Dispatcher.ResponseData> {
    const hadSession = new Headers(init.headers).has('mcp-session-id')
    if (reply.statusCode !== 401 || !hadSession || reply.headers['www-authenticate'] !== undefined) return reply
    const text = await startOf(reply.body)
    if (saysLostSession(text))
      throw new UpstreamFault('expired', "doesn't know this session (HTTP 401)", { status: 401 })
    const body = Object.assign(Readable.from([Buffer.from(text)]), { dump: () => Promise.resolve() })
    return { ...reply, body: body as unknown as Dispatcher.ResponseData['body'] }
  }
}

const MAX_PEEKED = 16_384

/** Reads at most the beginning of a body and closes it. */
async function startOf(body: Readable): Promise<string> {
  let text = ''
  for await (const piece of body as AsyncIterable<Buffer>) {
    text += piece.toString('utf8')
    if (text.length > MAX_PEEKED) break
  }
  return text.slice(0, MAX_PEEKED)
}

function challengeOf({ headers }: Dispatcher.ResponseData): string {
  return [headers['www-authenticate'] ?? []].flat().join(', ').slice(0, LONGEST_CHALLENGE)
}

function destination(location: string | string[] | undefined, from: URL): string {
  const to = typeof location === 'string' ? URL.parse(location, from.href) : null
  // The query may contain a state or key.
  return to === null || !/^https?:$/.test(to.protocol) ? '' : ` to ${to.origin}${to.pathname.slice(0, 200)}`
}
