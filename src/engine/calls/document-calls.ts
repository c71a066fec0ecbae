import type { Grant } from '../../contract/grants.ts'
import type {
  DocumentMethod,
  MethodData,
  MethodFields,
  StreamReadMethod,
} from '../../contract/methods/document-methods.ts'
import { HallpassError } from '../../contract/errors.ts'
import type { Permission } from '../../contract/grants.ts'
import type { ConnectionKind } from '../../contract/records.ts'
import type { Clock } from '../clock.ts'
import type { Access } from '../access/access.ts'
import { permissionsOn, tablesOn } from '../access/decide.ts'
import type { Principal } from '../access/principal.ts'
import type { Connectors } from '../connections/connectors.ts'
import type { BulkProgress, BulkTarget } from '../documents/document-connector.ts'
import { demandOf, hasFormula, tableOf } from '../documents/document-demand.ts'
import type { Store } from '../store/store.ts'
import { createAttachmentCalls, type AttachmentCalls } from './attachment-calls.ts'
import { createIdempotencyKeys, type KeyedWrite } from './idempotency-keys.ts'
import { callersFault, unusableFile } from './document-failures.ts'
import { loggedRead, loggedWrite, type LoggedRecordStream } from './document-streams.ts'
import { exactJson } from '../text/exact-json.ts'
import { untilAborted } from '../text/until-aborted.ts'
import type { CallOpener } from './open-call.ts'
import { runDocumentCall } from './run-document-call.ts'
import type { CallOrigin, CallRequest } from './running-call.ts'

export interface DocumentOrigin extends CallOrigin {
  /** Serializes the reply and returns its bytes, so that the log row has them. */
  measure?(data: unknown): number
  /** Makes a write safe to repeat. `onReplay` is called if the response is that of an earlier request. */
  repeatable?: Pick<KeyedWrite, 'key' | 'onReplay'>
}

type TextOrigin = Omit<DocumentOrigin, 'measure'> & { measure(text: string): number }

type CallArguments<M extends DocumentMethod, Origin> = [
  principal: Principal,
  document: string,
  method: M,
  fields: MethodFields<M>,
  origin: Origin,
]

export interface DocumentEntry {
  name: string
  kind: ConnectionKind
  permissions: Permission[]
  /** Null if the token is not limited to tables. */
  tables: string[] | null
}

/** Document calls of every interface. Failures are HallpassErrors. */
export interface DocumentCalls extends AttachmentCalls {
  /** Documents that the principal can reach. */
  documents(principal: Principal): DocumentEntry[]
  call<M extends DocumentMethod>(...call: CallArguments<M, DocumentOrigin>): Promise<MethodData<M>>
  /** The same, returned as the JSON text of its data, which `measure` gets too. */
  callForText<M extends DocumentMethod>(...call: CallArguments<M, TextOrigin>): Promise<string>
  /** Logs a call whose fields are invalid, and returns the error to throw. */
  reject(
    principal: Principal,
    document: string,
    method: DocumentMethod,
    fields: object,
    origin: CallOrigin,
    thrown: unknown,
  ): HallpassError
  openReadStream(
    principal: Principal,
    document: string,
    method: StreamReadMethod,
    fields: MethodFields<StreamReadMethod>,
    origin: CallOrigin,
  ): Promise<LoggedRecordStream>
  writeStream(
    principal: Principal,
    document: string,
    target: BulkTarget,
    body: AsyncIterable<Uint8Array>,
    origin: DocumentOrigin,
  ): AsyncIterable<BulkProgress>
}

export function createDocumentCalls(parts: {
  opener: CallOpener
  access: Pick<Access, 'refresh'>
  store: Pick<Store, 'read'>
  connectors: Pick<Connectors, 'open'>
  clock: Clock
}): DocumentCalls {
  const { opener, access, store, connectors } = parts
  const keys = createIdempotencyKeys(parts.clock)

  function requestOf(
    principal: Principal,
    connection: string,
    method: DocumentMethod,
    fields: object,
    origin: CallOrigin,
  ): CallRequest {
    return {
      principal: principal,
      origin,
      method,
      connection,
      resource: tableOf(method, fields),
      demand: () => demandOf(connection, method, fields),
      deniedSentence: (reason) =>
        reason === 'whole-document' && hasFormula(fields)
          ? 'Permission denied: this token is limited to certain tables, and a formula could read any other table of the document.'
          : undefined,
    }
  }

  /** Opens a document's connector. Throws INVALID_REQUEST for any other kind of connection. */
  function openDocument(name: string) {
    const opened = connectors.open(name)
    if (isDocument(opened.row.kind)) return opened
    throw new HallpassError('INVALID_REQUEST', `"${name}" isn't a document, so it has no tables.`)
  }

  function run<M extends DocumentMethod>(
    [principal, document, method, fields, origin]: CallArguments<M, DocumentOrigin>,
    wantsText: boolean,
  ): Promise<MethodData<M> | string> {
    const running = opener.open(requestOf(principal, document, method, fields, origin))
    return runDocumentCall({ keys, openDocument }, running, { principal, document, method, fields, origin }, wantsText)
  }

  return {
    ...createAttachmentCalls(opener, openDocument),
    documents: (principal) => documentsOf(store.read, access.refresh(principal).grants),

    reject: (principal, document, method, fields, origin, thrown) =>
      opener.reject(requestOf(principal, document, method, fields, origin), thrown),

    call: async <M extends DocumentMethod>(...given: CallArguments<M, DocumentOrigin>) =>
      (await run(given, false)) as MethodData<M>,

    callForText: async (...given) => (await run(given, true)) as string,

    async openReadStream(principal, document, method, fields, origin) {
      const running = opener.open(requestOf(principal, document, method, fields, origin))
      running.payload?.request.add(exactJson({ method, ...fields }))
      try {
        const { row, connector, context } = openDocument(document)
        running.reaches(row.id)
        const opened = connector.openReadStream(method, fields, context(running.signal, running.share))
        const stream = await untilAborted(opened, running.signal)
        running.answered()
        return loggedRead(stream, running)
      } catch (thrown) {
        throw running.fail(callersFault(method, unusableFile(thrown, document)))
      }
    },

    writeStream(principal, document, target, body, origin) {
      return loggedWrite(
        () => opener.open(requestOf(principal, document, target.method, { table: target.table }, origin)),
        (running, pieces) => {
          if (running.payload !== null) running.payload.request.head = `${target.method} ${target.table}`
          const { row, connector, context } = openDocument(document)
          const load = (body: AsyncIterable<Uint8Array>): AsyncIterable<BulkProgress> => {
            running.reaches(row.id)
            return connector.writeStream(target, body, context(running.signal, running.share))
          }
          const { repeatable } = origin
          if (repeatable === undefined) return load(pieces)
          const method = `${target.method} ${target.table}`
          return keys.load(
            { principal, connection: document, method, signal: running.signal, ...repeatable },
            pieces,
            load,
          )
        },
        body,
        (thrown) => unusableFile(thrown, document),
      )
    },
  }
}

function isDocument(kind: ConnectionKind): boolean {
  return kind === 'grist' || kind === 'sqlite'
}

/** Returns the documents that the grants reach. */
export function documentsOf(read: Pick<Store['read'], 'connection'>, grants: readonly Grant[]): DocumentEntry[] {
  const names = new Set(grants.map((grant) => grant.connection))
  return [...names].flatMap((name) => {
    const row = read.connection(name)
    if (row === null || !isDocument(row.kind)) return []
    return [{ name, kind: row.kind, permissions: permissionsOn(grants, name), tables: tablesOn(grants, name) }]
  })
}
