import type { FetchLike } from '@modelcontextprotocol/client'
import { HallpassError } from '../../../../contract/errors.ts'
import { guardedConnector, type DialRules, type Resolve } from '../../http/dial-guard.ts'
import { parseBaseAddress } from '../../http/base-address.ts'
import type { StreamScrubber } from '../../secret-scrubber.ts'
import { UpstreamFault } from '../message-pipe.ts'

export interface UpstreamFetchParts {
  url: string
  rules: DialRules
  /** Headers with secrets in them; asked for each request, after every check, and set last. */
  secretHeaders(): Promise<Record<string, string>>
  /** Cuts our secrets out of what the server answers: it may echo them. */
  scrubber?(): StreamScrubber | null
  /** Called for a 401; true when the request may be sent once more, with new credentials. */
  onUnauthorized?(): Promise<boolean>
  /** What a 401 means here, to complete the sentence; without, the transport reads it. */
  unauthorized?: string
  resolve?: Resolve
}

export interface UpstreamFetch {
  /** For this origin alone; never follows a redirect. Rejects with UpstreamFault. */
  fetch: FetchLike
  close(): Promise<void>
}

const CONNECT_MS = 10_000
const LONGEST_ANSWER = 64 * 1024 * 1024
const CONNECTIONS = 64

/** The one place where an upstream's secret meets a request. */
export async function createUpstreamFetch(parts: UpstreamFetchParts): Promise<UpstreamFetch> {
  const { rules, secretHeaders, onUnauthorized } = parts
  const address = new URL(parts.url)
  const base = parseBaseAddress(address.origin)
  const { buildConnector, fetch: undiciFetch, Pool } = await import('./undici-fetch.ts')
  const connect = guardedConnector(buildConnector, base, rules, { timeoutMs: CONNECT_MS, ...(parts.resolve === undefined ? {} : { resolve: parts.resolve }) })
  // No limit on headers or body in time: a stream may be silent for as long as a tool works. The session has its own limits.
  const pool = new Pool(base.origin, { connect, connections: CONNECTIONS, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, maxResponseSize: -1 })

  async function once(url: URL, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers)
    for (const [name, value] of Object.entries(await secretHeaders())) headers.set(name, value)
    try {
      // The types of Node's own fetch and undici's describe the same objects.
      const response = await undiciFetch(url.href, { ...init, headers: Object.fromEntries(headers), redirect: 'manual', dispatcher: pool } as never)
      return response as unknown as Response
    } catch (thrown) {
      if (init.signal?.aborted === true) throw thrown
      throw faultOf(thrown, base.origin)
    }
  }

  return {
    async fetch(input, init = {}) {
      const url = new URL(input)
      // An endpoint that the server names itself (HTTP+SSE) could lead elsewhere with our credentials.
      if (url.origin !== base.origin) throw new UpstreamFault('protocol', `wants to be asked at ${url.origin}, another host than the one of this connection`)
      let response = await once(url, init)
      if (response.status === 401 && onUnauthorized !== undefined && (await onUnauthorized())) {
        await response.body?.cancel()
        response = await once(url, init)
      }
      if (response.status === 401 && parts.unauthorized !== undefined) {
      await response.body?.cancel()
      throw new UpstreamFault('refused', parts.unauthorized, { status: 401 })
    }
    if (response.status >= 300 && response.status < 400) {
        await response.body?.cancel()
        throw new UpstreamFault('protocol', `answers with a redirect (${response.status})${leadsTo(response, url)}. Redirects are not followed: give the address that it leads to`, { status: response.status })
      }
      return passed(response, parts.scrubber?.() ?? null)
    },
    close: () => pool.destroy(),
  }
}

function leadsTo(response: Response, from: URL): string {
  const location = response.headers.get('location')
  const to = location === null ? null : URL.parse(location, from.href)
  // Its query may hold a state or key.
  return to === null || !/^https?:$/.test(to.protocol) ? '' : ` to ${to.origin}${to.pathname.slice(0, 200)}`
}

/** The answer without our secrets, and without an end only where it is a stream. */
function passed(response: Response, scrubber: StreamScrubber | null): Response {
  if (response.body === null) return response
  const limit = response.headers.get('content-type')?.includes('text/event-stream') === true ? Infinity : LONGEST_ANSWER
  let size = 0
  const through = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      size += piece.byteLength
      if (size > limit) return controller.error(new UpstreamFault('protocol', `sent a message larger than ${limit / 1024 / 1024} MiB`))
      const clean = scrubber?.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)) ?? piece
      if (clean.byteLength > 0) controller.enqueue(clean)
    },
    flush(controller) {
      const rest = scrubber?.end()
      if (rest !== undefined && rest.byteLength > 0) controller.enqueue(rest)
    },
  })
  return new Response(response.body.pipeThrough(through), { status: response.status, statusText: response.statusText, headers: response.headers })
}

function faultOf(thrown: unknown, origin: string): UpstreamFault {
  const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown
  if (thrown instanceof UpstreamFault) return thrown
  if (cause instanceof UpstreamFault) return cause
  // The dial guard's refusal is a sentence already.
  if (cause instanceof HallpassError) return new UpstreamFault('setup', cause.message, { cause })
  const code = (cause as NodeJS.ErrnoException | null)?.code ?? ''
  return new UpstreamFault('unreachable', `cannot be reached at ${origin}: ${SENTENCES.get(code) ?? (code === '' ? 'the connection failed' : `the connection failed (${code})`)}`, { cause: thrown })
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
