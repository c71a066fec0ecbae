import { HallpassError } from '../../contract/errors.ts'
import type { Permission } from '../../contract/grants.ts'
import type {
  McpConnectionConfig,
  McpDiagnostics,
  McpToolRecord,
  ToolAcceptance,
} from '../../contract/mcp-connection.ts'
import { createTurns } from '../turns.ts'
import type { Clock } from '../clock.ts'
import type { Secret } from '../secrets/secret.ts'
import type { SecretStore } from '../secrets/secret-store.ts'
import type { ConnectionRow, McpConnectionRow } from '../store/rows.ts'
import type { Store } from '../store/store.ts'
import type { Resolve } from '../egress/dial-guard.ts'
import { createCatalog, type Catalog } from './catalog/create-catalog.ts'
import { checkUpstream, listOnce, type CheckedUpstream } from './check-upstream.ts'
import { createConnectionRuntime, type ConnectionRuntime } from './session/connection-runtime.ts'
import { createSession, type ResettableSession } from './session/create-session.ts'
import type { McpUpstreams } from './mcp-upstreams.ts'
import { createChildLedger } from './stdio/child-ledger.ts'
import { createKnownSecrets } from './known-secrets.ts'
import { UpstreamFault } from './session/message-pipe.ts'
import { signInOf } from './oauth/connection-sign-in.ts'
import { NEEDS_SIGN_IN, type SignIn } from './oauth/create-sign-in.ts'
import { problemOf, sentenceOf } from './upstream-problem.ts'

/** The mcp kind: the door of the bridge, and what connections and their owner need beside it. Unknown names are INVALID_REQUEST. */
export interface McpConnections extends McpUpstreams {
  /** Tries what is not stored yet; answers the configuration to store. Throws the sentence that says what is wrong. */
  check(config: McpConnectionConfig, secret: Secret | undefined): Promise<CheckedUpstream>
  /** After it was stored: what the check listed is its catalog, and accepted. */
  adopt(name: string, checked: CheckedUpstream): void
  /** Lists anew through the real path; throws the sentence that says what is wrong. */
  test(name: string): Promise<void>
  tools(name: string): McpToolRecord[]
  accept(name: string, tools: readonly ToolAcceptance[]): void
  setPermission(name: string, tool: string, permission: Permission | null): void
  diagnostics(name: string): McpDiagnostics
  /** Starts an OAuth sign-in: the address to open in the owner's browser. INVALID_REQUEST for a connection that has none. */
  signIn(name: string): Promise<{ authorize_url: string; expires_at: string }>
  /** Closes what is open of a connection that was deleted or changed. */
  forget(connectionId: number): Promise<void>
  /** Ends every session and process; resolves when none runs. */
  close(): Promise<void>
}

/** Where the health of upstreams is reported. */
export interface UpstreamHealth {
  used(connectionId: number): void
  answered(connectionId: number, latencyMs: number): void
  failed(connectionId: number, error: HallpassError): void
  down(connectionId: number, sentence: string): void
}

export interface McpParts {
  store: Pick<Store, 'read' | 'write'>
  secrets: SecretStore
  clock: Clock
  /** Data folder. */
  home: string
  version: string
  ownPort: () => number | null
  health: UpstreamHealth
  /** The system's, unless a test gives another. */
  resolve?: Resolve | undefined
  onError(error: unknown): void
}

interface Opened {
  row: ConnectionRow
  runtime: ConnectionRuntime
  catalog: Catalog
  sessions: Set<ResettableSession>
  /** The last that was told of its health. */
  ill: boolean
  signIn: SignIn | null
}

/** Upstreams that start at the same time for their lists. */
const STARTS = 4
/** For all lists of one upstream: a command may have to be fetched first (npx). */
const LIST_MS = 90_000
/** Its owner waits for it. */
const CHECK_MS = 60_000

export function createMcpConnections(parts: McpParts): McpConnections {
  const { store, secrets, clock, version, health } = parts
  const ledger = createChildLedger(parts.home)
  const starts = createTurns(STARTS)
  const opened = new Map<number, Opened>()
  const listeners = new Set<(connection: string) => void>()
  const closing = new AbortController()
  const swept = ledger.sweep().catch(parts.onError)
  // A host that exits without stopping the engine must not leave commands running that ignore the end of their input.
  const killAll = (): void => ledger.killAll()
  process.once('exit', killAll)

  function runtimeOf(
    config: McpConnectionConfig,
    own: () => Promise<Secret>,
    known = createKnownSecrets(),
    signIn: SignIn | null = null,
  ): ConnectionRuntime {
    return createConnectionRuntime({
      config,
      clock,
      ledger,
      known,
      signIn,
      source: { own, secrets },
      ownPort: parts.ownPort,
      resolve: parts.resolve,
    })
  }

  function find(name: string): Opened {
    const row = store.read.connection(name)
    if (row === null) throw new HallpassError('INVALID_REQUEST', `There is no connection named “${name}”.`)
    if (row.kind !== 'mcp')
      throw new HallpassError('INVALID_REQUEST', `“${name}” is no MCP server but of kind ${row.kind}.`)
    if (closing.signal.aborted) throw new HallpassError('UPSTREAM_ERROR', 'Hallpass is stopping.')
    const known = opened.get(row.id)
    if (known !== undefined) return known
    const made = open(row)
    opened.set(row.id, made)
    return made
  }

  function open(row: McpConnectionRow): Opened {
    const { name } = row
    const { config } = row
    const known = createKnownSecrets()
    const signIn =
      config.oauth !== true
        ? null
        : signInOf(row, config, {
            store,
            secrets,
            clock,
            known,
            ownPort: parts.ownPort,
            onSignedIn: () => void opened.get(row.id)?.catalog.refreshed(AbortSignal.timeout(LIST_MS), true),
            onFailure: (sentence) => health.down(row.id, sentence),
          })
    const runtime = runtimeOf(config, () => ownSecret(row), known, signIn)
    const stored = store.read.mcpCatalog(row.id)
    if (stored !== null) {
      const { eras } = JSON.parse(stored.content) as CheckedUpstream['content'] & {}
      // What it could not do then it may have learned since.
      if (eras.legacy === true) runtime.eras.legacy = true
      if (eras.modern === true) runtime.eras.modern = true
    }
    const catalog = createCatalog({
      row,
      store,
      clock,
      trustsAll: config.trust === 'all',
      list: async () => {
        await swept
        return listOnce(name, runtime, version, AbortSignal.any([closing.signal, AbortSignal.timeout(LIST_MS)]))
      },
      sentence: (thrown) =>
        isTimeout(thrown)
          ? `The MCP server of “${name}” did not list its tools within ${LIST_MS / 1000} s.`
          : sentenceOf(thrown, name, runtime.scrub),
      inTurn: (work) => starts.run(work),
      onChange: () => {
        for (const listener of listeners) listener(name)
      },
      onOutcome: (problem, latencyMs) => {
        const made = opened.get(row.id)
        if (made !== undefined) made.ill = problem !== null
        if (problem === null) health.answered(row.id, latencyMs)
        else if (!closing.signal.aborted) health.down(row.id, problem)
      },
    })
    return { row, runtime, catalog, sessions: new Set(), signIn, ill: false }
  }

  /** Calls tell of health too. How long a tool works says nothing of the upstream, so only lists tell of its latency. */
  function told(one: Opened, failure: HallpassError | null, method: string, tookMs: number): void {
    health.used(one.row.id)
    if (failure !== null) {
      one.ill = true
      health.failed(one.row.id, failure)
      return
    }
    if (!one.ill && !method.endsWith('/list')) return
    health.answered(one.row.id, tookMs)
    // What the lists could not say while it was away.
    if (one.ill) one.catalog.outdated()
    one.ill = false
  }

  function ownSecret(row: McpConnectionRow): Promise<Secret> {
    // Its tokens and client secret are no value of a header.
    if (row.config.oauth === true)
      return Promise.reject(
        new HallpassError(
          'SECRET_UNAVAILABLE',
          `The connection “${row.name}” signs in, so no header of it can be keychain. Make it anew.`,
        ),
      )
    if (row.secret_home === null)
      return Promise.reject(
        new HallpassError(
          'SECRET_UNAVAILABLE',
          `The connection “${row.name}” has no secret. Give it one with --secret-stdin or --secret-ref.`,
        ),
      )
    return secrets.fetch(row.secret_home, row.secret_account)
  }

  async function shut(one: Opened): Promise<void> {
    one.signIn?.close()
    one.catalog.close()
    // Clients keep their sessions: what is asked next goes to the connection as it is then.
    await Promise.all([...one.sessions].map((session) => (closing.signal.aborted ? session.close() : session.reset())))
    await one.runtime.close()
  }

  return {
    catalog: (connection) => find(connection).catalog.current(),
    refreshed: (connection, signal) => find(connection).catalog.refreshed(signal),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    judge: (connection, tool) => find(connection).catalog.judge(tool),
    openSession(connection, client) {
      let home = find(connection)
      /** The connection of this moment: after a new secret it is another. */
      const here = (): Opened => {
        const now = find(connection)
        if (now !== home) {
          home.sessions.delete(session)
          home = now
          home.sessions.add(session)
        }
        return home
      }
      const session = createSession({
        connection,
        client,
        runtime: () => here().runtime,
        scrub: (text) => home.runtime.scrub(text),
        admit(tool) {
          const { catalog } = here()
          const refused = catalog.judge(tool)?.refused ?? null
          if (refused !== null) throw new HallpassError('UNAUTHORIZED', refused)
          return catalog.schemaOf(tool)
        },
        filtered: (result) => here().catalog.filtered(result),
        listChanged: () => home.catalog.outdated(),
        outcome: (failure, method, tookMs) => told(home, failure, method, tookMs),
        onClose: () => home.sessions.delete(session),
      })
      home.sessions.add(session)
      return session
    },
    async check(config, secret) {
      const own = (): Promise<Secret> =>
        secret === undefined
          ? Promise.reject(
              new HallpassError(
                'SECRET_UNAVAILABLE',
                'This connection needs a secret: give it with --secret-stdin or --secret-ref.',
              ),
            )
          : Promise.resolve(secret)
      await swept
      try {
        return await checkUpstream(
          config,
          secret !== undefined,
          version,
          AbortSignal.any([closing.signal, AbortSignal.timeout(CHECK_MS)]),
          (tried) => runtimeOf(tried, own),
        )
      } catch (thrown) {
        throw isTimeout(thrown)
          ? new HallpassError('UPSTREAM_TIMEOUT', `The MCP server did not answer within ${CHECK_MS / 1000} s.`)
          : thrown
      }
    },
    adopt(name, { content }) {
      if (content !== null) find(name).catalog.adopt(content)
    },
    async test(name) {
      const { problem } = await find(name).catalog.refreshed(AbortSignal.timeout(LIST_MS), true)
      if (problem !== null) throw new HallpassError('UPSTREAM_ERROR', problem)
    },
    tools: (name) => find(name).catalog.tools(),
    accept: (name, tools) => find(name).catalog.accept(tools),
    setPermission: (name, tool, permission) => find(name).catalog.setPermission(tool, permission),
    diagnostics(name) {
      const { runtime, catalog, signIn } = find(name)
      const facts = runtime.diagnostics()
      const { problem, leftOut } = catalog.current()
      const needed = signIn?.needed() ?? null
      const message =
        needed === null ? (problem ?? leftOut) : sentenceOf(new UpstreamFault('refused', needed), name, runtime.scrub)
      const state =
        runtime.config.oauth === true && message?.includes(NEEDS_SIGN_IN) === true ? 'needs_sign_in' : facts.state
      return { ...facts, state, message }
    },
    async signIn(name) {
      const { signIn, runtime } = find(name)
      if (signIn === null)
        throw new HallpassError(
          'INVALID_REQUEST',
          `name: “${name}” does not sign in. Make it with --oauth if its server wants that.`,
        )
      try {
        return await signIn.start()
      } catch (thrown) {
        throw problemOf(thrown, name, runtime.scrub)
      }
    },
    async forget(connectionId) {
      const one = opened.get(connectionId)
      opened.delete(connectionId)
      if (one !== undefined) await shut(one)
    },
    async close() {
      closing.abort(new HallpassError('UPSTREAM_ERROR', 'Hallpass is stopping.'))
      const all = [...opened.values()]
      opened.clear()
      await Promise.all(all.map(shut))
      await starts.idle()
      await swept
      process.off('exit', killAll)
    },
  }
}

function isTimeout(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'TimeoutError'
}
