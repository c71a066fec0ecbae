import {
  DOCUMENT_METHODS,
  type DocumentMethod,
  type MethodData,
  type MethodFields,
} from '../../contract/methods/document-methods.ts'
import { HallpassError } from '../../contract/errors.ts'
import { tablesOn } from '../access/decide.ts'
import type { Principal } from '../access/principal.ts'
import type { OpenConnection } from '../connections/connectors.ts'
import { JsonText, type DocumentConnector, type LightContext } from '../documents/document-connector.ts'
import { recordsTouched } from '../documents/records-touched.ts'
import { exactJson } from '../text/exact-json.ts'
import { untilAborted } from '../text/until-aborted.ts'
import { callersFault, unusableFile } from './document-failures.ts'
import type { DocumentOrigin } from './document-calls.ts'
import type { IdempotencyKeys } from './idempotency-keys.ts'
import type { RunningCall } from './running-call.ts'

/** A call whose fields are valid. */
interface DocumentCallRun<M extends DocumentMethod> {
  principal: Principal
  document: string
  method: M
  fields: MethodFields<M>
  origin: DocumentOrigin
}

interface Parts {
  keys: Pick<IdempotencyKeys, 'call'>
  openDocument: (name: string) => OpenConnection
}

/**
 * Runs a call whose row is open. With `wantsText`, returns the JSON text of its data, which a connector that has it as text
 * need not parse.
 */
export async function runDocumentCall<M extends DocumentMethod>(
  { keys, openDocument }: Parts,
  running: RunningCall,
  call: DocumentCallRun<M>,
  wantsText: boolean,
): Promise<MethodData<M> | string> {
  const { principal, document, method, fields, origin } = call
  const { payload } = running
  payload?.request.add(exactJson({ method, ...fields }))
  try {
    const { row, connector, context } = openDocument(document)
    const { interruption } = running
    const start = <T>(call: (connector: DocumentConnector, context: LightContext) => T): T => {
      running.reaches(row.id)
      return call(connector, context(interruption, running.share))
    }
    const { repeatable } = origin
    const result: Promise<MethodData<M> | JsonText> =
      repeatable !== undefined && DOCUMENT_METHODS[method].permission !== 'read'
        ? keys.call({ principal, connection: document, method, signal: running.signal, ...repeatable }, fields, () =>
            start((one, given) => one.call(method, fields, given)),
          )
        : start((one, given) =>
            wantsText && one.callForText !== undefined
              ? one.callForText(method, fields, given)
              : one.call(method, fields, given),
          )
    const done = await untilAborted(result, interruption)
    running.answered()
    running.check()
    const data = withinTables(method, done, tablesOn(running.principal.grants, document))
    const records = data instanceof JsonText ? data.records : recordsTouched(method, data)
    const { reply, bytes } = measured(data, wantsText, origin)
    payload?.response.add(typeof reply === 'string' ? reply : exactJson(reply))
    running.finish({ status: 200, records, bytes_out: bytes })
    return reply
  } catch (thrown) {
    throw running.fail(callersFault(method, unusableFile(thrown, document)))
  }
}

/** Removes tables that the token can't see from a list. */
function withinTables<M extends DocumentMethod>(
  method: M,
  data: MethodData<M> | JsonText,
  allowed: string[] | null,
): MethodData<M> | JsonText {
  if (method !== 'list_tables' || allowed === null) return data
  const { tables } = (data instanceof JsonText ? JSON.parse(data.text) : data) as MethodData<'list_tables'>
  return { tables: tables.filter((table) => allowed.includes(table)) } as MethodData<M>
}

/** Returns the reply and its size in bytes. An upstream can send JSON so deep that it can be parsed but not serialized. */
function measured<D>(
  data: D | JsonText,
  wantsText: boolean,
  { measure }: DocumentOrigin,
): { reply: D | string; bytes: number } {
  try {
    const reply = data instanceof JsonText ? data.text : wantsText ? JSON.stringify(data) : data
    return { reply, bytes: measure?.(reply) ?? 0 }
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown
    throw new HallpassError('UPSTREAM_ERROR', "The document's response is nested too deeply. Select fewer columns.", {
      reason: 'too_deep',
      cause: thrown,
    })
  }
}
