import { randomUUID } from 'node:crypto'
import { HallpassError } from '../../contract/errors.ts'
import type { HttpConnectionConfig } from '../../contract/upstreams/http-connection.ts'
import { valueOf } from '../egress/header-filters.ts'
import { abortSignalOf } from '../interruption.ts'
import type { HttpUpstream } from './http-upstream.ts'
import type { UpstreamContext } from './upstream-request.ts'

/**
 * Checks URL and credentials with one GET whose body isn't read. Throws if the upstream rejects the credentials, returns a server error or
 * redirects elsewhere; any other response passes, except that a test path the owner chose must succeed.
 */
export async function probeUpstream(
  upstream: HttpUpstream,
  config: HttpConnectionConfig,
  context: UpstreamContext,
): Promise<void> {
  const headRead = new AbortController()
  const [path = '/', search = ''] = (config.health_path ?? '/').split('?', 2)
  const response: { status: number; headers: string[] } = { status: 0, headers: [] }
  try {
    await upstream.send(
      {
        method: 'GET',
        path,
        search,
        rawHeaders: ['accept', '*/*', 'user-agent', 'hallpass'],
        body: null,
        contentLength: null,
        requestId: randomUUID(),
      },
      {
        head(status, headers) {
          response.status = status
          response.headers = headers
          headRead.abort(new Error('the head is all that a probe reads'))
        },
        data: () => true,
        end: () => undefined,
      },
      { ...context, signal: AbortSignal.any([abortSignalOf(context.signal), headRead.signal]) },
    )
  } catch (thrown) {
    if (response.status === 0) {
      if (context.signal.aborted)
        throw new HallpassError('UPSTREAM_TIMEOUT', `${upstream.base.origin} didn't respond in time.`, {
          field: 'config.url',
        })
      throw withField(thrown)
    }
  }
  const problem = problemOf(response.status, valueOf(response.headers, 'location'), upstream, config)
  if (problem !== null) throw new HallpassError('UPSTREAM_ERROR', problem.sentence, problem)
}

/** Failures to reach the upstream are about its URL unless they have another field. */
function withField(thrown: unknown): unknown {
  const isUnnamed = thrown instanceof HallpassError && thrown.field === undefined && thrown.code.startsWith('UPSTREAM_')
  return isUnnamed ? thrown.reworded(thrown.message, { field: 'config.url' }) : thrown
}

function problemOf(
  status: number,
  location: string | null,
  { base }: HttpUpstream,
  config: HttpConnectionConfig,
): { sentence: string; field: string; reason?: string } | null {
  const address = `${base.origin}${base.path}${config.health_path ?? ''}`
  const isOwnPath = config.health_path !== undefined
  if (status === 401 || status === 403) {
    if ((config.auth?.type ?? 'none') === 'none')
      return {
        sentence: `${address} requires credentials (status ${status}). Set --auth and a secret.`,
        field: 'config.auth',
        reason: 'credentials_required',
      }
    const hint = isOwnPath ? '' : " If the secret can't read this path, set another one with --health."
    return {
      sentence: `${address} rejected the secret (status ${status}). Check the secret and --auth.${hint}`,
      field: 'secret',
      reason: 'secret_rejected',
    }
  }
  if (status === 407)
    return {
      sentence: `${address} requires proxy authentication (status 407), which isn't supported.`,
      field: 'config.url',
    }
  if (status >= 500) return { sentence: `${address} returned a server error (status ${status}).`, field: 'config.url' }
  if (status >= 300 && status < 400) {
    const target = location === null ? null : URL.parse(location, base.origin)
    if (!isOwnPath && (target === null || target.origin === base.origin)) return null
    const to = target === null ? '' : ` to ${target.origin}${target.pathname}`
    return {
      sentence: `${address} redirects${to}. Hallpass doesn't follow redirects, so enter the final URL.`,
      field: isOwnPath ? 'config.health_path' : 'config.url',
    }
  }
  if (isOwnPath && status >= 400)
    return {
      sentence: `${address} returned status ${status}. Choose another test path.`,
      field: 'config.health_path',
    }
  return null
}
