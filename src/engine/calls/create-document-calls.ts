import { asHallpassError, HallpassError } from '../../contract/errors.ts'
import {
  DOCUMENT_METHODS,
  type DocumentMethod,
  type MethodData,
  type MethodFields,
} from '../../contract/document-methods.ts'
import type { ConnectionKind } from '../../contract/records.ts'
import type { Access } from '../access/access.ts'
import { decide, permissionsOn, tablesOn } from '../access/decide.ts'
import type { Principal } from '../access/principal.ts'
import { describePrincipal } from '../access/sentences.ts'
import type { OpenRequest, RequestLog, RequestOpening, RequestOutcome } from '../log/request-log.ts'
import type { Store } from '../store/store.ts'
import type { Connectors } from '../connections/connectors.ts'
import type { CallOrigin, DocumentCalls, DocumentEntry } from './document-calls.ts'
import { storedLines, type BulkProgress, type RecordStream } from '../documents/document-connector.ts'
import type { ConnectionHealth, HealthWatch } from '../connections/health.ts'
import { demandOf, hasFormula, recordsTouched, tableOf } from '../documents/document-demand.ts'

/** What the log says of a caller who went away before the answer; the number is nginx's. */
const CLIENT_GONE = { status: 499, code: 'CLIENT_GONE' } as const

interface Running {
  signal: AbortSignal
  /** Once the upstream is about to be asked. */
  asks(connectionId: number): void
  answered(): void
  finish(outcome: RequestOutcome): void
  /** Closes the row as failed and answers the error to throw. */
  fail(thrown: unknown, progress?: RequestOutcome): HallpassError
}

export function createDocumentCalls(parts: {
  access: Access
  store: Store
  log: RequestLog
  connectors: Connectors
  /** Told how the upstreams answer. */
  health?: Pick<ConnectionHealth, 'watch'>
  /** Aborted when the engine stops. */
  stopping: AbortSignal
  /** Called with what became INTERNAL, for the diagnostic log. */
  onInternalError: (requestId: string, cause: unknown) => void
}): DocumentCalls {
  const { access, store, log, connectors, health, stopping, onInternalError } = parts

  function openingOf(
    principal: Principal,
    connection: string,
    method: DocumentMethod,
    fields: object,
    origin: CallOrigin,
  ): RequestOpening {
    return {
      request_id: origin.requestId,
      transport: origin.transport,
      method,
      project: principal.project.name,
      token: principal.name,
      token_kind: principal.kind,
      parent: principal.parent,
      client: origin.client,
      connection,
      resource: tableOf(method, fields),
    }
  }

  /** Identify again, decide, open the row: nothing reaches an upstream before this returned. */
  function begin(
    asking: Principal,
    connection: string,
    method: DocumentMethod,
    fields: object,
    origin: CallOrigin,
  ): Running {
    const opening = openingOf(asking, connection, method, fields, origin)
    // Aborted when the connection is taken away from a token that lives on.
    const taken = new AbortController()
    let principal: Principal
    let leave: () => void
    try {
      principal = access.refresh(asking)
      authorise(principal, connection, method, fields)
      leave = access.enter(principal, { connection, controller: taken })
    } catch (thrown) {
      const error = asHallpassError(thrown, origin.requestId)
      log.refused(opening, { status: error.status, code: error.code, bytes_in: origin.bytesIn })
      throw error
    }
    const row = openRow(opening, leave)
    const signal = AbortSignal.any([origin.signal, principal.signal, taken.signal, stopping])
    const finish = (outcome: RequestOutcome): void => {
      leave()
      row.close({ bytes_in: origin.bytesIn, ...outcome })
    }
    let watch: HealthWatch | undefined
    return {
      signal,
      asks(connectionId) {
        watch = health?.watch(connectionId)
      },
      answered: () => watch?.answered(),
      finish,
      fail(thrown, progress) {
        const error = explain(thrown, { principal, taken: taken.signal.aborted, connection, origin })
        // A query that takes too long is its author's, and a caller who left says nothing.
        if (!origin.signal.aborted && !(method === 'sql_query' && error.code === 'UPSTREAM_TIMEOUT'))
          watch?.failed(error)
        if (error.code === 'INTERNAL') onInternalError(origin.requestId, error.cause)
        const end = origin.signal.aborted ? CLIENT_GONE : { status: error.status, code: error.code }
        finish({ ...progress, ...end })
        return error
      },
    }
  }

  function authorise(principal: Principal, connection: string, method: DocumentMethod, fields: object): void {
    const decision = decide(principal.grants, demandOf(connection, method, fields), describePrincipal(principal))
    if (decision.allowed) return
    if (decision.reason === 'whole-document' && hasFormula(fields)) {
      throw new HallpassError(
        'UNAUTHORIZED',
        'Permission denied: this token is narrowed to certain tables, and a formula could read any other table of the document.',
      )
    }
    throw new HallpassError('UNAUTHORIZED', decision.sentence)
  }

  function openRow(opening: RequestOpening, leave: () => void): OpenRequest {
    try {
      return log.open(opening)
    } catch (thrown) {
      leave()
      throw thrown
    }
  }

  /** An abort says why by which signal fired: the token's end is the caller's business, the engine's stop too. */
  function explain(
    thrown: unknown,
    about: { principal: Principal; taken: boolean; connection: string; origin: CallOrigin },
  ): HallpassError {
    const cause = { cause: thrown }
    if (about.principal.signal.aborted)
      return new HallpassError('TOKEN_EXPIRED', 'The token ended while the request was running.', cause)
    if (about.taken)
      return new HallpassError(
        'UNAUTHORIZED',
        `Document not in scope: “${about.connection}” was taken away while the request was running.`,
        cause,
      )
    if (stopping.aborted)
      return new HallpassError('UPSTREAM_ERROR', 'Hallpass is stopping; the request was cut off.', {
        ...cause,
        upstreamBlameless: true,
      })
    return unusableFile(asHallpassError(thrown, about.origin.requestId), about.connection)
  }

  function documents(asking: Principal): DocumentEntry[] {
    const { grants } = access.refresh(asking)
    const names = new Set(grants.map((grant) => grant.connection))
    return [...names].flatMap((name) => {
      const row = store.read.connection(name)
      if (row === null || !isDocument(row.kind)) return []
      return [{ name, kind: row.kind, permissions: permissionsOn(grants, name), tables: tablesOn(grants, name) }]
    })
  }

  /** A document's connector; any other kind of connection is told so. */
  function openDocument(name: string) {
    const opened = connectors.open(name)
    if (isDocument(opened.row.kind)) return opened
    throw new HallpassError('INVALID_REQUEST', `“${name}” is no document, so it has no tables.`)
  }

  return {
    documents,

    async call<M extends DocumentMethod>(
      principal: Principal,
      document: string,
      method: M,
      fields: MethodFields<M>,
      origin: CallOrigin,
    ) {
      const running = begin(principal, document, method, fields, origin)
      try {
        const { row, connector, context } = openDocument(document)
        running.asks(row.id)
        const done = await connector.call(method, fields, context(running.signal))
        running.answered()
        running.signal.throwIfAborted()
        // All may be paused since: what was read is held back then, but a write stands, and its caller must know.
        const reads = DOCUMENT_METHODS[method].permission === 'read'
        const data = reads ? withinTables(method, done, tablesOn(access.refresh(principal).grants, document)) : done
        const bytesOut = origin.measure?.(data) ?? 0
        running.finish({ status: 200, records: recordsTouched(method, data), bytes_out: bytesOut })
        return data
      } catch (thrown) {
        throw running.fail(thrown)
      }
    },

    async openReadStream(principal, document, method, fields, origin) {
      const running = begin(principal, document, method, fields, origin)
      try {
        const { row, connector, context } = openDocument(document)
        running.asks(row.id)
        const stream = await connector.openReadStream(method, fields, context(running.signal))
        running.answered()
        return loggedStream(stream, running, () => authorise(access.refresh(principal), document, method, fields))
      } catch (thrown) {
        throw running.fail(thrown)
      }
    },

    async *writeStream(principal, document, target, body, origin) {
      const fields = { table: target.table }
      const running = begin(principal, document, target.method, fields, origin)
      let stored = 0
      let line = 0
      let bytesIn = 0
      let ended = false
      const counted = async function* (): AsyncIterable<Uint8Array> {
        for await (const chunk of body) {
          bytesIn += chunk.byteLength
          yield chunk
        }
      }
      const stillAllowed = (): void => {
        try {
          authorise(access.refresh(principal), document, target.method, fields)
        } catch (thrown) {
          throw withProgress(asHallpassError(thrown, origin.requestId), { stored, line })
        }
      }
      try {
        const { row, connector, context } = openDocument(document)
        running.asks(row.id)
        for await (const progress of connector.writeStream(target, counted(), context(running.signal))) {
          running.answered()
          stored = progress.stored
          line = progress.line
          yield progress
          // A stream may outlive a grant: what was taken away since is gone from the next batch on.
          stillAllowed()
        }
        running.signal.throwIfAborted()
        ended = true
        running.finish({ status: 200, records: stored, bytes_in: bytesIn })
      } catch (thrown) {
        ended = true
        const error = running.fail(thrown, { status: 500, records: stored, bytes_in: bytesIn })
        // A failure of the connector tells its lines itself; a sentence put in its place must tell them too.
        throw error === thrown || error.code === 'INTERNAL' ? error : withProgress(error, { stored, line })
      } finally {
        if (!ended) running.finish({ ...CLIENT_GONE, records: stored, bytes_in: bytesIn })
      }
    },
  }
}

/** The file of the connection is at fault, which the caller can't correct: UPSTREAM_ERROR instead of INVALID_REQUEST. */
function unusableFile(error: HallpassError, connection: string): HallpassError {
  if (error.reason !== 'unusable_file' && error.reason !== 'file_not_found') return error
  return new HallpassError('UPSTREAM_ERROR', `Couldn't open the file of document "${connection}". ${error.message}`, {
    cause: error,
    reason: error.reason,
  })
}

/** A token narrowed to tables sees only those in the list. */
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

/** Adds how far an interrupted load came. The connector may have stored one batch more than it reported. */
function withProgress(error: HallpassError, progress: BulkProgress): HallpassError {
  return error.reworded(`${error.message} ${storedLines(progress.line)} The next batch may have been stored too.`, {
    details: { ...error.details, ...progress, uncertain: true },
  })
}

/** Closes the log row when the stream ends, fails, or is left. `stillAllowed` throws once the caller may read no more. */
function loggedStream(stream: RecordStream, running: Running, stillAllowed: () => void): RecordStream {
  return {
    get records() {
      return stream.records
    },
    async *[Symbol.asyncIterator]() {
      let bytesOut = 0
      let ended = false
      try {
        for await (const chunk of stream) {
          bytesOut += chunk.byteLength
          yield chunk
          stillAllowed()
        }
        ended = true
        running.finish({ status: 200, records: stream.records, bytes_out: bytesOut })
      } catch (thrown) {
        ended = true
        throw running.fail(thrown, { status: 500, records: stream.records, bytes_out: bytesOut })
      } finally {
        if (!ended) running.finish({ ...CLIENT_GONE, records: stream.records, bytes_out: bytesOut })
      }
    },
  }
}
