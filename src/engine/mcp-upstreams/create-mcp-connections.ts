import { HallpassError, invalidRequest } from '../../contract/errors.ts'
import { DOCUMENT_METHODS } from '../../contract/methods/document-methods.ts'
import type { Secret } from '../secrets/secret.ts'
import { createTurns } from '../running/turns.ts'
import { checkUpstream } from './check-upstream.ts'
import { createKnownSecrets } from './known-secrets.ts'
import type { McpConnections } from './mcp-connections.ts'
import { isTimeout, LIST_MS, openConnection, type McpParts, type OpenConnection } from './open-connection.ts'
import { createConnectionRuntime } from './session/connection-runtime.ts'
import { createSession } from './session/create-session.ts'
import { UpstreamFault } from './session/message-pipe.ts'
import { createChildLedger } from './stdio/child-ledger.ts'
import { problemOf, sentenceOf } from './upstream-problem.ts'
import { watchConnections } from './watch-connections.ts'

/** Maximum number of upstreams starting at the same time to be listed. */
const MAX_STARTS = 4
/** The owner is waiting for it. */
const CHECK_MS = 60_000

export function createMcpConnections(parts: McpParts): McpConnections {
  const { store, secrets, version } = parts
  const ledger = createChildLedger(parts.home)
  const opened = new Map<number, OpenConnection>()
  const listeners = new Set<(connection: string) => void>()
  const closing = new AbortController()
  const starts = createTurns(MAX_STARTS)
  const swept = ledger.sweep().catch(parts.onError)
  // If the host process exits without stopping the engine, commands that ignore the end of their input must still end.
  const killAll = (): void => ledger.killAll()
  process.once('exit', killAll)
  let stopWatching: () => void = () => undefined

  const shared = {
    ...parts,
    ledger,
    starts,
    closing: closing.signal,
    swept,
    toolsElsewhere,
    onChange(connection: string): void {
      for (const listener of listeners) listener(connection)
    },
  }

  /** Returns names of tools of other connections, and of Hallpass's own tools for documents. */
  function toolsElsewhere(id: number): ReadonlySet<string> {
    const names = new Set<string>(Object.keys(DOCUMENT_METHODS))
    for (const [other, { catalog }] of opened)
      if (other !== id) for (const tool of catalog.known().tools) names.add(tool.name)
    return names
  }

  function find(name: string): OpenConnection {
    const row = store.read.connection(name)
    if (row === null) throw invalidRequest(`Connection "${name}" not found.`, 'name')
    if (row.kind !== 'mcp') throw invalidRequest(`"${name}" isn't an MCP server.`, 'name')
    if (closing.signal.aborted) throw new HallpassError('UPSTREAM_ERROR', 'Hallpass is shutting down.')
    const known = opened.get(row.id)
    if (known !== undefined) return known
    const connection = openConnection(row, shared)
    opened.set(row.id, connection)
    return connection
  }

  async function list(name: string): Promise<void> {
    const { problem } = await find(name).catalog.refreshed(AbortSignal.timeout(LIST_MS), true)
    if (problem !== null) throw new HallpassError('UPSTREAM_ERROR', problem)
  }

  return {
    catalog: (connection) => find(connection).catalog.current(),
    refreshed: (connection, signal) => find(connection).catalog.refreshed(signal),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    decide: (connection, tool) => find(connection).catalog.decide(tool),
    openSession(connection, client) {
      let home = find(connection)
      /** Returns the current connection, which differs after its secret was replaced. */
      const here = (): OpenConnection => {
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
        sharesRoots: home.runtime.config.command === undefined,
        clock: parts.clock,
        runtime: () => here().runtime,
        scrub: (text) => home.runtime.scrub(text),
        requireResponsive: () => here().responsiveness.require(),
        admit(tool) {
          const { catalog } = here()
          const refused = catalog.decide(tool)?.refused ?? null
          if (refused !== null) throw new HallpassError('UNAUTHORIZED', refused)
          return catalog.schemaOf(tool)
        },
        relisted: (tools) => here().catalog.relisted(tools),
        filtered: (result) => here().catalog.filtered(result),
        listChanged: () => home.catalog.outdated(),
        outcome: (failure, method, tookMs) => home.outcome(failure, method, tookMs),
        abandoned: (silentMs) => home.responsiveness.suspected(silentMs),
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
                'This connection needs a secret. Use --secret-stdin or --secret-ref.',
                { field: 'secret' },
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
          (tried) =>
            createConnectionRuntime({
              ...shared,
              config: tried,
              known: createKnownSecrets(),
              signIn: null,
              source: { own, secrets },
            }),
        )
      } catch (thrown) {
        throw isTimeout(thrown)
          ? new HallpassError('UPSTREAM_TIMEOUT', `The MCP server didn't respond within ${CHECK_MS / 1000} s.`)
          : thrown
      }
    },
    adopt(name, { content }) {
      if (content !== null) find(name).catalog.adopt(content)
    },
    test: list,
    async refresh(name) {
      await list(name)
      const { tools, quarantined } = find(name).catalog.current()
      return { tools: tools.length + quarantined.length, needs_review: quarantined.filter(needsReview).length }
    },
    pendingReviews() {
      return store.read.connections().flatMap((row) => {
        if (row.kind !== 'mcp' || closing.signal.aborted) return []
        const tools = find(row.name).catalog.known().quarantined.filter(needsReview).length
        return tools === 0 ? [] : [{ connection: row.name, tools }]
      })
    },
    neededSignIns: () =>
      store.read
        .connections()
        .filter((row) => row.kind === 'mcp' && !closing.signal.aborted && mustSignIn(find(row.name)))
        .map(({ name }) => name),
    tools: (name) => find(name).catalog.tools(),
    async accept(name, tools) {
      find(name).catalog.accept(tools)
    },
    counts: (name) =>
      store.read.connection(name)?.kind === 'mcp' && !closing.signal.aborted ? find(name).catalog.counts() : null,
    async reject(name, tools) {
      find(name).catalog.reject(tools)
    },
    async undoReview(name, tools) {
      find(name).catalog.undoReview(tools)
    },
    async setEnabled(name, tools, enabled) {
      find(name).catalog.setEnabled(tools, enabled)
    },
    async setPermission(name, tool, permission) {
      find(name).catalog.setPermission(tool, permission)
    },
    diagnostics(name) {
      const connection = find(name)
      const { runtime, catalog, signIn } = connection
      const facts = runtime.diagnostics()
      const { problem, leftOut } = catalog.current()
      const needed = signIn?.needed() ?? null
      const message =
        needed === null
          ? (problem ?? leftOut)
          : sentenceOf(new UpstreamFault('needs_sign_in', needed), name, runtime.scrub)
      return { ...facts, state: mustSignIn(connection) ? 'needs_sign_in' : facts.state, message }
    },
    async signIn(name) {
      const { signIn, runtime } = find(name)
      if (signIn === null)
        throw invalidRequest(
          `"${name}" doesn't use sign-in. If the server requires it, create the connection again with --oauth.`,
          'name',
        )
      try {
        return await signIn.start()
      } catch (thrown) {
        throw problemOf(thrown, name, runtime.scrub)
      }
    },
    watch() {
      stopWatching = watchConnections(parts.clock, () => opened.values())
      // Makes states known soon after a restart, before the first call.
      for (const row of store.read.connections())
        if (row.kind === 'mcp') void find(row.name).catalog.refreshed(closing.signal, true)
    },
    async forget(connectionId) {
      const one = opened.get(connectionId)
      opened.delete(connectionId)
      await one?.close()
    },
    async close() {
      closing.abort(new HallpassError('UPSTREAM_ERROR', 'Hallpass is shutting down.'))
      stopWatching()
      const all = [...opened.values()]
      opened.clear()
      await Promise.all(all.map((one) => one.close()))
      await starts.idle()
      await swept
      process.off('exit', killAll)
    },
  }
}

function mustSignIn({ signIn, needsSignIn }: Pick<OpenConnection, 'signIn' | 'needsSignIn'>): boolean {
  return signIn !== null && (signIn.needed() !== null || needsSignIn)
}

function needsReview({ reason }: { reason: string }): boolean {
  return reason === 'new' || reason === 'changed'
}
