import { HallpassError } from '../../contract/errors.ts'

const TLS_CODE = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO/

interface UpstreamFailure {
  error: HallpassError
  /** The upstream couldn't be reached, so nothing was sent. */
  unreachable: boolean
  /** The connection broke before a response, most often a kept-alive one that the server had just closed. */
  stale: boolean
}

/** Returns the error for a request without a complete response. `maybeDone` means that it may have been executed. */
export function upstreamFailure(
  thrown: unknown,
  about: { name: string; origin: string; timeoutMs: number; maybeDone: boolean },
): UpstreamFailure {
  if (thrown instanceof HallpassError)
    return { error: thrown, unreachable: thrown.code === 'UPSTREAM_ERROR', stale: false }
  const { origin } = about
  const code = codeOf(thrown)
  // Keeps only the code, because headers and sockets in such an error could contain the key.
  const cause = new Error(code)
  const after = about.maybeDone ? ' The request may have succeeded. Check before you retry.' : ''
  const failed = (text: string, unreachable: boolean, stale = false): UpstreamFailure => ({
    error: new HallpassError('UPSTREAM_ERROR', text, { cause }),
    unreachable,
    stale,
  })
  const late = (text: string, unreachable: boolean): UpstreamFailure => ({
    error: new HallpassError('UPSTREAM_TIMEOUT', text, { cause }),
    unreachable,
    stale: false,
  })
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT')
    return late(`Connection to ${origin} timed out. Check the URL and that the server is running.`, true)
  if (code.endsWith('_TIMEOUT')) return late(`${origin} sent no data for ${about.timeoutMs / 1000} s.${after}`, false)
  if (code === 'ECONNREFUSED')
    return failed(
      `Couldn't connect to ${origin} (connection refused). Check the URL and that the server is running.`,
      true,
    )
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return failed(`Host not found: ${origin} (${code}). Check the URL.`, true)
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'EADDRNOTAVAIL')
    return failed(`${origin} is unreachable (${code}). Check the network.`, true)
  if (TLS_CODE.test(code))
    return failed(
      `TLS connection to ${origin} failed (${code}). Check the certificate, and whether the URL should start with https:// or http://.`,
      true,
    )
  if (code.startsWith('HPE_')) return failed(`${origin} sent an invalid HTTP response (${code}).${after}`, false)
  if (code === 'UND_ERR_HEADERS_OVERFLOW')
    return failed(`The response headers of ${origin} are too large.${after}`, false)
  if (code === 'UND_ERR_INVALID_ARG' || code === 'ERR_INVALID_ARG_TYPE')
    return {
      error: new HallpassError('INVALID_REQUEST', "The request contains a header or path that can't be forwarded.", {
        cause,
      }),
      unreachable: false,
      stale: false,
    }
  return failed(
    `Lost the connection to ${origin} (${code}).${after}`,
    false,
    code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE',
  )
}

function codeOf(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && typeof thrown.code === 'string')
    return thrown.code
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return codeOf(thrown.errors[0])
  return thrown instanceof Error ? thrown.name : 'unknown'
}
