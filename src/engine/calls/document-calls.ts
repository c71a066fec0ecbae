import type {
  BulkWriteMethod,
  DocumentMethod,
  MethodData,
  MethodFields,
  StreamReadMethod,
} from '../../contract/document-methods.ts'
import type { ConnectionKind, Transport } from '../../contract/records.ts'
import type { Permission } from '../../contract/grants.ts'
import type { Principal } from '../access/principal.ts'
import type { BulkProgress, RecordStream } from '../documents/document-connector.ts'

/** Where a call came from, for the log and for cutting it off. */
export interface CallOrigin {
  requestId: string
  transport: Transport
  client: string | null
  /** Aborted when the caller goes away. */
  signal: AbortSignal
  /** Bytes of the request body, when known. */
  bytesIn: number
  /** Serialises the reply and answers its bytes, so that the log row tells them. */
  measure?: (data: unknown) => number
}

export interface DocumentEntry {
  name: string
  kind: ConnectionKind
  permissions: Permission[]
  /** Null when not narrowed. */
  tables: string[] | null
}

/**
 * A document call from decision to log: one path, whichever door it came through. Every method decides (pure), opens the
 * log row, calls the connector, closes the row; refusals are logged too. Failures are HallpassErrors.
 */
export interface DocumentCalls {
  /** Documents that the principal may reach. */
  documents(principal: Principal): DocumentEntry[]
  call<M extends DocumentMethod>(
    principal: Principal,
    document: string,
    method: M,
    fields: MethodFields<M>,
    origin: CallOrigin,
  ): Promise<MethodData<M>>
  openReadStream(
    principal: Principal,
    document: string,
    method: StreamReadMethod,
    fields: MethodFields<StreamReadMethod>,
    origin: CallOrigin,
  ): Promise<RecordStream>
  writeStream(
    principal: Principal,
    document: string,
    target: { method: BulkWriteMethod; table: string },
    body: AsyncIterable<Uint8Array>,
    origin: CallOrigin,
  ): AsyncIterable<BulkProgress>
}
