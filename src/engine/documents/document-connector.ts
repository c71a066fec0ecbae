import type {
  BulkWriteMethod,
  DocumentMethod,
  MethodData,
  MethodFields,
  StreamReadMethod,
} from '../../contract/methods/document-methods.ts'
import type { DocumentAttachments } from './attachments.ts'
import type { LightAbort } from '../interruption.ts'
import type { Secret } from '../secrets/secret.ts'

/** What a connector receives with each call. */
export interface CallContext {
  /** Aborted when the caller leaves, its token is revoked or expires, or the engine stops. */
  signal: AbortSignal
  /** Identifies the caller, such as a token. Limited resources are shared fairly between keys. */
  key?: string | undefined
  /** Called when the call no longer waits for others. */
  onSlot?: (() => void) | undefined
  /** Fetches the connection's secret. Called only where the request to the upstream is built. */
  secret(): Promise<Secret>
}

/** The same for a single call, which needs no AbortSignal unless it sends requests. */
export type LightContext = Omit<CallContext, 'signal'> & { signal: AbortSignal | LightAbort }

/** The data of a response as the JSON text that is sent, which is neither parsed nor written again. */
export class JsonText {
  readonly text: string
  /** How many records the call touched. */
  readonly records: number

  constructor(text: string, records: number) {
    this.text = text
    this.records = records
  }
}

export interface BulkProgress {
  /** Records stored so far. */
  stored: number
  /** Last input line (1-based, counting every line) up to which everything is stored. */
  line: number
}

/** A stream of NDJSON text in chunks of any size. `records` counts the records yielded so far. */
export interface RecordStream extends AsyncIterable<Uint8Array> {
  readonly records: number
}

export interface BulkTarget {
  method: BulkWriteMethod
  table: string
  /** Stores all lines or, if one can't be stored, none. */
  atomic?: boolean
}

/** A document: the methods of the contract, and streams in constant memory. */
export interface DocumentConnector {
  call<M extends DocumentMethod>(method: M, fields: MethodFields<M>, context: LightContext): Promise<MethodData<M>>
  /** The same as text, where the connector has it as such. */
  callForText?<M extends DocumentMethod>(method: M, fields: MethodFields<M>, context: LightContext): Promise<JsonText>
  /** Opens a read stream. Errors before the first chunk are thrown from here, so that they get a proper status. */
  openReadStream(
    method: StreamReadMethod,
    fields: MethodFields<StreamReadMethod>,
    context: CallContext,
  ): Promise<RecordStream>
  /**
   * Loads NDJSON bytes, one record per line, and yields after each stored batch. A bad line throws INVALID_REQUEST.
   * Every failure has `details` with `stored`, `line` (as in BulkProgress) and, where one line is at fault, `failed_line`.
   * Blank lines are skipped but counted. A piece of the body is valid until the next one is read.
   * Lines: add_records `{column: value}`; update_records `{"id", "fields"}`; delete_records a row id or `{"id"}`.
   */
  writeStream(target: BulkTarget, body: AsyncIterable<Uint8Array>, context: CallContext): AsyncIterable<BulkProgress>
  /** Null if documents of this kind have no attachments. */
  readonly attachments: DocumentAttachments | null
  /** Checks upstream, document and key in the cheapest real way. Throws an error that says which of them is wrong. */
  probe(context: CallContext): Promise<void>
  close(): Promise<void>
}

/** Returns the sentence that says up to which line a bulk load was stored. */
export function storedLines(line: number): string {
  if (line === 0) return 'No lines were stored.'
  return line === 1 ? 'Line 1 was stored.' : `Lines 1–${line} were stored.`
}
