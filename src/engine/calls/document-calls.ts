import {
  DOCUMENT_METHODS,
  type DocumentMethod,
  type MethodData,
  type MethodFields,
  type StreamReadMethod,
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
import { demandOf, hasFormula, recordsTouched, tableOf } from '../documents/document-demand.ts'
import type { Store } from '../store/store.ts'
import { createAttachmentCalls, type AttachmentCalls } from './attachment-calls.ts'
import { createIdempotencyKeys, type KeyedWrite } from './idempotency-keys.ts'
import { loggedRead, loggedWrite, type LoggedRecordStream } from './document-streams.ts'
import { untilAborted } from '../text/until-aborted.ts'
import type { CallOpener } from './open-call.ts'
import type { CallOrigin, CallRequest } from './running-call.ts'

export interface DocumentOrigin extends CallOrigin {
  /** Serializes the reply and returns its bytes, so that the log row has them. */
  measure?: (data: unknown) => number
  /** Makes a write safe to repeat. `onReplay` is called if the response is that of an earlier request. */
  repeatable?: Pick<KeyedWrite, 'key' | 'onReplay'>
}

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
  call<M extends DocumentMethod>(
    principal: Principal,
    document: string,
    method: M,
    fields: MethodFields<M>,
    origin: DocumentOrigin,
  ): Promise<MethodData<M>>
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

  return {
    ...createAttachmentCalls(opener, openDocument),
    documents(principal) {
      const { grants } = access.refresh(principal)
      const names = new Set(grants.map((grant) => grant.connection))
      return [...names].flatMap((name) => {
        const row = store.read.connection(name)
        if (row === null || !isDocument(row.kind)) return []
        return [{ name, kind: row.kind, permissions: permissionsOn(grants, name), tables: tablesOn(grants, name) }]
      })
    },

    reject: (principal, document, method, fields, origin, thrown) =>
      opener.reject(requestOf(principal, document, method, fields, origin), thrown),

    async call<M extends DocumentMethod>(
      principal: Principal,
      document: string,
      method: M,
      fields: MethodFields<M>,
      origin: DocumentOrigin,
    ) {
      const running = opener.open(requestOf(principal, document, method, fields, origin))
      try {
        const { row, connector, context } = openDocument(document)
        const call = (): Promise<MethodData<M>> => {
          running.reaches(row.id)
          return connector.call(method, fields, context(running.signal, running.share))
        }
        const { repeatable } = origin
        const isKeyed = repeatable !== undefined && DOCUMENT_METHODS[method].permission !== 'read'
        const result = isKeyed
          ? keys.call({ principal, connection: document, method, signal: running.signal, ...repeatable }, fields, call)
          : call()
        const done = await untilAborted(result, running.signal)
        running.answered()
        running.check()
        const data = withinTables(method, done, tablesOn(running.principal.grants, document))
        const bytesOut = measured(data, origin)
        running.finish({ status: 200, records: recordsTouched(method, data), bytes_out: bytesOut })
        return data
      } catch (thrown) {
        throw running.fail(callersFault(method, unusableFile(thrown, document)))
      }
    },

    async openReadStream(principal, document, method, fields, origin) {
      const running = opener.open(requestOf(principal, document, method, fields, origin))
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

/** A query that times out is its author's fault and says nothing about the document's health. */
function callersFault(method: DocumentMethod, thrown: unknown): unknown {
  return method === 'sql_query' && thrown instanceof HallpassError && thrown.code === 'UPSTREAM_TIMEOUT'
    ? thrown.reworded(thrown.message, { upstreamBlameless: true })
    : thrown
}

/** The connection's file is at fault, which the caller can't fix: UPSTREAM_ERROR instead of INVALID_REQUEST. */
function unusableFile(thrown: unknown, connection: string): unknown {
  if (!(thrown instanceof HallpassError)) return thrown
  if (thrown.reason !== 'unusable_file' && thrown.reason !== 'file_not_found') return thrown
  return new HallpassError('UPSTREAM_ERROR', `Couldn't open the file of document "${connection}". ${thrown.message}`, {
    cause: thrown,
    reason: thrown.reason,
  })
}

/** Removes tables that the token can't see from a list. */
function withinTables<M extends DocumentMethod>(
  method: M,
  data: MethodData<M>,
  allowed: string[] | null,
): MethodData<M> {
  if (method !== 'list_tables' || allowed === null) return data
  const { tables } = data as MethodData<'list_tables'>
  return { tables: tables.filter((table) => allowed.includes(table)) } as MethodData<M>
}

function isDocument(kind: ConnectionKind): boolean {
  return kind === 'grist' || kind === 'sqlite'
}

/** Returns the size of the reply in bytes. An upstream can send JSON so deep that it can be parsed but not serialized. */
function measured(data: unknown, { measure }: DocumentOrigin): number {
  try {
    return measure?.(data) ?? 0
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown
    throw new HallpassError('UPSTREAM_ERROR', "The document's response is nested too deeply. Select fewer columns.", {
      reason: 'too_deep',
      cause: thrown,
    })
  }
}
