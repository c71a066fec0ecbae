import type { FetchLike } from '@modelcontextprotocol/client'
import type { Dispatcher } from 'undici'
import { HallpassError } from '../../../contract/errors.ts'
import type { DialRules, Resolve } from '../../egress/dial-guard.ts'
import { parseBaseAddress } from '../../egress/base-address.ts'
import type { StreamScrubber } from '../../egress/secret-scrubber.ts'
import { createUpstreamPool } from '../../egress/upstream-pool.ts'
import { UpstreamFault } from '../session/message-pipe.ts'
import { answerOf } from './upstream-answer.ts'

export interface UpstreamFetchParts {
  url: string
  rules: DialRules
  /** Headers with secrets in them: asked for with each request, after every check, and set last. */
  secretHeaders(): Promise<Record<string, string>>
  /** Cuts our secrets out of what the server answers: it may echo them. */
  scrubber?(): StreamScrubber | null
  /** Called for a 401 with its challenge; true when the request may be sent once more, with new credentials. */
  onUnauthorized?(challenge: string): Promise<boolean>
  /** What a 401 means here, to complete the sentence; without, the transport reads it. */
  unauthorized?(): string
  /** What a 403 with this challenge means here, to complete the sentence; null leaves it to the transport. */
  forbidden?(challenge: string): Promise<string | null>
  resolve?: Resolve
}

export interface UpstreamFetch {
  /** For this origin alone; never follows a redirect. Rejects with UpstreamFault. */
  fetch: FetchLike
  close(): Promise<void>
}

const CONNECT_MS = 10_000
const CONNECTIONS = 64
const LONGEST_CHALLENGE = 8192

/** The one place where an upstream's secret meets a request. */
export async function createUpstreamFetch(parts: UpstreamFetchParts): Promise<UpstreamFetch> {
  const { rules, secretHeaders, onUnauthorized } = parts
  const address = new URL(parts.url)
  const base = parseBaseAddress(address.origin)
  // No limit on headers or body in time: a stream may be silent for as long as a tool works. The session has its own limits.
  const pool = await createUpstreamPool(
    base,
    rules,
    { connectTimeoutMs: CONNECT_MS, ...(parts.resolve === undefined ? {} : { resolve: parts.resolve }) },
    { connections: CONNECTIONS, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, maxResponseSize: -1 },
  )

  async function once(url: URL, init: RequestInit): Promise<Dispatcher.ResponseData> {
    const headers = new Headers(init.headers)
    // Nothing here would unpack it.
    headers.set('accept-encoding', 'identity')
    headers.set('user-agent', 'hallpass')
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
      throw faultOf(thrown, base.origin)
    }
  }

  return {
    async fetch(input, init = {}) {
      const url = new URL(input)
      // An endpoint that the server names itself (HTTP+SSE) could lead elsewhere with our credentials.
      if (url.origin !== base.origin)
        throw new UpstreamFault(
          'protocol',
          `wants to be asked at ${url.origin}, another host than the one of this connection`,
        )
      let reply = await once(url, init)
      if (reply.statusCode === 401 && onUnauthorized !== undefined && (await onUnauthorized(challengeOf(reply)))) {
        await reply.body.dump()
        reply = await once(url, init)
      }
      const fault = await refusalOf(reply, url)
      if (fault !== null) {
        await reply.body.dump()
        throw fault
      }
      try {
        return await answerOf(reply, parts.scrubber?.() ?? null)
      } catch (thrown) {
        if (init.signal?.aborted === true) throw thrown
        throw faultOf(thrown, base.origin)
      }
    },
    close: () => pool.destroy(),
  }

  async function refusalOf(reply: Dispatcher.ResponseData, url: URL): Promise<UpstreamFault | null> {
    const { statusCode, headers } = reply
    if (statusCode === 401 && parts.unauthorized !== undefined)
      return new UpstreamFault('refused', parts.unauthorized(), { status: 401 })
    if (statusCode === 403) {
      const challenge = challengeOf(reply)
      // The transport would take one for no answer of an MCP server.
      const meaning =
        (await parts.forbidden?.(challenge)) ??
        (challenge.includes('insufficient_scope')
          ? 'is reachable, but does not allow this with the credentials that it got (HTTP 403)'
          : null)
      return meaning === null ? null : new UpstreamFault('refused', meaning, { status: 403 })
    }
    if (statusCode < 300 || statusCode >= 400) return null
    return new UpstreamFault(
      'protocol',
      `answers with a redirect (${statusCode})${leadsTo(headers['location'], url)}. Redirects are not followed: give the address that it leads to`,
      { status: statusCode },
    )
  }
}

function challengeOf({ headers }: Dispatcher.ResponseData): string {
  return [headers['www-authenticate'] ?? []].flat().join(', ').slice(0, LONGEST_CHALLENGE)
}

function leadsTo(location: string | string[] | undefined, from: URL): string {
  const to = typeof location === 'string' ? URL.parse(location, from.href) : null
  // Its query may hold a state or key.
  return to === null || !/^https?:$/.test(to.protocol) ? '' : ` to ${to.origin}${to.pathname.slice(0, 200)}`
}

function faultOf(thrown: unknown, origin: string): UpstreamFault {
  const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown
  if (thrown instanceof UpstreamFault) return thrown
  if (cause instanceof UpstreamFault) return cause
  // The dial guard's refusal is a sentence already.
  if (cause instanceof HallpassError) return new UpstreamFault('setup', cause.message, { cause })
  const code = (cause as NodeJS.ErrnoException | null)?.code ?? ''
  return new UpstreamFault(
    'unreachable',
    `cannot be reached at ${origin}: ${SENTENCES.get(code) ?? (code === '' ? 'the connection failed' : `the connection failed (${code})`)}`,
    { cause: thrown },
  )
}

const SENTENCES: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nothing listens there. Check the address, and that the server runs'],
  ['ENOTFOUND', 'there is no such host. Check the address'],
  ['EAI_AGAIN', 'its name could not be looked up. Check the network'],
  ['ECONNRESET', 'it closed the connection'],
  ['UND_ERR_SOCKET', 'it closed the connection'],
  ['UND_ERR_CONNECT_TIMEOUT', 'it does not answer'],
  ['ETIMEDOUT', 'it does not answer'],
  ['CERT_HAS_EXPIRED', 'its certificate has expired'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its certificate is self-signed'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'its certificate is signed by an authority that this machine does not know'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'its certificate is signed by an authority that this machine does not know'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another host'],
])
