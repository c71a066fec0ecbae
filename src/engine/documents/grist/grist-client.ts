import { setTimeout as sleep } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import { HallpassError } from '../../../contract/errors.ts'
import type { Clock } from '../../clock.ts'
import type { CallContext } from '../document-connector.ts'
import type { GristLimits } from './grist-limits.ts'
import { codeOf, connectionFailure, errorResponse, messageOf } from './grist-errors.ts'
import type { Place, ErrorResponse } from './grist-errors.ts'
import { untilAborted } from '../../text/until-aborted.ts'
import { createTurns, type Turns } from '../../running/turns.ts'
import { bodyHeaders, requestBody } from './request-body.ts'
import { streamed } from './response-body.ts'
import { parseBaseAddress } from '../../egress/base-address.ts'
import type { DialRules } from '../../egress/dial-guard.ts'
import { createUpstreamPool, type DialOptions, type UpstreamPool } from '../../egress/upstream-pool.ts'
import { createKeyScrubber } from '../../egress/secret-scrubber.ts'
import type { GristAddress } from '../../../contract/upstreams/grist-address.ts'

export interface GristRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** Below the document: `/tables`. Empty for the document itself. */
  path: string
  body?: string
  /** A body that is streamed, so it can't be sent again. */
  upload?: { contentType: string; length: number | null; body: AsyncIterable<Uint8Array> }
  /** The response is a file of any type. */
  isFile?: boolean
  /** Safe to send again: a read, whatever its HTTP method. */
  isRead: boolean
  sql?: boolean
  place?: Place
}

export type Answer = { ok: true; body: unknown } | ErrorResponse
/** A response that is still to be read. `scrub` removes the key from what is made of it. */
export interface OpenAnswer {
  ok: true
  bytes: AsyncIterable<Uint8Array>
  headers: Dispatcher.ResponseData['headers']
  scrub(text: string): string
}

/** The REST API of one document: authenticated, limited, queued. Connection failures are thrown; Grist's error responses are values. */
export interface GristClient {
  ask(request: GristRequest, context: CallContext): Promise<Answer>
  /** Throws the error of an error response. */
  need(request: GristRequest, context: CallContext): Promise<unknown>
  open(request: GristRequest, context: CallContext): Promise<OpenAnswer>
  close(): Promise<void>
}

/** `queries` is shared by all connections to one document. */
export function createGristClient(
  address: GristAddress,
  clock: Clock,
  limits: GristLimits,
  queries: Turns,
  { rules, ...options }: DialOptions & { rules: DialRules },
): GristClient {
  const server = new URL(address.server)
  const root = `${server.pathname.replace(/\/$/, '')}/api/docs/${encodeURIComponent(address.doc)}`
  const target = { server: address.server, doc: address.doc }
  // No single token can use all slots, because Grist may keep each busy for a long time.
  const requests = createTurns(limits.concurrency, { reserve: Math.floor(limits.concurrency / 4) })
  let pool: Promise<UpstreamPool> | null = null
  let closed = false

  async function dial(): Promise<UpstreamPool> {
    if (closed) throw new HallpassError('GRIST_ERROR', 'The connection was closed. Try again.')
    // Loads undici at the first request, to keep it out of the engine's start.
    pool ??= createUpstreamPool(
      parseBaseAddress(server.origin),
      rules,
      { ...options, connectTimeoutMs: limits.connectMs },
      { connections: limits.concurrency, pipelining: 1, bodyTimeout: limits.silenceMs, headersTimeout: 0 },
    )
    // A pool that couldn't be opened is tried again with the next request.
    pool.catch(() => (pool = null))
    return pool
  }

  /** The only place where the key is added to a request. No Origin is sent, because Grist then rejects keys. Redirects aren't followed. */
  async function attempt<T>(
    request: GristRequest,
    context: CallContext,
    read: (response: Dispatcher.ResponseData, scrub: (text: string) => string) => Promise<T>,
  ): Promise<T> {
    const key = (await context.secret()).reveal().trim()
    if (!/^[\x21-\x7e]+$/.test(key))
      throw new HallpassError(
        'SECRET_UNAVAILABLE',
        "The connection's API key is empty or contains invalid characters. Replace it.",
        { field: 'secret' },
      )
    context.signal.throwIfAborted()
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(), request.sql === true ? limits.sqlMs : limits.responseMs)
    // A query whose caller left keeps its turn until Grist finishes it. Otherwise queries would pile up in Grist.
    const signal = request.sql === true ? deadline.signal : AbortSignal.any([context.signal, deadline.signal])
    try {
      const response = await (
        await dial()
      ).request({
        method: request.method,
        path: root + request.path,
        headers: {
          authorization: `Bearer ${key}`,
          accept: request.isFile === true ? '*/*' : 'application/json',
          ...bodyHeaders(request),
        },
        body: requestBody(request, timer),
        signal,
      })
      return await read(response, createKeyScrubber(key))
    } catch (error) {
      if (error instanceof HallpassError) throw error
      if (context.signal.aborted) throw context.signal.reason
      if (deadline.signal.aborted) {
        const after = request.isRead ? '' : ' The write may have succeeded. Check before you retry.'
        throw new HallpassError('UPSTREAM_TIMEOUT', `${address.server} didn't respond in time.${after}`)
      }
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  async function text(response: Dispatcher.ResponseData): Promise<string> {
    const parts: Uint8Array[] = []
    let size = 0
    for await (const part of response.body as AsyncIterable<Uint8Array>) {
      size += part.length
      if (size > limits.responseBytes) {
        throw new HallpassError(
          'GRIST_ERROR',
          `The response is larger than ${Math.floor(limits.responseBytes / 1_048_576)} MiB. Use a filter or a limit, or read it as a stream (Accept: application/x-ndjson).`,
          { reason: 'result_too_large', upstreamBlameless: true },
        )
      }
      parts.push(part)
    }
    return Buffer.concat(parts, size).toString()
  }

  function notGrist(status: number): ErrorResponse {
    return errorResponse(status, null, target, {})
  }

  async function readAnswer(
    request: GristRequest,
    response: Dispatcher.ResponseData,
    scrub: (text: string) => string,
  ): Promise<Answer> {
    const body = scrub(await text(response))
    const status = response.statusCode
    if (status !== 200)
      return errorResponse(status, status >= 400 ? messageOf(body) : null, target, request.place ?? {})
    try {
      return { ok: true, body: JSON.parse(body) }
    } catch {
      return notGrist(status)
    }
  }

  /** Queues a request and retries what Grist postponed. Stops waiting as soon as the signal fires. */
  async function turn<T extends { ok: true } | ErrorResponse>(
    request: GristRequest,
    context: CallContext,
    run: () => Promise<T>,
  ): Promise<T> {
    const { signal } = context
    const send = (): Promise<T> => {
      context.onSlot?.()
      return run()
    }
    const once = (): Promise<T> =>
      request.sql === true
        ? queries.run(() => requests.run(send, signal, context.key), signal, context.key)
        : requests.run(send, signal, context.key)
    const started = clock.monotonic()
    for (let tries = 1; ; tries += 1) {
      const patient = request.upload === undefined && tries < 20 && clock.monotonic() - started < limits.retryMs
      try {
        const answer = await untilAborted(once(), signal)
        if (answer.ok || !patient || !isPostponed(answer, request)) return answer
      } catch (error) {
        if (signal.aborted) throw interruption(signal)
        if (error instanceof HallpassError) throw error
        // The server had just closed a kept-alive connection. Only a read can be sent again.
        const stale = codeOf(error) === 'UND_ERR_SOCKET' || codeOf(error) === 'ECONNRESET'
        if (!stale || !request.isRead || tries > 1) throw connectionFailure(error, address.server, !request.isRead)
      }
      // Grist sends no Retry-After. A random wait keeps callers from retrying at the same moment.
      await sleep(Math.random() * Math.min(50 * 2 ** tries, 2_000), undefined, { signal }).catch(() => {
        throw interruption(signal)
      })
    }
  }

  async function ask(request: GristRequest, context: CallContext): Promise<Answer> {
    return turn<Answer>(request, context, () =>
      attempt(request, context, (response, scrub) => readAnswer(request, response, scrub)),
    )
  }

  return {
    ask,
    async need(request, context) {
      const answer = await ask(request, context)
      if (!answer.ok) throw answer.error
      return answer.body
    },
    async open(request, context) {
      const answer = await turn<OpenAnswer | ErrorResponse>(request, context, () =>
        attempt(request, context, async (response, scrub) => {
          if (response.statusCode !== 200) return (await readAnswer(request, response, scrub)) as ErrorResponse
          const { headers, body } = response
          if (request.isFile !== true && !String(headers['content-type']).startsWith('application/json')) {
            body.destroy()
            return notGrist(200)
          }
          return { ok: true, bytes: streamed(body, context.signal, address.server), headers, scrub }
        }),
      )
      if (!answer.ok) throw answer.error
      return answer
    },
    async close() {
      closed = true
      await (await pool)?.destroy()
    },
  }
}

/** A 429 means that nothing was done, so writes can be retried too. Only reads wait for a server that restarts. */
function isPostponed(answer: ErrorResponse, request: GristRequest): boolean {
  if (answer.status === 429) return !answer.message.startsWith('Exceeded daily limit')
  return answer.status === 503 && answer.message === 'restarting' && request.isRead
}

/** Returns the reason of an abort. A caller's own timeout becomes UPSTREAM_TIMEOUT. */
function interruption(signal: AbortSignal): unknown {
  const reason: unknown = signal.reason
  return reason instanceof Error && reason.name === 'TimeoutError'
    ? new HallpassError('UPSTREAM_TIMEOUT', "Grist didn't respond in time.", { cause: reason })
    : reason
}
