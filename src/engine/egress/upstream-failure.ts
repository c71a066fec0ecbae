import { HallpassError } from '../../contract/errors.ts'

const TLS_CODE = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO/

export interface UpstreamFailure {
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
  const after = about.maybeDone ? ' The request may or may not have been carried out.' : ''
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
    return late(`${origin} could not be reached in time: is it running, and is the URL right?`, true)
  if (code.endsWith('_TIMEOUT')) return late(`${origin} was silent for ${about.timeoutMs / 1000} s.${after}`, false)
  if (code === 'ECONNREFUSED')
    return failed(`Nothing answers at ${origin} (connection refused): is it running, and is the URL right?`, true)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return failed(`The host of ${origin} is not known (${code}): check the connection's URL.`, true)
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'EADDRNOTAVAIL')
    return failed(`There is no way to ${origin} (${code}): check the network.`, true)
  if (TLS_CODE.test(code))
    return failed(
      `No safe connection to ${origin}: TLS failed (${code}). Check the certificate, and whether the URL needs https:// or http://.`,
      true,
    )
  if (code.startsWith('HPE_')) return failed(`${origin} does not speak HTTP as expected (${code}).${after}`, false)
  if (code === 'UND_ERR_HEADERS_OVERFLOW')
    return failed(`${origin} answered with headers that are too large.${after}`, false)
  if (code === 'UND_ERR_INVALID_ARG' || code === 'ERR_INVALID_ARG_TYPE')
    return {
      error: new HallpassError('INVALID_REQUEST', 'The request holds a header or path that cannot be sent on.', {
        cause,
      }),
      unreachable: false,
      stale: false,
    }
  return failed(
    `The connection to ${origin} broke off (${code}).${after}`,
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
