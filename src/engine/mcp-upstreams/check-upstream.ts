import { HallpassError, invalidRequest } from '../../contract/errors.ts'
import type { McpConnectionConfig } from '../../contract/upstreams/mcp-connection.ts'
import { listUpstream } from './catalog/list-upstream.ts'
import type { CatalogContent } from './catalog/catalog-content.ts'
import { secretProblem, type ConnectionRuntime } from './session/connection-runtime.ts'
import { createSession } from './session/create-session.ts'
import { UpstreamFault } from './session/message-pipe.ts'
import type { ClientFacing, McpEra } from './mcp-upstreams.ts'
import type { JsonObject } from '../text/json.ts'
import { MethodUnknown } from './session/rpc-messages.ts'
import { ownerProblemOf, problemOf } from './upstream-problem.ts'
import { completeConfig } from './complete-config.ts'

/**
 * Returns the client for requests of Hallpass itself. It declares every capability, because some upstreams list certain
 * tools only then. Requests of the upstream get an empty answer.
 */
function proberFacing(version: string, prefers: McpEra): ClientFacing {
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

/** Returns the protocol version to try first. Commands start with the older one, because some exit on anything else. */
function firstEra(config: McpConnectionConfig): McpEra {
  return config.command === undefined ? 'modern' : 'legacy'
}

/** Lists everything that the upstream has in a separate session, as a client would. */
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
    sharesRoots: runtime.config.command === undefined,
    clock: runtime.clock,
    requireResponsive: () => undefined,
    admit: () => undefined,
    relisted: null,
    filtered: (result: JsonObject) => result,
    listChanged: () => undefined,
    outcome: () => undefined,
    abandoned: () => undefined,
    onClose: () => undefined,
  })
  try {
    return await listUpstream(session, runtime.eras, signal)
  } catch (thrown) {
    throw withLastOutput(thrown, connection, runtime)
  } finally {
    await session.close()
  }
}

/** Adds the reason that a command printed before it exited. */
function withLastOutput(thrown: unknown, connection: string, runtime: ConnectionRuntime): unknown {
  if (!(thrown instanceof HallpassError) || !(thrown.cause instanceof UpstreamFault))
    return ownerProblemOf(thrown, connection, runtime.scrub)
  const { reason, message, isExplained } = thrown.cause
  if (reason !== 'crashed' || isExplained) return thrown
  return problemOf(
    new UpstreamFault('crashed', `${message}${runtime.lastOutput()}`, { cause: thrown.cause }),
    connection,
    runtime.scrub,
  )
}

/** Result of testing a new connection: the configuration to store, and its lists or why they can't be read yet. */
export interface CheckedUpstream {
  config: McpConnectionConfig
  content: CatalogContent | null
  problem: string | null
}

/**
 * Tests a connection before it is stored: finds the transport, starts it, lists its tools. Throws an error that says
 * what to do.
 */
export async function checkUpstream(
  given: McpConnectionConfig,
  hasSecret: boolean,
  version: string,
  signal: AbortSignal,
  build: (config: McpConnectionConfig) => ConnectionRuntime,
): Promise<CheckedUpstream> {
  const config = completeConfig(given, hasSecret)
  const problem = config.oauth === true ? null : secretProblem(config, hasSecret)
  if (problem !== null) throw invalidRequest(problem, 'secret')
  try {
    return await attempt(config)
  } catch (thrown) {
    if (!(thrown instanceof HallpassError) || !(thrown.cause instanceof UpstreamFault)) throw thrown
    const { cause } = thrown
    if (cause.reason === 'setup' && cause.cause instanceof HallpassError)
      throw invalidRequest(cause.message, cause.cause.field, { cause })
    if (cause.reason === 'refused' || cause.reason === 'needs_sign_in') {
      // Signing in is only possible once it is stored.
      if (config.oauth === true) return { config, content: null, problem: 'The server is reachable. Sign-in required.' }
      throw rejectedCredentials(thrown, config, hasSecret)
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
        throw rejectedCredentials(failed, config, hasSecret)
      }
      throw new HallpassError(
        'UPSTREAM_ERROR',
        `No MCP server found at ${config.url}: it ${cause.message}. Check the URL. It often ends in /mcp`,
        { cause, field: 'config.url' },
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

function rejectedCredentials(thrown: HallpassError, config: McpConnectionConfig, hasSecret: boolean): HallpassError {
  const next =
    hasSecret || config.headers !== undefined
      ? 'Check the secret and its header.'
      : 'If it uses a key, add --secret-stdin or --secret-ref. If it uses sign-in, add --oauth.'
  return thrown.reworded(`${thrown.message} ${next}`, { field: 'secret', reason: 'rejected_credentials' })
}

function isRedirect({ status }: UpstreamFault): boolean {
  return status !== null && status >= 300 && status < 400
}
