import { dirname, join, resolve } from 'node:path'
import type { ConnectionConfig } from '../../contract/owner-api/connections-api.ts'
import { HallpassError } from '../../contract/errors.ts'
import type { Clock } from '../clock.ts'
import type { Secret } from '../secrets/secret.ts'
import type { SecretStore } from '../secrets/secret-store.ts'
import type { LightAbort } from '../interruption.ts'
import type { ConnectionRow } from '../store/rows.ts'
import type { Store } from '../store/store.ts'
import type { CallContext, DocumentConnector } from '../documents/document-connector.ts'
import { createGristConnector } from '../documents/grist/create-grist-connector.ts'
import type { DialOptions } from '../egress/upstream-pool.ts'
import type { ConnectionHealth } from './health.ts'
import { createHttpConnections } from '../http-apis/create-http-connections.ts'
import type { HttpConnections } from '../http-apis/http-connections.ts'
import { createCatalogFiles } from '../http-apis/openapi/document/catalog-files.ts'
import { createMcpConnections } from '../mcp-upstreams/create-mcp-connections.ts'
import type { McpConnections } from '../mcp-upstreams/mcp-connections.ts'
import { createTurns, type Turns } from '../running/turns.ts'
import { createSqliteConnector } from '../documents/sqlite/create-sqlite-connector.ts'
import type { StartWorker } from '../documents/sqlite/worker-process.ts'

/** An open connector and access to its secret. */
export interface OpenConnection {
  row: ConnectionRow
  connector: DocumentConnector
  context<S extends AbortSignal | LightAbort>(
    signal: S,
    share?: Pick<CallContext, 'key' | 'onSlot'>,
  ): Omit<CallContext, 'signal'> & { signal: S }
}

/** Result of testing a connection. */
export interface TriedConnection {
  /** The configuration to store, with defaults filled in. */
  config: ConnectionConfig
  /** What is still to be done, such as signing in. Null if the connection works. */
  problem: string | null
  /** Called with its name once it is stored. */
  stored(name: string): void
}

export interface Connectors {
  readonly http: HttpConnections
  readonly mcp: McpConnections
  /** Returns the connector of a document, opened at first use. Throws INVALID_REQUEST if the document doesn't exist. */
  open(name: string): OpenConnection
  /**
   * Tests a connection that isn't stored yet the way a request would use it. Throws an error that says what is wrong.
   */
  check(config: ConnectionConfig, secret?: Secret): Promise<TriedConnection>
  /** Tests a stored connection. */
  test(name: string): Promise<void>
  /** Starts the work in the background: checks of MCP servers, and reloading outdated OpenAPI documents. */
  watch(): void
  /** Closes everything open for a connection that was deleted or changed. */
  forget(connectionId: number): Promise<void>
  close(): Promise<void>
}

/** Returns the only folder inside the data folder that can contain documents. */
export function documentsFolder(home: string): string {
  return join(resolve(home), 'documents')
}

type DocumentConfig = Extract<ConnectionConfig, { kind: 'grist' | 'sqlite' }>

const PROBE_TIMEOUT_MS = 20_000

interface ConnectorParts {
  store: Store
  secrets: SecretStore
  clock: Clock
  home: string
  version: string
  health: Pick<ConnectionHealth, 'used' | 'answered' | 'down' | 'failed'>
  startWorker?: StartWorker | undefined
  ownPort: () => number | null
  onError: (error: unknown) => void
  /** Receives what was hidden or repaired in an MCP server's lists. */
  onNotes: (connection: string, notes: string) => void
  /** Name resolution and trusted certificates. Defaults to the system's; tests replace them. */
  dial?: DialOptions
}

export function createConnectors(parts: ConnectorParts): Connectors {
  const { store, secrets, clock, home, startWorker, ownPort } = parts
  const http = createHttpConnections({
    store,
    clock,
    fetchSecret,
    ownPort,
    catalogs: createCatalogFiles(join(resolve(home), 'openapi')),
  })
  const mcp = createMcpConnections(parts)
  const opened = new Map<number, DocumentConnector>()
  const queries = new Map<string, Turns>()

  /** Returns the document's queue, because it runs one SQL query at a time for all its connections. */
  function queriesOf(document: string): Turns {
    let turns = queries.get(document)
    if (turns === undefined) {
      turns = createTurns(1)
      queries.set(document, turns)
    }
    return turns
  }

  function build(config: DocumentConfig): DocumentConnector {
    if (config.kind === 'grist') {
      // Every Grist document is opened with a key.
      const rules = { pinned: config.pin === true, plainHttp: config.plain_http === true, ownPort }
      const doc = config.doc === undefined ? {} : { doc: config.doc }
      return createGristConnector({ url: config.url, ...doc, clock, queriesOf, dial: { ...parts.dial, rules } })
    }
    const create = config.create === undefined ? {} : { create: config.create }
    const ours = dirname(resolve(config.path)) === documentsFolder(home)
    return createSqliteConnector({
      path: config.path,
      ...create,
      clock,
      ...(ours ? {} : { forbiddenFolder: home }),
      ...(startWorker === undefined ? {} : { startWorker }),
    })
  }

  function open(name: string): OpenConnection {
    const row = store.read.connection(name)
    if (row === null) throw new HallpassError('INVALID_REQUEST', `Connection "${name}" not found.`)
    if (row.kind !== 'grist' && row.kind !== 'sqlite')
      throw new HallpassError('INVALID_REQUEST', `"${name}" isn't a document, so it has no tables.`)
    let connector = opened.get(row.id)
    if (connector === undefined) {
      connector = build(row.config)
      opened.set(row.id, connector)
    }
    return {
      row,
      connector,
      context: (signal, share) => ({ ...share, signal, secret: () => fetchSecret(row) }),
    }
  }

  function fetchSecret(row: ConnectionRow): Promise<Secret> {
    if (row.secret_location === null) {
      return Promise.reject(
        new HallpassError('SECRET_UNAVAILABLE', `Connection "${row.name}" has no secret. Replace it.`, {
          reason: 'missing',
        }),
      )
    }
    return secrets.fetch(row.secret_location, row.secret_account)
  }

  return {
    open,
    http,
    mcp,
    async check(config, secret) {
      if (config.kind === 'mcp') {
        const checked = await mcp.check(config, secret)
        return { config: checked.config, problem: checked.problem, stored: (name) => mcp.adopt(name, checked) }
      }
      const asGiven = { config, problem: null, stored: () => undefined }
      const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS)
      const given = (): Promise<Secret> =>
        secret === undefined
          ? Promise.reject(
              new HallpassError('SECRET_UNAVAILABLE', 'This connection needs a secret.', {
                field: 'secret',
                reason: 'missing',
              }),
            )
          : Promise.resolve(secret)
      if (config.kind === 'http') {
        const catalog = await http.check(config, secret === undefined ? null : given, signal)
        return {
          config,
          problem: null,
          stored: (name) => (catalog === null ? undefined : http.storeCatalog(name, catalog)),
        }
      }
      const connector = build(config)
      try {
        await connector.probe({ signal, secret: given })
        return asGiven
      } finally {
        await connector.close()
      }
    },
    async test(name) {
      if (store.read.connection(name)?.kind === 'mcp') return mcp.test(name)
      const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS)
      if (http.find(name) !== null) return http.test(name, signal)
      const { connector, context } = open(name)
      await connector.probe(context(signal))
    },
    watch() {
      mcp.watch()
      http.reloadOutdated()
    },
    async forget(connectionId) {
      const connector = opened.get(connectionId)
      opened.delete(connectionId)
      await Promise.all([connector?.close(), http.forget(connectionId), mcp.forget(connectionId)])
    },
    async close() {
      const all = [...opened.values()]
      opened.clear()
      await Promise.all([...all.map((connector) => connector.close()), http.close(), mcp.close()])
    },
  }
}
