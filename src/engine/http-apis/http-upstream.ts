import { HallpassError } from '../../contract/errors.ts'
import type { HttpConnectionConfig } from '../../contract/upstreams/http-connection.ts'
import type { Clock } from '../clock.ts'
import { abortSignalOf } from '../interruption.ts'
import { parseBaseAddress, type BaseAddress } from '../egress/base-address.ts'
import { createCircuitBreaker } from './circuit-breaker.ts'
import { createClientCredentials } from './client-credentials.ts'
import { createCredentials, NO_CREDENTIALS, secretHeader, type Credentials } from './credentials.ts'
import type { Resolve } from '../egress/dial-guard.ts'
import { createFetchWhole } from '../egress/fetch-whole.ts'
import { requestHeaders } from '../egress/header-filters.ts'
import { withPublicLinks } from './public-links.ts'
import { createRequestQueue } from './request-queue.ts'
import { targetBelow, targetWithQuery } from './target-below.ts'
import type { UpstreamContext, UpstreamRequest } from './upstream-request.ts'
import { compileRules, type PermissionOf } from './request-rules.ts'
import { createResponseRelay, type ResponseSink } from '../egress/response-relay.ts'
import { upstreamFailure } from '../egress/upstream-failure.ts'
import { createUpstreamPool, unusedProxyHint, type UpstreamPool } from '../egress/upstream-pool.ts'

/** One HTTP API. The secret is added here, after all checks, and is masked in the response. */
export interface HttpUpstream {
  readonly base: BaseAddress
  readonly permissionOf: PermissionOf
  /** Whether a path segment may contain %2F. */
  readonly allowEncodedSlash: boolean
  /**
   * Resolves once the sink has the whole response. Throws a HallpassError if there is no response, and the signal's
   * reason if it is aborted.
   */
  send(request: UpstreamRequest, sink: ResponseSink, context: UpstreamContext): Promise<{ status: number }>
  close(): Promise<void>
}

interface HttpUpstreamOptions {
  config: HttpConnectionConfig
  clock: Clock
  ownPort: () => number | null
  resolve?: Resolve
  /** A certificate authority in addition to the system's. */
  ca?: string
}

const CONNECT_MS = 10_000
export const DEFAULT_TIMEOUT_MS = 120_000
export const DEFAULT_CONCURRENCY = 64
/** How long credentials that were built from a secret are reused. */
const REUSE_MS = 10_000
const SAFE_TO_RETRY = new Set(['GET', 'HEAD', 'OPTIONS'])

export function createHttpUpstream(options: HttpUpstreamOptions): HttpUpstream {
  const { config, clock } = options
  const base = parseBaseAddress(config.url)
  const auth = config.auth ?? { type: 'none' }
  const permissionOf = compileRules(config.rules)
  const allowEncodedSlash = config.allow_encoded_slash === true
  const timeoutMs = config.timeout_ms ?? DEFAULT_TIMEOUT_MS
  const concurrency = config.concurrency ?? DEFAULT_CONCURRENCY
  const rules = {
    pinned: config.pinned === true,
    plainHttp: config.plain_http === true || auth.type === 'none',
    ownPort: options.ownPort,
  }
  const dial = {
    proxy: config.proxy,
    ...(options.resolve === undefined ? {} : { resolve: options.resolve }),
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  }
  const queue = createRequestQueue({ origin: base.origin, concurrency, timeoutMs })
  const breaker = createCircuitBreaker(clock)
  const ownHeader = secretHeader(auth)
  const tokens =
    auth.type === 'oauth'
      ? createClientCredentials(
          auth,
          createFetchWhole(rules, { ...dial, bytes: 65_536, timeoutMs: Math.min(timeoutMs, 30_000) }),
          clock,
        )
      : null
  let pool: Promise<UpstreamPool> | null = null
  let closed = false
  let built: { secret: string; credentials: Credentials } | null = null

  function openPool(): Promise<UpstreamPool> {
    if (closed)
      throw new HallpassError('UPSTREAM_ERROR', 'The connection was changed or deleted. Send the request again.', {
        upstreamBlameless: true,
      })
    pool ??= createUpstreamPool(
      base,
      rules,
      { ...dial, connectTimeoutMs: CONNECT_MS },
      {
        connections: concurrency,
        pipelining: 1,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        maxHeaderSize: 65_536,
      },
    )
    // A pool that couldn't be opened is opened again for the next request.
    pool.catch(() => (pool = null))
    return pool
  }

  /** Building a scrubber takes longer than a request, so it is reused. The secret is still fetched every time. */
  function credentialsFrom(secret: string, more: readonly string[] = []): Credentials {
    if (built?.secret === secret && more.length === 0) return built.credentials
    const credentials = createCredentials(auth, secret, more)
    if (built === null) setTimeout(() => (built = null), REUSE_MS).unref()
    built = { secret, credentials }
    return credentials
  }

  async function credentials(context: UpstreamContext): Promise<Credentials & { token?: string }> {
    if (auth.type === 'none') return NO_CREDENTIALS
    if (tokens === null) return credentialsFrom((await context.secret()).reveal())
    let clientSecret: string | undefined
    const token = await tokens.token(
      async () => (clientSecret = (await context.secret()).reveal()),
      abortSignalOf(context.signal),
    )
    return { ...credentialsFrom(token, clientSecret === undefined ? [] : [clientSecret]), token }
  }

  /** Returns true for the request that tries a failing upstream again; throws while none may be sent. */
  function admit(): boolean {
    const admission = breaker.admit()
    if (admission.blocked === null) return admission.isProbe
    const { waitMs, reason } = admission.blocked
    const at = new Date(clock.now() + waitMs).toISOString().slice(0, 19)
    throw new HallpassError(
      'UPSTREAM_ERROR',
      `${reason} After several failures, Hallpass sends no requests for ${Math.ceil(waitMs / 1000)} s (until ${at}Z).`,
      { reason: 'upstream_paused', details: { retry_after_ms: waitMs } },
    )
  }

  /** Sends the request once. Returns 'again' if it failed in a way that is safe to retry. */
  async function attempt(
    request: UpstreamRequest,
    target: string,
    sink: ResponseSink,
    context: UpstreamContext,
    { isLast, isProbe }: { isLast: boolean; isProbe: boolean },
  ): Promise<{ status: number } | 'again'> {
    const credential = await credentials(context)
    const { token } = credential
    context.signal.throwIfAborted()
    const dispatcher = await openPool()
    const headers = requestHeaders(request.rawHeaders, {
      ownHeader,
      hasSecret: credential.scrubber !== null,
      allowRange: config.allow_range === true,
    })
    if (request.contentLength !== null) headers.push('content-length', String(request.contentLength))
    headers.push('x-request-id', request.requestId)
    if (credential.scrubber !== null) headers.push('accept-encoding', 'identity')
    if (credential.header !== null) headers.push(...credential.header)
    const path = credential.query === null ? target : targetWithQuery(target, request.search, credential.query)
    const isRetryable = SAFE_TO_RETRY.has(request.method) && request.body === null
    const relay = createResponseRelay({
      sink,
      scrubber: credential.scrubber,
      method: request.method,
      signal: context.signal,
      decode: request.decode === true,
      // A token can expire early, so its first 401 isn't passed on if the request can be sent again.
      retryStatus: token !== undefined && isRetryable && !isLast ? 401 : null,
    })
    // The types don't list an iterable body, but undici accepts one and never destroys it.
    dispatcher.dispatch({ path, method: request.method, headers, body: request.body as Buffer | null }, relay.handler)
    try {
      const outcome = await relay.done
      breaker.recordAnswer()
      if (token !== undefined && outcome.status === 401) tokens?.reject(token)
      return outcome.retried ? 'again' : { status: outcome.status }
    } catch (thrown) {
      if (context.signal.aborted) throw context.signal.reason
      const failure = upstreamFailure(thrown, {
        name: '',
        origin: base.origin,
        timeoutMs,
        maybeDone: !isRetryable && !SAFE_TO_RETRY.has(request.method),
      })
      if (failure.stale && isRetryable && !isLast && !relay.began()) return 'again'
      // Any response proves that the upstream is up, even one that can't be passed on.
      if (relay.began()) breaker.recordAnswer()
      else if (failure.unreachable) {
        const error = failure.error.reworded(failure.error.message + unusedProxyHint(base, dial))
        breaker.recordFailure(error.message, isProbe)
        throw error
      }
      throw failure.error
    }
  }

  return {
    base,
    permissionOf,
    allowEncodedSlash,
    async send(request, sink, context) {
      const target = targetBelow(base, request.path, request.search, allowEncodedSlash)
      const place = queue.enter(context.signal, context.key)
      if (place !== null) await place
      context.onSlot?.()
      let isProbe = false
      try {
        isProbe = admit()
        const linked = request.publicUrl === undefined ? sink : withPublicLinks(sink, base, target, request.publicUrl)
        const first = await attempt(request, target, linked, context, { isLast: false, isProbe })
        if (first !== 'again') return first
        const second = await attempt(request, target, linked, context, { isLast: true, isProbe })
        if (second === 'again') throw new HallpassError('UPSTREAM_ERROR', `${base.origin} didn't respond.`)
        return second
      } finally {
        breaker.release(isProbe)
        queue.leave(context.key)
      }
    },
    async close() {
      closed = true
      await (await pool)?.destroy()
    },
  }
}
