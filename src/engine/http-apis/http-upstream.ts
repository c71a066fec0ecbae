import type { Pool } from 'undici'
import { HallpassError } from '../../contract/errors.ts'
import type { HttpConnectionConfig } from '../../contract/http-connection.ts'
import type { Clock } from '../clock.ts'
import type { Secret } from '../secrets/secret.ts'
import { joinTarget, parseBaseAddress, type BaseAddress } from '../egress/base-address.ts'
import { createCircuitBreaker } from './circuit-breaker.ts'
import { createClientCredentials } from './client-credentials.ts'
import { createCredentials, NO_CREDENTIALS, secretHeader, withQuery, type Credentials } from './credentials.ts'
import { guardedConnector, type Resolve } from '../egress/dial-guard.ts'
import { createFetchWhole } from '../egress/fetch-whole.ts'
import { requestHeaders } from '../egress/header-filters.ts'
import { compileRules, type PermissionOf } from './request-rules.ts'
import { createResponseRelay, type ResponseSink } from '../egress/response-relay.ts'
import { createTurns } from './turns.ts'
import { upstreamFailure } from '../egress/upstream-failure.ts'

export interface UpstreamRequest {
  method: string
  /** Relative to the base address, encoded. */
  path: string
  /** Query, without the question mark. */
  search: string
  /** The caller's headers as they came: names and values in turn. */
  rawHeaders: readonly string[]
  body: AsyncIterable<Uint8Array> | Buffer | null
  /** Of a body whose length is known. */
  contentLength: number | null
  requestId: string
}

export interface UpstreamContext {
  /** Aborted when the request shall be cut off; its reason is thrown. */
  signal: AbortSignal
  secret(): Promise<Secret>
}

/** One HTTP API. The secret meets a request in here, after every check, and is cut out of the answer. */
export interface HttpUpstream {
  readonly base: BaseAddress
  readonly permissionOf: PermissionOf
  /** Ends when the whole answer went to the sink. Throws a HallpassError when there is no whole answer; the signal's reason when it was cut. */
  send(request: UpstreamRequest, sink: ResponseSink, context: UpstreamContext): Promise<{ status: number }>
  close(): Promise<void>
}

export interface HttpUpstreamOptions {
  config: HttpConnectionConfig
  clock: Clock
  ownPort: () => number | null
  resolve?: Resolve
  /** Certificate authority besides those of the system. */
  ca?: string
}

const CONNECT_MS = 10_000
export const DEFAULT_TIMEOUT_MS = 120_000
export const DEFAULT_CONCURRENCY = 64
const MOST_WAITING = 2_000
/** How long what was made of a secret is kept. */
const MADE_MS = 10_000
const SAFE_TO_REPEAT = new Set(['GET', 'HEAD', 'OPTIONS'])

export function createHttpUpstream(options: HttpUpstreamOptions): HttpUpstream {
  const { config, clock } = options
  const base = parseBaseAddress(config.url)
  const auth = config.auth ?? { type: 'none' }
  const permissionOf = compileRules(config.rules)
  const timeoutMs = config.timeout_ms ?? DEFAULT_TIMEOUT_MS
  const concurrency = config.concurrency ?? DEFAULT_CONCURRENCY
  const rules = { pinned: config.pinned === true, ownPort: options.ownPort }
  const dial = {
    timeoutMs: CONNECT_MS,
    ...(options.resolve === undefined ? {} : { resolve: options.resolve }),
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  }
  const turns = createTurns(concurrency)
  const breaker = createCircuitBreaker(clock)
  const ownHeader = secretHeader(auth)
  const tokens =
    auth.type === 'oauth'
      ? createClientCredentials(
          auth,
          createFetchWhole(rules, { bytes: 65_536, ...dial, timeoutMs: Math.min(timeoutMs, 30_000) }),
          clock,
        )
      : null
  let pool: Promise<Pool> | null = null
  let closed = false
  let made: { secret: string; credentials: Credentials } | null = null

  function dialled(): Promise<Pool> {
    if (closed)
      throw new HallpassError('UPSTREAM_ERROR', 'The connection was changed or removed; send the request again.', {
        upstreamBlameless: true,
      })
    // Undici is loaded at the first request, to keep it out of the engine's start.
    pool ??= import('../egress/undici-client.ts').then(
      ({ buildConnector, Pool }) =>
        new Pool(base.origin, {
          connections: concurrency,
          pipelining: 1,
          connect: guardedConnector(buildConnector, base, rules, dial),
          headersTimeout: timeoutMs,
          bodyTimeout: timeoutMs,
          maxHeaderSize: 65_536,
        }),
    )
    return pool
  }

  /** What is looked for in answers takes longer to make than the request; the secret itself is fetched anew every time. */
  function credentialsFrom(secret: string, more: readonly string[] = []): Credentials {
    if (made?.secret === secret && more.length === 0) return made.credentials
    const credentials = createCredentials(auth, secret, more)
    if (made === null) setTimeout(() => (made = null), MADE_MS).unref()
    made = { secret, credentials }
    return credentials
  }

  async function credentials(context: UpstreamContext): Promise<Credentials & { token?: string }> {
    if (auth.type === 'none') return NO_CREDENTIALS
    if (tokens === null) return credentialsFrom((await context.secret()).reveal())
    let clientSecret: string | undefined
    const token = await tokens.token(async () => (clientSecret = (await context.secret()).reveal()), context.signal)
    return { ...credentialsFrom(token, clientSecret === undefined ? [] : [clientSecret]), token }
  }

  /** True for the request that tries an upstream that rests; throws while it does. */
  function admitted(): boolean {
    const admission = breaker.admit()
    if (admission.refused === null) return admission.probe
    const { waitMs, reason } = admission.refused
    const at = new Date(clock.now() + waitMs).toISOString().slice(0, 19)
    throw new HallpassError(
      'UPSTREAM_ERROR',
      `${reason} It failed several times in a row; the next request goes out in ${Math.ceil(waitMs / 1000)} s (${at}Z).`,
    )
  }

  async function waitForTurn(signal: AbortSignal): Promise<void> {
    if (turns.waiting >= MOST_WAITING)
      throw new HallpassError(
        'UPSTREAM_ERROR',
        `Too many requests wait for ${base.origin}: ${concurrency} run at a time, and ${MOST_WAITING} wait.`,
        { upstreamBlameless: true },
      )
    const deadline = AbortSignal.timeout(timeoutMs)
    try {
      await turns.wait(AbortSignal.any([signal, deadline]))
    } catch (thrown) {
      if (signal.aborted || !deadline.aborted) throw thrown
      throw new HallpassError(
        'UPSTREAM_TIMEOUT',
        `The request waited ${timeoutMs / 1000} s for its turn: ${concurrency} requests to ${base.origin} run at a time.`,
        { upstreamBlameless: true },
      )
    }
  }

  /** One attempt. Answers what went wrong, where that may be tried again. */
  async function attempt(
    request: UpstreamRequest,
    target: string,
    sink: ResponseSink,
    context: UpstreamContext,
    { last, probe }: { last: boolean; probe: boolean },
  ): Promise<{ status: number } | 'again'> {
    const { token, ...credential } = await credentials(context)
    context.signal.throwIfAborted()
    const dispatcher = await dialled()
    const headers = requestHeaders(request.rawHeaders, { ownHeader, hasSecret: credential.scrubber !== null })
    if (request.contentLength !== null) headers.push('content-length', String(request.contentLength))
    headers.push('x-request-id', request.requestId)
    if (credential.scrubber !== null) headers.push('accept-encoding', 'identity')
    if (credential.header !== null) headers.push(...credential.header)
    const path = credential.query === null ? target : withSecretQuery(target, request.search, credential.query)
    const repeatable = SAFE_TO_REPEAT.has(request.method) && request.body === null
    const relay = createResponseRelay({
      sink,
      scrubber: credential.scrubber,
      method: request.method,
      signal: context.signal,
      // The first 401 of a token that ran out early is not the caller's business where the request can be sent again.
      retryStatus: token !== undefined && repeatable && !last ? 401 : null,
    })
    // The types know no iterable body; undici does, and never destroys what it reads from.
    dispatcher.dispatch({ path, method: request.method, headers, body: request.body as Buffer | null }, relay.handler)
    try {
      const outcome = await relay.done
      breaker.answered()
      if (token !== undefined && outcome.status === 401) tokens?.reject(token)
      return outcome.retried ? 'again' : { status: outcome.status }
    } catch (thrown) {
      if (context.signal.aborted) throw context.signal.reason
      const failure = upstreamFailure(thrown, {
        name: '',
        origin: base.origin,
        timeoutMs,
        maybeDone: !repeatable && !SAFE_TO_REPEAT.has(request.method),
      })
      if (failure.stale && repeatable && !last && !relay.began()) return 'again'
      // Whatever it answered, it is there: a caller who asks for what cannot be passed on must not close it to the others.
      if (relay.began()) breaker.answered()
      else if (failure.unreachable) breaker.failed(failure.error.message, probe)
      throw failure.error
    }
  }

  return {
    base,
    permissionOf,
    async send(request, sink, context) {
      const search = withQuery(request.search, null)
      const target = joinTarget(base, request.path, search)
      if (target === null) throw unsafePath()
      if (!turns.takeNow()) await waitForTurn(context.signal)
      let probe = false
      try {
        probe = admitted()
        const first = await attempt(request, target, sink, context, { last: false, probe })
        if (first !== 'again') return first
        const second = await attempt(request, target, sink, context, { last: true, probe })
        if (second === 'again') throw new HallpassError('UPSTREAM_ERROR', `${base.origin} gave no answer.`)
        return second
      } finally {
        breaker.undecided(probe)
        turns.done()
      }
    },
    async close() {
      closed = true
      await (await pool)?.destroy()
    },
  }
}

function withSecretQuery(target: string, search: string, query: [name: string, value: string]): string {
  return `${target.split('?', 1)[0] ?? ''}?${withQuery(search, query)}`
}

export function unsafePath(): HallpassError {
  return new HallpassError(
    'INVALID_REQUEST',
    'The path must be plain: no empty or dot segments, and no encoded slashes, backslashes or control characters.',
  )
}
