import { HallpassError } from '../../contract/errors.ts'
import { parseBaseAddress } from './base-address.ts'
import type { DialRules } from './dial-guard.ts'
import { upstreamFailure } from './upstream-failure.ts'
import { createUpstreamPool, type DialOptions } from './upstream-pool.ts'

interface WholeRequest {
  url: string
  method: 'GET' | 'POST'
  headers: Record<string, string>
  body?: string
  /** Set if the request carries a secret. It is then sent to a public address only over TLS, unless the owner allows plain HTTP. */
  hasSecret: boolean
  /** For sentences: `the token endpoint`. */
  what: string
}

/** Fetches a small response completely. Redirects aren't followed. Failures are HallpassErrors. */
export type FetchWhole = (
  request: WholeRequest,
  signal?: AbortSignal,
) => Promise<{ status: number; contentType: string; location: string | null; text: string }>

const CONNECT_MS = 10_000

/**
 * Fetches documents and tokens with limits on size and time. Every address is checked when it is dialed, and each
 * request has its own connection.
 */
export function createFetchWhole(
  rules: DialRules,
  { bytes, timeoutMs, ...dial }: DialOptions & { bytes: number; timeoutMs: number },
): FetchWhole {
  return async (request, signal) => {
    const url = URL.parse(request.url)
    if (url === null)
      throw new HallpassError('INVALID_REQUEST', `${request.what}: the URL must start with https:// or http://.`)
    const search = url.search
    url.search = ''
    url.hash = ''
    const base = parseBaseAddress(url.href, request.what)
    const pool = await createUpstreamPool(
      base,
      { ...rules, plainHttp: rules.plainHttp || !request.hasSecret },
      { ...dial, connectTimeoutMs: CONNECT_MS },
      { connections: 1, pipelining: 1 },
    )
    const deadline = AbortSignal.timeout(timeoutMs)
    try {
      const reply = await pool.request({
        method: request.method,
        path: url.pathname + search,
        headers: { 'user-agent': 'hallpass', ...request.headers },
        body: request.body ?? null,
        signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
      })
      const parts: Buffer[] = []
      let size = 0
      for await (const part of reply.body as AsyncIterable<Buffer>) {
        size += part.length
        if (size > bytes)
          throw new HallpassError(
            'UPSTREAM_ERROR',
            `The response of ${base.origin} is larger than ${Math.floor(bytes / 1024)} KiB.`,
          )
        parts.push(part)
      }
      const { location } = reply.headers
      return {
        status: reply.statusCode,
        contentType: String(reply.headers['content-type'] ?? ''),
        location: typeof location === 'string' ? location : null,
        text: Buffer.concat(parts, size).toString(),
      }
    } catch (thrown) {
      if (signal?.aborted === true) throw signal.reason
      if (deadline.aborted)
        throw new HallpassError('UPSTREAM_TIMEOUT', `${base.origin} didn't respond within ${timeoutMs / 1000} s.`)
      throw upstreamFailure(thrown, { name: '', origin: base.origin, timeoutMs, maybeDone: false }).error
    } finally {
      await pool.destroy()
    }
  }
}
