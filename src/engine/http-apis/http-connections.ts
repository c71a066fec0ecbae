import { HallpassError } from '../../contract/errors.ts'
import type {
  HttpConnectionConfig,
  HttpDetails,
  HttpRule,
  OpenapiInspection,
  OpenapiSource,
} from '../../contract/http-connection.ts'
import type { Clock } from '../clock.ts'
import type { Secret } from '../secrets/secret.ts'
import type { ConnectionRow } from '../store/rows.ts'
import type { Store } from '../store/store.ts'
import type { Resolve } from '../egress/dial-guard.ts'
import { createCredentials } from './credentials.ts'
import { createFetchWhole } from '../egress/fetch-whole.ts'
import { httpDetails } from './http-details.ts'
import { createHttpUpstream, type HttpUpstream } from './http-upstream.ts'
import {
  createCatalog,
  checkSelection,
  createInspection,
  readOperations,
  type Catalog,
  type ReadDocument,
} from './openapi/catalog.ts'
import type { CatalogFiles } from './openapi/catalog-files.ts'
import { loadOpenapiSource, type SourceCredentials } from './openapi/load-source.ts'
import { probeUpstream } from './probe-upstream.ts'

export interface InspectionInput {
  source: OpenapiSource
  rules?: HttpRule[] | undefined
  pinned?: boolean | undefined
}
export interface OperationChanges {
  operations: number
  added: string[]
  removed: string[]
  changed: string[]
}

export interface OpenHttpConnection {
  row: ConnectionRow
  upstream: HttpUpstream
  secret: () => Promise<Secret>
}

/** The `http` connections that are open, each at its first use. */
export interface HttpConnections {
  /** INVALID_REQUEST when there is no such connection, or it is no HTTP API. */
  open(name: string): OpenHttpConnection
  /** The same, or null when there is no HTTP API of that name. */
  find(name: string): OpenHttpConnection | null
  /** Tries what is not stored yet, and reads its OpenAPI document; throws the sentence that says what is wrong. */
  check(
    config: HttpConnectionConfig,
    secret: (() => Promise<Secret>) | null,
    signal: AbortSignal,
  ): Promise<Catalog | null>
  /** Keeps the catalog of a connection that was stored just now. */
  storeCatalog(name: string, catalog: Catalog): void
  /** The operations of its document; null when it has none. The same object until they change. */
  catalog(connectionId: number): Catalog | null
  details(name: string): HttpDetails
  /** Called with the connection's name after its operations changed. Answers how to stop listening. */
  onCatalogChange(listener: (connection: string) => void): () => void
  inspect(input: InspectionInput, signal: AbortSignal): Promise<OpenapiInspection>
  /** Reads the document again, where it came from an address or a file; `operations` given are the new choice. */
  refresh(name: string, operations: readonly string[] | undefined, signal: AbortSignal): Promise<OperationChanges>
  /** Tries a stored connection. */
  test(name: string, signal: AbortSignal): Promise<void>
  forget(connectionId: number): Promise<void>
  close(): Promise<void>
}

export function createHttpConnections(parts: {
  store: Pick<Store, 'read'>
  clock: Clock
  fetchSecret: (row: ConnectionRow) => Promise<Secret>
  /** Port that Hallpass listens on; null while it does not. */
  ownPort: () => number | null
  catalogs: CatalogFiles
  resolve?: Resolve
  ca?: string
}): HttpConnections {
  const { store, clock, fetchSecret, ownPort, catalogs } = parts
  const listeners = new Set<(connection: string) => void>()
  const opened = new Map<number, HttpUpstream>()
  const dial = {
    ...(parts.resolve === undefined ? {} : { resolve: parts.resolve }),
    ...(parts.ca === undefined ? {} : { ca: parts.ca }),
  }

  function upstreamOf(row: ConnectionRow): HttpUpstream {
    let upstream = opened.get(row.id)
    if (upstream === undefined) {
      upstream = createHttpUpstream({
        config: { kind: 'http', ...row.config } as HttpConnectionConfig,
        clock,
        ownPort,
        ...dial,
      })
      opened.set(row.id, upstream)
    }
    return upstream
  }

  const fetcher = (pinned: boolean) =>
    createFetchWhole({ pinned, ownPort }, { bytes: LONGEST_DOCUMENT, timeoutMs: DOCUMENT_MS, ...dial })

  function tell(name: string): void {
    for (const listener of listeners) listener(name)
  }

  /** With the connection's secret where the document lives on its own origin, and nowhere else. */
  async function readSource(
    source: OpenapiSource,
    config: HttpConnectionConfig,
    secret: () => Promise<Secret>,
    signal: AbortSignal,
  ): Promise<ReadDocument> {
    const text = await loadOpenapiSource(
      source,
      fetcher(config.pinned === true),
      await sourceCredentials(source, config, secret),
      signal,
    )
    return readOperations(text)
  }

  function find(name: string): OpenHttpConnection | null {
    const row = store.read.connection(name)
    return row?.kind === 'http' ? { row, upstream: upstreamOf(row), secret: () => fetchSecret(row) } : null
  }

  function open(name: string): OpenHttpConnection {
    const found = find(name)
    if (found !== null) return found
    const kind = store.read.connection(name)?.kind
    if (kind === undefined) throw new HallpassError('INVALID_REQUEST', `There is no connection named “${name}”.`)
    const way = kind === 'mcp' ? 'use its tools over MCP' : 'send document methods to POST /api/v1/proxy'
    throw new HallpassError('INVALID_REQUEST', `“${name}” is no HTTP API but of kind ${kind}: ${way}.`)
  }

  return {
    open,
    find,
    async check(config, secret, signal) {
      const sends = (config.auth?.type ?? 'none') !== 'none'
      if (!sends && secret !== null)
        throw new HallpassError(
          'INVALID_REQUEST',
          'secret: say how the API takes it (--auth bearer, basic, header:NAME or query:NAME); without that, none is sent.',
        )
      if (sends && secret === null)
        throw new HallpassError(
          'SECRET_UNAVAILABLE',
          'This connection needs a secret: give it with --secret-stdin or --secret-ref.',
        )
      const given = secret ?? noSecret
      const upstream = createHttpUpstream({ config, clock, ownPort, ...dial })
      try {
        await probeUpstream(upstream, config, { signal, secret: given })
      } finally {
        await upstream.close()
      }
      if (config.openapi?.source === undefined) return null
      const read = await readSource(config.openapi.source, config, given, signal)
      return createCatalog(read, config.openapi.operations)
    },
    storeCatalog(name, catalog) {
      catalogs.write(open(name).row.id, catalog)
      tell(name)
    },
    details(name) {
      const { row, upstream } = open(name)
      return httpDetails(row, catalogs.read(row.id), upstream.permissionOf)
    },
    catalog: (connectionId) => catalogs.read(connectionId),
    onCatalogChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async inspect({ source, rules, pinned }, signal) {
      const text = await loadOpenapiSource(source, fetcher(pinned === true), null, signal)
      return createInspection(await readOperations(text), rules)
    },
    async refresh(name, operations, signal) {
      const { row, secret } = open(name)
      const before = catalogs.read(row.id)
      const config = { kind: 'http', ...row.config } as HttpConnectionConfig
      const source = row.config['openapi_source'] as OpenapiSource | undefined
      const now = source === undefined ? rechosen(before, operations, name) : await reread(source)
      catalogs.write(row.id, now)
      tell(name)
      return differences(before, now)

      async function reread(from: OpenapiSource): Promise<Catalog> {
        const read = await readSource(from, config, secret, signal)
        const kept = before?.chosen?.filter((id) => read.operations.some((one) => one.id === id))
        return createCatalog(read, operations ?? kept)
      }
    },
    async test(name, signal) {
      const { row, upstream, secret } = open(name)
      await probeUpstream(upstream, { kind: 'http', ...row.config } as HttpConnectionConfig, { signal, secret })
    },
    async forget(connectionId) {
      if (!store.read.connections().some((row) => row.id === connectionId)) catalogs.remove(connectionId)
      const upstream = opened.get(connectionId)
      opened.delete(connectionId)
      await upstream?.close()
    },
    async close() {
      const all = [...opened.values()]
      opened.clear()
      await Promise.all(all.map((upstream) => upstream.close()))
    },
  }
}

const LONGEST_DOCUMENT = 32 * 1024 * 1024
const DOCUMENT_MS = 15_000

function noSecret(): Promise<Secret> {
  return Promise.reject(new HallpassError('SECRET_UNAVAILABLE', 'This connection has no secret.'))
}

async function sourceCredentials(
  source: OpenapiSource,
  config: HttpConnectionConfig,
  secret: () => Promise<Secret>,
): Promise<SourceCredentials | null> {
  const { auth } = config
  if (auth === undefined || auth.type === 'none' || auth.type === 'oauth' || !('url' in source)) return null
  const origin = URL.parse(config.url)?.origin ?? ''
  if (URL.parse(source.url)?.origin !== origin) return null
  const { header, query } = createCredentials(auth, (await secret()).reveal())
  return { origin, headers: header === null ? {} : Object.fromEntries([header]), query }
}

/** A document that was given as text cannot be read again, but its operations are all kept. */
function rechosen(before: Catalog | null, operations: readonly string[] | undefined, name: string): Catalog {
  if (before === null) throw new HallpassError('INVALID_REQUEST', `“${name}” has no OpenAPI document.`)
  if (operations === undefined)
    throw new HallpassError(
      'INVALID_REQUEST',
      `The document of “${name}” was given as text, so it cannot be read again: make the connection anew with the new one.`,
    )
  checkSelection(before.operations, operations)
  return { ...before, chosen: [...new Set(operations)] }
}

function differences(before: Catalog | null, now: Catalog): OperationChanges {
  const old = new Map(before?.operations.map((one) => [one.id, JSON.stringify(one)]))
  const ids = new Set(now.operations.map((one) => one.id))
  return {
    operations: now.chosen?.length ?? now.operations.length,
    added: now.operations.filter((one) => !old.has(one.id)).map((one) => one.id),
    removed: [...old.keys()].filter((id) => !ids.has(id)),
    changed: now.operations
      .filter((one) => old.has(one.id) && old.get(one.id) !== JSON.stringify(one))
      .map((one) => one.id),
  }
}
