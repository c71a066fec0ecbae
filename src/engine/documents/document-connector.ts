import type {
  BulkWriteMethod,
  DocumentMethod,
  MethodData,
  MethodFields,
  StreamReadMethod,
} from '../../contract/document-methods.ts'
import type { Secret } from '../secrets/secret.ts'

/** What a connector gets with each call. */
export interface CallContext {
  /** Aborted when the caller goes, its token ends, or the engine stops. */
  signal: AbortSignal
  /** Fetches the connection's secret; called only where the request to the upstream is built. */
  secret(): Promise<Secret>
}

export interface BulkProgress {
  /** Records stored so far. */
  stored: number
  /** Last input line (1-based, counting every line) up to which the data stands. */
  line: number
}

/** A stream of NDJSON text, chunked as the connector likes. `records` counts those given out so far. */
export interface RecordStream extends AsyncIterable<Uint8Array> {
  readonly records: number
}

export interface BulkTarget {
  method: BulkWriteMethod
  table: string
}

/** A document: the eleven methods of the contract, and bulk in constant memory. */
export interface DocumentConnector {
  call<M extends DocumentMethod>(method: M, fields: MethodFields<M>, context: CallContext): Promise<MethodData<M>>
  /** Opens a read stream; errors before the first chunk are thrown from here, so that they get a proper status. */
  openReadStream(
    method: StreamReadMethod,
    fields: MethodFields<StreamReadMethod>,
    context: CallContext,
  ): Promise<RecordStream>
  /**
   * Loads NDJSON bytes, one record a line, yielding after each stored batch. A bad line throws INVALID_REQUEST, any
   * failure says "line N" and "lines 1–M are stored". Blank lines are passed over but counted.
   * Lines: add_records `{column: value}`; update_records `{"id", "fields"}`; delete_records a row id or `{"id"}`.
   */
  writeStream(target: BulkTarget, body: AsyncIterable<Uint8Array>, context: CallContext): AsyncIterable<BulkProgress>
  /** Cheapest real check that upstream, document and key are right; throws the sentence that says which is not. */
  probe(context: CallContext): Promise<void>
  close(): Promise<void>
}
