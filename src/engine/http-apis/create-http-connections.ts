import { HallpassError, invalidRequest } from '../../contract/errors.ts'
import type { HttpConnectionConfig, OpenapiSource } from '../../contract/upstreams/http-connection.ts'
import type { Clock } from '../clock.ts'
import type { Resolve } from '../egress/dial-guard.ts'
import { createFetchWhole } from '../egress/fetch-whole.ts'
import type { Secret } from '../secrets/secret.ts'
import type { ConnectionRow, HttpConnectionRow } from '../store/rows.ts'
import type { Store } from '../store/store.ts'
import { httpDetails } from './http-details.ts'
import type { HttpConnections, OpenHttpConnection } from './http-connections.ts'
import { createHttpUpstream, type HttpUpstream } from './http-upstream.ts'
import {
  catalogChanges,
  createCatalog,
  createInspection,
  isSelection,
  keptSelection,
  readOperations,
  reselect,
  storedSelection,
  type Catalog,
  type ReadDocument,
} from './openapi/document/catalog.ts'
import type { CatalogFiles } from './openapi/document/catalog-files.ts'
import type { OperationSelection } from './openapi/document/operations.ts'
import { loadOpenapiSource, sourceCredentials } from './openapi/document/load-source.ts'
import { reloadOutdated, type OutdatedConnection } from './openapi/document/outdated-catalogs.ts'
import { probeUpstream } from './probe-upstream.ts'

export function createHttpConnections(parts: {
  store: Pick<Store, 'read'>
  clock: Clock
  fetchSecret: (row: ConnectionRow) => Promise<Secret>
  /** Returns the port that Hallpass listens on; null while it doesn't. */
  ownPort: () => number | null
  catalogs: CatalogFiles
  resolve?: Resolve
  ca?: string
}): HttpConnections {
  const { store, clock, fetchSecret, ownPort, catalogs } = parts
  let stopReloading = (): void => undefined
  const listeners = new Set<(connection: string) => void>()
  const opened = new Map<number, HttpUpstream>()
  const dial = {
    ...(parts.resolve === undefined ? {} : { resolve: parts.resolve }),
    ...(parts.ca === undefined ? {} : { ca: parts.ca }),
  }

  function upstreamOf(row: HttpConnectionRow): HttpUpstream {
    let upstream = opened.get(row.id)
    if (upstream === undefined) {
      upstream = createHttpUpstream({
        config: row.config,
        clock,
        ownPort,
        ...dial,
      })
      opened.set(row.id, upstream)
    }
    return upstream
  }

  const fetcher = (
    { pinned, plain_http: plainHttp, proxy }: Pick<HttpConnectionConfig, 'pinned' | 'plain_http' | 'proxy'>,
    bytes: number,
  ) =>
    createFetchWhole(
      { pinned: pinned === true, plainHttp: plainHttp === true, ownPort },
      { ...dial, proxy, bytes, timeoutMs: DOCUMENT_TIMEOUT_MS },
    )

  function notify(name: string): void {
    for (const listener of listeners) listener(name)
  }

  /** Sends the connection's secret only if the document is on the connection's own origin. */
  async function readSource(
    source: OpenapiSource,
    config: HttpConnectionConfig,
    secret: () => Promise<Secret>,
    selection: OperationSelection,
    signal: AbortSignal,
  ): Promise<ReadDocument> {
    const maxBytes = isSelection(selection) ? MAX_SELECTED_DOCUMENT_BYTES : MAX_DOCUMENT_BYTES
    const credentials = await sourceCredentials(source, config, secret)
    const text = await loadOpenapiSource(source, fetcher(config, maxBytes), credentials, signal, maxBytes)
    return readOperations(text, selection, config.url)
  }

  function find(name: string): OpenHttpConnection | null {
    const row = store.read.connection(name)
    return row?.kind === 'http' ? { row, upstream: upstreamOf(row), secret: () => fetchSecret(row) } : null
  }

  function open(name: string): OpenHttpConnection {
    const found = find(name)
    if (found !== null) return found
    const kind = store.read.connection(name)?.kind
    if (kind === undefined) throw invalidRequest(`There is no connection named "${name}".`, 'connection')
    const hint = kind === 'mcp' ? 'Use its tools over MCP.' : 'Send document methods to POST /api/v1/proxy.'
    throw invalidRequest(`"${name}" isn't an HTTP API. ${hint}`, 'connection')
  }

  function outdated(): OutdatedConnection[] {
    return store.read
      .connections()
      .filter(
        ({ id, kind }) => kind === 'http' && catalogs.read(id) === null && catalogs.outdatedSelection(id) !== null,
      )
      .map(({ name, config }) => ({ name, canReload: config.kind === 'http' && config.openapi_source !== undefined }))
  }

  const connections: HttpConnections = {
    open,
    find,
    outdated,
    reloadOutdated() {
      stopReloading = reloadOutdated({
        clock,
        outdated,
        reload: (name, signal) => connections.refresh(name, {}, signal),
      })
    },
    async check(config, secret, signal) {
      const sends = (config.auth?.type ?? 'none') !== 'none'
      if (!sends && secret !== null)
        throw invalidRequest(
          'Choose how the secret is sent: --auth bearer, basic, header:NAME, query:NAME or oauth.',
          'config.auth',
        )
      if (sends && secret === null)
        throw new HallpassError(
          'SECRET_UNAVAILABLE',
          'This connection needs a secret. Set it with --secret-stdin or --secret-ref.',
          { field: 'secret' },
        )
      const given = secret ?? noSecret
      const upstream = createHttpUpstream({ config, clock, ownPort, ...dial })
      try {
        await probeUpstream(upstream, config, { signal, secret: given })
      } finally {
        await upstream.close()
      }
      if (config.openapi?.source === undefined) return null
      const selection = { ids: config.openapi.operations, tags: config.openapi.tags }
      const read = await readSource(config.openapi.source, config, given, selection, signal)
      return createCatalog(read, selection)
    },
    storeCatalog(name, catalog) {
      catalogs.write(open(name).row.id, catalog)
      notify(name)
    },
    dropCatalog(connectionId) {
      catalogs.remove(connectionId)
      const row = store.read.connections().find(({ id }) => id === connectionId)
      if (row !== undefined) notify(row.name)
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
      const text = await loadOpenapiSource(
        source,
        fetcher({ pinned }, MAX_DOCUMENT_BYTES),
        null,
        signal,
        MAX_DOCUMENT_BYTES,
      )
      return createInspection(await readOperations(text), rules)
    },
    async refresh(name, selection, signal) {
      const { row, secret } = open(name)
      const before = catalogs.read(row.id)
      const outdated = before === null ? catalogs.outdatedSelection(row.id) : null
      const { config } = row
      const source = config.openapi_source
      const now = source === undefined ? reselect(before, selection, name, outdated !== null) : await reread(source)
      catalogs.write(row.id, now)
      notify(name)
      return catalogChanges(before, now)

      async function reread(from: OpenapiSource): Promise<Catalog> {
        const wanted = isSelection(selection) ? selection : (outdated ?? storedSelection(before))
        const read = await readSource(from, config, secret, wanted, signal)
        return createCatalog(read, isSelection(selection) ? selection : keptSelection(wanted, read))
      }
    },
    async test(name, signal) {
      const { row, upstream, secret } = open(name)
      await probeUpstream(upstream, row.config, { signal, secret })
    },
    async forget(connectionId) {
      if (!store.read.connections().some((row) => row.id === connectionId)) catalogs.remove(connectionId)
      const upstream = opened.get(connectionId)
      opened.delete(connectionId)
      await upstream?.close()
    },
    async close() {
      stopReloading()
      const all = [...opened.values()]
      opened.clear()
      await Promise.all(all.map((upstream) => upstream.close()))
    },
  }
  return connections
}

const MAX_DOCUMENT_BYTES = 32 * 1024 * 1024
/** The selection is applied first, so a larger document can be read for it. */
const MAX_SELECTED_DOCUMENT_BYTES = 128 * 1024 * 1024
const DOCUMENT_TIMEOUT_MS = 15_000

function noSecret(): Promise<Secret> {
  return Promise.reject(new HallpassError('SECRET_UNAVAILABLE', 'This connection has no secret.'))
}
