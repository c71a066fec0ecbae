import { HallpassError } from '../../contract/errors.ts'
import type { McpConnectionConfig } from '../../contract/mcp-connection.ts'
import { listUpstream } from './catalog/list-upstream.ts'
import type { CatalogContent } from './catalog/catalog-content.ts'
import { secretFlaw, type ConnectionRuntime } from './session/connection-runtime.ts'
import { createSession } from './session/create-session.ts'
import { UpstreamFault } from './session/message-pipe.ts'
import type { ClientFacing, McpEra } from './mcp-upstreams.ts'
import type { JsonObject } from '../text/json.ts'
import { NEEDS_SIGN_IN } from './oauth/create-sign-in.ts'
import { MethodUnknown } from './session/rpc-peer.ts'
import { isOwnSecret } from './value-references.ts'
import { problemOf } from './upstream-problem.ts'

/**
 * Asks of its own accord, on behalf of nobody. It says that it can be asked for everything, since some upstreams list tools for such
 * clients only; one that does ask gets nothing.
 */
export function proberFacing(version: string, prefers: McpEra): ClientFacing {
  return {
    clientInfo: { name: 'hallpass', title: 'Hallpass', version },
    prefers,
    listens: false,
    capabilities: { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} },
    request: (method) =>
      method === 'roots/list' ? Promise.resolve({ roots: [] }) : Promise.reject(new MethodUnknown(method)),
    notify: () => undefined,
  }
}

/** The era to try first. A command is greeted in the older way, since some end on anything that comes before it. */
export function firstEra(config: McpConnectionConfig): McpEra {
  return config.command === undefined ? 'modern' : 'legacy'
}

/** Lists all that the upstream has, in a session of its own, as a client would. */
export async function listOnce(
  connection: string,
  runtime: ConnectionRuntime,
  version: string,
  signal: AbortSignal,
): Promise<CatalogContent> {
  const session = createSession({
    connection,
    runtime: () => runtime,
    scrub: runtime.scrub,
    client: proberFacing(version, firstEra(runtime.config)),
    admit: () => undefined,
    filtered: (result: JsonObject) => result,
    listChanged: () => undefined,
    outcome: () => undefined,
    onClose: () => undefined,
  })
  try {
    return await listUpstream(session, runtime.eras, signal)
  } catch (thrown) {
    throw withLastWords(thrown, connection, runtime)
  } finally {
    await session.close()
  }
}

/** A command that ended in the middle of its lists has most often said why. */
function withLastWords(thrown: unknown, connection: string, runtime: ConnectionRuntime): unknown {
  if (!(thrown instanceof HallpassError) || !(thrown.cause instanceof UpstreamFault)) return thrown
  const { reason, message } = thrown.cause
  if (reason !== 'crashed' || message.includes(', saying: ')) return thrown
  return problemOf(
    new UpstreamFault('crashed', `${message}${runtime.lastWords()}`, { cause: thrown.cause }),
    connection,
    runtime.scrub,
  )
}

/** What trying a new connection found: the configuration to keep, and its lists, or why they cannot be read yet. */
export interface CheckedUpstream {
  config: McpConnectionConfig
  content: CatalogContent | null
  problem: string | null
}

/**
 * Tries a connection that is not kept yet: finds the transport, starts it, lists its tools. Throws the sentence that says what is
 * wrong and what to do.
 */
export async function checkUpstream(
  given: McpConnectionConfig,
  hasSecret: boolean,
  version: string,
  signal: AbortSignal,
  build: (config: McpConnectionConfig) => ConnectionRuntime,
): Promise<CheckedUpstream> {
  const config = completed(given, hasSecret)
  const flaw = config.oauth === true ? null : secretFlaw(config, hasSecret)
  if (flaw !== null) throw new HallpassError('INVALID_REQUEST', flaw)
  try {
    return await attempt(config)
  } catch (thrown) {
    if (!(thrown instanceof HallpassError) || !(thrown.cause instanceof UpstreamFault)) throw thrown
    const { cause } = thrown
    if (cause.reason === 'setup' && cause.cause instanceof HallpassError)
      throw cause.cause.reworded(cause.message, { cause })
    if (cause.reason === 'refused') {
      // It can be signed in to only once it is kept.
      if (config.oauth === true) return { config, content: null, problem: `It is reachable, but ${NEEDS_SIGN_IN}.` }
      throw new HallpassError('UPSTREAM_ERROR', `${thrown.message} ${wayIn(config, hasSecret)}`, { cause })
    }
    const maybeSse =
      config.url !== undefined &&
      config.sse === undefined &&
      (cause.reason === 'protocol' || cause.reason === 'expired') &&
      !isRedirect(cause)
    if (!maybeSse) throw thrown
    const older = { ...config, sse: true }
    return attempt(older).catch((failed: unknown) => {
      if (
        failed instanceof HallpassError &&
        failed.cause instanceof UpstreamFault &&
        failed.cause.reason === 'refused'
      ) {
        throw new HallpassError('UPSTREAM_ERROR', `${failed.message} ${wayIn(config, hasSecret)}`, {
          cause: failed.cause,
        })
      }
      throw new HallpassError(
        'UPSTREAM_ERROR',
        `config.url: no MCP server answers at ${config.url}: it ${cause.message}. Check the address; it commonly ends in /mcp.`,
        { cause },
      )
    })
  }

  async function attempt(tried: McpConnectionConfig): Promise<CheckedUpstream> {
    const runtime = build(tried)
    try {
      return { config: tried, content: await listOnce('', runtime, version, signal), problem: null }
    } finally {
      await runtime.close()
    }
  }
}

function completed(config: McpConnectionConfig, hasSecret: boolean): McpConnectionConfig {
  if (config.command !== undefined) {
    for (const field of ['url', 'headers', 'oauth', 'oauth_client_id', 'oauth_callback_port', 'sse', 'pin'] as const) {
      if (config[field] !== undefined)
        throw new HallpassError('INVALID_REQUEST', `config.${field}: belongs to a url; a command takes env.`)
    }
    return config
  }
  for (const field of ['args', 'cwd', 'env'] as const) {
    if (config[field] !== undefined)
      throw new HallpassError('INVALID_REQUEST', `config.${field}: belongs to a command; a url takes headers.`)
  }
  if (config.oauth !== true && config.oauth_client_id !== undefined)
    throw new HallpassError('INVALID_REQUEST', 'config.oauth_client_id: belongs to a connection that signs in (oauth).')
  if (config.oauth_client_id === undefined && config.oauth_callback_port !== undefined) {
    throw new HallpassError(
      'INVALID_REQUEST',
      'config.oauth_callback_port: belongs to a client that was registered beforehand (oauth_client_id).',
    )
  }
  if (config.oauth === true && hasSecret && config.oauth_client_id === undefined) {
    throw new HallpassError(
      'INVALID_REQUEST',
      'secret: a connection that signs in (oauth) gets its tokens by itself and takes none, unless it is the client secret of an oauth_client_id.',
    )
  }
  // What is kept of it are its client secret and tokens, which are for the server that signs in alone.
  const [leaking] =
    config.oauth === true ? Object.entries(config.headers ?? {}).filter(([, reference]) => isOwnSecret(reference)) : []
  if (leaking !== undefined)
    throw new HallpassError(
      'INVALID_REQUEST',
      `config.headers: ${leaking[0]} cannot be keychain, since the connection signs in (oauth). Use env:NAME or file:PATH.`,
    )
  const named = Object.keys(config.headers ?? {}).map((name) => name.toLowerCase())
  if (config.oauth === true && named.includes('authorization'))
    throw new HallpassError(
      'INVALID_REQUEST',
      'config.headers: a connection that signs in (oauth) sets Authorization by itself.',
    )
  for (const name of named) {
    if (OURS.has(name) || name.startsWith('mcp-'))
      throw new HallpassError('INVALID_REQUEST', `config.headers: ${name} is set by Hallpass itself.`)
  }
  // A secret alone can only mean the common way.
  return hasSecret && config.oauth !== true && config.headers === undefined
    ? { ...config, headers: { Authorization: 'Bearer keychain' } }
    : config
}

const OURS: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'content-type',
  'accept',
  'connection',
  'transfer-encoding',
  'last-event-id',
  'upgrade',
  'te',
  'trailer',
  'expect',
])

function wayIn(config: McpConnectionConfig, hasSecret: boolean): string {
  if (hasSecret || config.headers !== undefined) return 'Check the secret, and the header that it goes into.'
  return 'Give its key with --secret-stdin or --secret-ref; if it signs in through the browser, add --oauth.'
}

function isRedirect({ status }: UpstreamFault): boolean {
  return status !== null && status >= 300 && status < 400
}
