import type {
  HttpConnectionConfig,
  HttpDetails,
  HttpRule,
  OpenapiInspection,
  OpenapiSource,
} from '../../contract/upstreams/http-connection.ts'
import type { Secret } from '../secrets/secret.ts'
import type { HttpConnectionRow } from '../store/rows.ts'
import type { HttpUpstream } from './http-upstream.ts'
import type { Catalog, OperationChanges } from './openapi/document/catalog.ts'
import type { OperationSelection } from './openapi/document/operations.ts'
import type { OutdatedConnection } from './openapi/document/outdated-catalogs.ts'

interface InspectionInput {
  source: OpenapiSource
  rules?: HttpRule[] | undefined
  pinned?: boolean | undefined
}

export interface OpenHttpConnection {
  row: HttpConnectionRow
  upstream: HttpUpstream
  secret: () => Promise<Secret>
}

/** The open `http` connections. Each one is opened when it is first used. */
export interface HttpConnections {
  /** Throws INVALID_REQUEST if there is no such connection or it isn't an HTTP API. */
  open(name: string): OpenHttpConnection
  /** Like `open`, but returns null if no HTTP API has that name. */
  find(name: string): OpenHttpConnection | null
  /** Tests a configuration that isn't stored yet and reads its OpenAPI document. Throws the error to show if either fails. */
  check(
    config: HttpConnectionConfig,
    secret: (() => Promise<Secret>) | null,
    signal: AbortSignal,
  ): Promise<Catalog | null>
  /** Stores the catalog of a connection that was just created. */
  storeCatalog(name: string, catalog: Catalog): void
  /** Removes the catalog of a connection that no longer has a document. */
  dropCatalog(connectionId: number): void
  /** Returns the operations of its document, or null if it has none; the same object until they change. */
  catalog(connectionId: number): Catalog | null
  details(name: string): HttpDetails
  /** Returns the connections whose tools are missing, because an earlier version stored their operations. */
  outdated(): OutdatedConnection[]
  /** Reloads their documents in the background. */
  reloadOutdated(): void
  /** Calls `listener` with the connection's name after its operations changed. Returns a function that unsubscribes. */
  onCatalogChange(listener: (connection: string) => void): () => void
  inspect(input: InspectionInput, signal: AbortSignal): Promise<OpenapiInspection>
  /** Reads the document again if it came from a URL or a file; a selection replaces the stored one. */
  refresh(name: string, selection: OperationSelection, signal: AbortSignal): Promise<OperationChanges>
  /** Tests a stored connection. */
  test(name: string, signal: AbortSignal): Promise<void>
  forget(connectionId: number): Promise<void>
  close(): Promise<void>
}
