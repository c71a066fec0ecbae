import { setTimeout as sleep } from 'node:timers/promises'
import type { Dispatcher, Pool } from 'undici'
import { HallpassError } from '../../../contract/errors.ts'
import type { Clock } from '../../clock.ts'
import type { CallContext } from '../document-connector.ts'
import type { GristLimits } from './grist-limits.ts'
import { codeOf, connectionFailure, refusal, wordsOf } from './grist-refusals.ts'
import type { Place, Refusal } from './grist-refusals.ts'
import { untilAborted } from '../../text/until-aborted.ts'
import { createTurns } from '../../turns.ts'
import { createKeyScrubber } from '../../egress/key-scrubber.ts'
import type { GristAddress } from '../../../contract/grist-address.ts'

export interface GristRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below the document: `/tables`. Empty for the document itself. */
  path: string
  body?: string
  /** Reads, whatever their verb: safe to send again. */
  repeatable: boolean
  sql?: boolean
  place?: Place
}

export type Answer = { ok: true; body: unknown } | Refusal
/** An answer still to be read. Scrub what is made of it. */
export interface OpenAnswer {
  ok: true
  bytes: AsyncIterable<Uint8Array>
  scrub(text: string): string
}

/** The REST API of one document: authenticated, bounded, queued. Failures to get an answer are thrown; refusals are values. */
export interface GristClient {
  ask(request: GristRequest, context: CallContext): Promise<Answer>
  /** Throws the refusal's error. */
  need(request: GristRequest, context: CallContext): Promise<unknown>
  open(request: GristRequest, context: CallContext): Promise<OpenAnswer>
  close(): Promise<void>
}

export function createGristClient(address: GristAddress, clock: Clock, limits: GristLimits): GristClient {
  const server = new URL(address.server)
  const root = `${server.pathname.replace(/\/$/, '')}/api/docs/${encodeURIComponent(address.doc)}`
  const target = { server: address.server, doc: address.doc }
  const requests = createTurns(limits.concurrency)
  // Several slow queries at once defeat Grist's own time limit and can hang the document for everyone.
  const queries = createTurns(1)
  let pool: Promise<Pool> | null = null
  let closed = false

  async function dial(): Promise<Pool> {
    if (closed) throw new HallpassError('GRIST_ERROR', 'The connection was closed.')
    // Undici is loaded at the first request, to keep it out of the engine's start.
    pool ??= import('../../egress/undici.ts').then(
      ({ Pool }) =>
        new Pool(server.origin, {
          connections: limits.concurrency,
          pipelining: 1,
          connect: { timeout: limits.connectMs, rejectUnauthorized: true },
          bodyTimeout: limits.silenceMs,
          headersTimeout: 0,
        }),
    )
    return pool
  }

  /** The one place where the key meets a request. No Origin is sent (Grist refuses keys then); redirects are not followed. */
  async function attempt<T>(
    request: GristRequest,
    context: CallContext,
    read: (response: Dispatcher.ResponseData, scrub: (text: string) => string) => Promise<T>,
  ): Promise<T> {
    const key = (await context.secret()).reveal().trim()
    if (!/^[\x21-\x7e]+$/.test(key))
      throw new HallpassError(
        'SECRET_UNAVAILABLE',
        'The key of this connection is empty or holds characters that no key has. Replace it.',
      )
    context.signal.throwIfAborted()
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(), request.sql === true ? limits.sqlMs : limits.answerMs)
    // A query whose caller has gone keeps its turn until Grist is done with it: giving the turn away would stack queries up.
    const signal = request.sql === true ? deadline.signal : AbortSignal.any([context.signal, deadline.signal])
    try {
      const response = await (
        await dial()
      ).request({
        method: request.method,
        path: root + request.path,
        headers: {
          authorization: `Bearer ${key}`,
          accept: 'application/json',
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: request.body ?? null,
        signal,
      })
      return await read(response, createKeyScrubber(key))
    } catch (error) {
      if (error instanceof HallpassError) throw error
      if (context.signal.aborted) throw context.signal.reason
      if (deadline.signal.aborted) {
        const after = request.repeatable ? '' : ' The write may or may not have been carried out.'
        throw new HallpassError('UPSTREAM_TIMEOUT', `Grist at ${address.server} took too long.${after}`)
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
      if (size > limits.answerBytes) {
        throw new HallpassError(
          'GRIST_ERROR',
          `Grist's answer is larger than ${Math.floor(limits.answerBytes / 1_048_576)} MiB: narrow it with a filter or a limit, or take it as a stream (Accept: application/x-ndjson).`,
          { upstreamBlameless: true },
        )
      }
      parts.push(part)
    }
    return Buffer.concat(parts, size).toString()
  }

  function notGrist(status: number): Refusal {
    return refusal(status, null, target, {})
  }

  async function readAnswer(
    request: GristRequest,
    response: Dispatcher.ResponseData,
    scrub: (text: string) => string,
  ): Promise<Answer> {
    const body = scrub(await text(response))
    const status = response.statusCode
    if (status !== 200) return refusal(status, status >= 400 ? wordsOf(body) : null, target, request.place ?? {})
    try {
      return { ok: true, body: JSON.parse(body) }
    } catch {
      return notGrist(status)
    }
  }

  /** Takes turns, and tries again what Grist put off; whoever waits is let go as soon as the signal fires. */
  async function turn<T extends { ok: true } | Refusal>(
    request: GristRequest,
    context: CallContext,
    run: () => Promise<T>,
  ): Promise<T> {
    const { signal } = context
    const once = (): Promise<T> =>
      request.sql === true ? queries.run(() => requests.run(run, signal), signal) : requests.run(run, signal)
    const started = clock.monotonic()
    for (let tries = 1; ; tries += 1) {
      const patient = tries < 20 && clock.monotonic() - started < limits.retryMs
      try {
        const answer = await untilAborted(once(), signal)
        if (answer.ok || !patient || !putOff(answer, request)) return answer
      } catch (error) {
        if (signal.aborted) throw cutOff(signal)
        if (error instanceof HallpassError) throw error
        // A kept-alive connection that the server had just closed: only a read may be sent twice.
        const stale = codeOf(error) === 'UND_ERR_SOCKET' || codeOf(error) === 'ECONNRESET'
        if (!stale || !request.repeatable || tries > 1)
          throw connectionFailure(error, address.server, !request.repeatable)
      }
      // Grist gives no Retry-After; a random wait keeps callers from coming back all at once.
      await sleep(Math.random() * Math.min(50 * 2 ** tries, 2_000), undefined, { signal }).catch(() => {
        throw cutOff(signal)
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
      const answer = await turn<OpenAnswer | Refusal>(request, context, () =>
        attempt(request, context, async (response, scrub) => {
          if (response.statusCode !== 200) return (await readAnswer(request, response, scrub)) as Refusal
          if (!String(response.headers['content-type']).startsWith('application/json')) {
            response.body.destroy()
            return notGrist(200)
          }
          return { ok: true, bytes: streamed(response.body, context.signal, address.server), scrub }
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

/** From here on the body belongs to its reader; the signal ends it even when it is never read. */
function streamed(
  body: Dispatcher.ResponseData['body'],
  signal: AbortSignal,
  server: string,
): AsyncIterable<Uint8Array> {
  const stop = (): unknown => body.destroy()
  // Whoever reads gets the error from reading; without a listener, a body cut off unread would end the process.
  body.on('error', stop)
  body.once('close', () => signal.removeEventListener('abort', stop))
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  return readBody(body, signal, server)
}

async function* readBody(
  body: Dispatcher.ResponseData['body'],
  signal: AbortSignal,
  server: string,
): AsyncIterable<Uint8Array> {
  try {
    signal.throwIfAborted()
    yield* body as AsyncIterable<Uint8Array>
    signal.throwIfAborted()
  } catch (error) {
    if (signal.aborted) throw signal.reason
    throw connectionFailure(error, server, false)
  } finally {
    body.destroy()
  }
}

/** 429 says that nothing was done, so writes may go again too; a server that starts up is waited for by reads only. */
function putOff(answer: Refusal, request: GristRequest): boolean {
  if (answer.status === 429) return !answer.words.startsWith('Exceeded daily limit')
  return answer.status === 503 && answer.words === 'restarting' && request.repeatable
}

/** A caller's own time limit is Grist's silence, and no fault of ours; any other reason speaks for itself. */
function cutOff(signal: AbortSignal): unknown {
  const reason: unknown = signal.reason
  return reason instanceof Error && reason.name === 'TimeoutError'
    ? new HallpassError('UPSTREAM_TIMEOUT', 'Grist took too long.', { cause: reason })
    : reason
}
