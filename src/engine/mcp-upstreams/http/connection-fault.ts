import { HallpassError } from '../../../contract/errors.ts'
import { UpstreamFault } from '../session/message-pipe.ts'

/** Returns why a request got no response, as a fault with its reason. */
export function connectionFault(thrown: unknown, origin: string): UpstreamFault {
  const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown
  if (thrown instanceof UpstreamFault) return thrown
  if (cause instanceof UpstreamFault) return cause
  // The dial guard's error is a sentence already.
  if (cause instanceof HallpassError) return new UpstreamFault('setup', cause.message, { cause })
  const code = (cause as NodeJS.ErrnoException | null)?.code ?? ''
  return new UpstreamFault(
    'unreachable',
    `can't be reached at ${origin}: ${SENTENCES.get(code) ?? (code === '' ? 'the connection failed' : `the connection failed (${code})`)}`,
    { cause: thrown },
  )
}

const SENTENCES: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'connection refused. Check the URL and that the server is running'],
  ['ENOTFOUND', 'host not found. Check the URL'],
  ['EAI_AGAIN', 'DNS lookup failed. Check the network'],
  ['ECONNRESET', 'the server closed the connection'],
  ['UND_ERR_SOCKET', 'the server closed the connection'],
  ['UND_ERR_CONNECT_TIMEOUT', 'the connection timed out'],
  ['ETIMEDOUT', 'the connection timed out'],
  ['CERT_HAS_EXPIRED', 'its certificate has expired'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its certificate is self-signed'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'its certificate is signed by an unknown authority'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'its certificate is signed by an unknown authority'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another host'],
])
