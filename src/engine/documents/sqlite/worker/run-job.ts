import type { DocumentCall } from '../../../../contract/methods/document-methods.ts'
import { invalidRequest } from '../../../../contract/errors.ts'
import { recordsTouched } from '../../records-touched.ts'
import { addColumn, createTable, deleteColumn, deleteTable, modifyColumn, renameTable } from './schema/change-schema.ts'
import { doubleQuotedText, inTransaction } from './double-quotes.ts'
import type { OpenDatabases } from './open-database.ts'
import { answerText } from './row-source.ts'
import { prepareQuery } from './run-query.ts'
import { selectRecords } from './select-records.ts'
import { atRecord } from './store-records.ts'
import { describeColumns } from './schema/table-shape.ts'
import type { Job } from '../worker-messages.ts'

/** The data of a call as JSON text, and how many records it touched. */
interface CallResult {
  data: string
  records: number
}

/** Runs one call. Its data is returned as the text that its caller gets, so that no value is copied twice. */
export function runCall(databases: OpenDatabases, job: Extract<Job, { kind: 'call' }>): CallResult {
  const { call, limits } = job
  switch (call.method) {
    case 'list_tables':
      return resultOf(call.method, { tables: databases.schema().tables() })
    case 'describe_table':
      return resultOf(
        call.method,
        reading(databases, () => ({ columns: describeColumns(databases.readable(), call.fields.table) })),
      )
    case 'get_records': {
      const rows = reading(databases, () => selectRecords(databases.schema(), call.fields))
      const { data, records } = answerText(rows, limits)
      return { data: `{"records":${data}}`, records }
    }
    case 'sql_query':
      return answerText(
        reading(databases, () => prepareQuery(databases.readable(), databases.schema(), call.fields)),
        limits,
      )
    default:
      return resultOf(call.method, change(databases, call, job.permission === 'schema'))
  }
}

function resultOf(method: DocumentCall['method'], data: unknown): CallResult {
  return { data: JSON.stringify(data), records: recordsTouched(method, data) }
}

type Change = Exclude<DocumentCall, { method: 'list_tables' | 'describe_table' | 'get_records' | 'sql_query' }>

/** Runs a change as one transaction: all of it or nothing. */
function change(databases: OpenDatabases, call: Change, schema: boolean): unknown {
  // A rebuilt table is dropped and renamed, so references to it must neither cascade nor be rewritten. Everywhere else foreign
  // keys are enforced.
  const db = databases.writable({ foreignKeys: !schema, legacyAlterTable: call.method === 'modify_column' })
  const run = (): unknown => {
    const data = apply(db, call, databases)
    if (call.method === 'modify_column' && (db.pragma('foreign_key_check') as unknown[]).length > 0) {
      throw invalidRequest('This column type would violate a foreign key.', 'type')
    }
    return data
  }
  try {
    return inTransaction(db, run, schema)
  } catch (error) {
    databases.forgetWriters()
    throw error
  }
}

/** Reads, and retries once if only texts in double quotes in the file's views made it fail. */
export function reading<T>(databases: OpenDatabases, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (doubleQuotedText(error) === null || !databases.requoteViews()) throw error
    return read()
  }
}

function apply(db: ReturnType<OpenDatabases['writable']>, call: Change, { writer: writerOf }: OpenDatabases): unknown {
  switch (call.method) {
    case 'add_records': {
      const writer = writerOf(call.fields.table)
      return {
        record_ids: call.fields.records.map((record, index) => writer.add(record, atRecord(index))),
      }
    }
    case 'update_records': {
      const writer = writerOf(call.fields.table)
      for (const [index, { id, fields, where }] of call.fields.records.entries())
        writer.update(id, fields, atRecord(index), where)
      return { updated: call.fields.records.length }
    }
    case 'delete_records': {
      const writer = writerOf(call.fields.table)
      return { deleted: call.fields.record_ids.filter((id) => writer.remove(id)).length }
    }
    case 'upsert_records': {
      const writer = writerOf(call.fields.table)
      const done = call.fields.records.map((entry, index) =>
        writer.upsert(entry.require, entry.fields, atRecord(index)),
      )
      const added = done.filter((one) => one.added).length
      return { added, updated: done.length - added, record_ids: done.map(({ id }) => id) }
    }
    case 'rename_table':
      return renameTable(db, call.fields)
    case 'delete_table':
      return deleteTable(db, call.fields)
    case 'create_table':
      return createTable(db, call.fields)
    case 'add_column':
      return addColumn(db, call.fields)
    case 'modify_column':
      return modifyColumn(db, call.fields)
    case 'delete_column':
      return deleteColumn(db, call.fields)
  }
}
