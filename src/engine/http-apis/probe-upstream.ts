import { randomUUID } from 'node:crypto'
import { HallpassError } from '../../contract/errors.ts'
import type { HttpConnectionConfig } from '../../contract/http-connection.ts'
import { valueOf } from '../egress/header-filters.ts'
import type { HttpUpstream, UpstreamContext } from './http-upstream.ts'

/**
 * Cheapest real check that address and credentials are right: one GET through the real path, whose body is not read. Any answer will do
 * but a refusal of the credentials, a failing server, and a redirect to elsewhere; a path chosen for it must succeed.
 */
export async function probeUpstream(
  upstream: HttpUpstream,
  config: HttpConnectionConfig,
  context: UpstreamContext,
): Promise<void> {
  const enough = new AbortController()
  const [path = '/', search = ''] = (config.health_path ?? '/').split('?', 2)
  const answer: { status: number; headers: string[] } = { status: 0, headers: [] }
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
          answer.status = status
          answer.headers = headers
          enough.abort(new Error('enough was read'))
        },
        data: () => true,
        end: () => undefined,
      },
      { ...context, signal: AbortSignal.any([context.signal, enough.signal]) },
    )
  } catch (thrown) {
    if (answer.status === 0) {
      throw context.signal.aborted
        ? new HallpassError('UPSTREAM_TIMEOUT', `${upstream.base.origin} did not answer in time.`)
        : thrown
    }
  }
  const problem = problemOf(answer.status, valueOf(answer.headers, 'location'), upstream, config)
  if (problem !== null) throw new HallpassError('UPSTREAM_ERROR', problem)
}

function problemOf(
  status: number,
  location: string | null,
  { base }: HttpUpstream,
  config: HttpConnectionConfig,
): string | null {
  const asked = `${base.origin}${base.path}${config.health_path ?? ''}`
  if (status === 401 || status === 403) {
    if ((config.auth?.type ?? 'none') === 'none')
      return `${asked} wants credentials (status ${status}): say how it takes them with --auth, and give the secret.`
    return `${asked} refuses the secret of this connection (status ${status}). Check the secret, and how it is sent (--auth)${config.health_path === undefined ? ', or name a path that it may read with --health' : ''}.`
  }
  if (status === 407) return `${asked} wants a proxy to sign in (status 407).`
  if (status >= 500) return `${asked} is failing (status ${status}).`
  if (status >= 300 && status < 400) {
    const target = location === null ? null : URL.parse(location, base.origin)
    if (config.health_path === undefined && (target === null || target.origin === base.origin)) return null
    const to = target === null ? '' : ` to ${target.origin}${target.pathname}`
    return `${asked} answers with a redirect${to}, and redirects are not followed: give the address that it leads to.`
  }
  if (config.health_path !== undefined && status >= 400)
    return `${asked} answers with status ${status}: choose another path to try the connection with.`
  return null
}
