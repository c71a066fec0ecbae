import { z } from 'zod'
import { table, columnId, rowId, givenId, cells, label, columnType, formula, CELL_VALUES } from './document-fields.ts'
import type { Permission } from '../grants.ts'

interface MethodDescription {
  title: string
  description: string
  permission: Permission
  fields: z.ZodObject
  data: z.ZodType
  /** The field that contains the table, if the method works on one. */
  tableField?: 'table' | 'table_id'
}

/**
 * The document methods: what the proxy serves, what MCP lists as tools, and what the documentation describes.
 * Fields are strict: an unknown one is rejected by name, because it is most often misspelled.
 */
export const DOCUMENT_METHODS = {
  list_tables: {
    title: 'List tables',
    description: 'List the tables of the document that you can use.',
    permission: 'read',
    fields: z.strictObject({}),
    data: z.object({ tables: z.array(z.string()) }),
  },
  describe_table: {
    title: 'Describe table',
    description:
      'List the columns of a table: id, type, the label if it differs from the id, the formula if the column is computed, the choices, ' +
      'and the table that references point to. Use these column ids in all other calls. Formula columns cannot be written.',
    permission: 'read',
    tableField: 'table',
    fields: z.strictObject({ table }),
    data: z.object({
      columns: z.array(
        z.object({
          id: z.string(),
          type: z.string(),
          formula: z.string().optional(),
          label: z.string().optional(),
          choices: z.array(z.string()).optional(),
          references: z.string().optional(),
        }),
      ),
    }),
  },
  get_records: {
    title: 'Get records',
    description:
      'Read records of a table. Each record is {"id": record id, column: value, …}. Set a limit unless you know that the table is small, ' +
      'and use offset for the next page. In Grist, "errors" of a record names the columns whose formula failed. For more than a few ' +
      `hundred records, use a script with a session token. ${CELL_VALUES}`,
    permission: 'read',
    tableField: 'table',
    fields: z.strictObject({
      table,
      filter: z
        .record(z.string(), z.unknown())
        .optional()
        .describe(
          '{column: [values]}. A record matches if every listed column equals one of its values (exact value and type; null matches empty cells). A single value can be given without the list',
        ),
      sort: z
        .string()
        .min(1)
        .max(4096)
        .optional()
        .describe('Column ids separated by commas; "-" means descending, for example "Name,-Date"'),
      limit: z.int().min(1).optional().describe('Maximum number of records'),
      offset: z.int().min(0).optional().describe('Number of records to skip'),
      dates: z
        .enum(['epoch', 'iso'])
        .optional()
        .describe('Form of Date and DateTime values in the result: epoch seconds (default) or ISO 8601'),
    }),
    data: z.object({ records: z.array(z.looseObject({ id: givenId })) }),
  },
  sql_query: {
    title: 'Query with SQL',
    description:
      'Run one read-only SQL statement (SQLite dialect): SELECT, or WITH … SELECT. Returns {"rows": [{column: value}]} with stored values: ' +
      'booleans are 1 or 0, dates are epoch seconds, lists are JSON text. Time limit: 1 s in Grist, 10 s in SQLite. Always add a LIMIT. ' +
      'Not available if your access is limited to certain tables.',
    permission: 'read',
    fields: z.strictObject({
      query: z.string().min(1).max(1_000_000).describe('One SELECT (or WITH … SELECT) statement. Use ? for values'),
      params: z
        .array(z.union([z.string(), z.number(), z.boolean(), z.null()]))
        .max(1000)
        .optional()
        .describe(
          'Values for the ? placeholders, in order: strings, numbers, booleans or null. Send a whole number beyond 2^53 as a string',
        ),
    }),
    data: z.array(z.record(z.string(), z.unknown())),
  },
  add_records: {
    title: 'Add records',
    description:
      "Add records to a table. Returns their ids in order. Fields you leave out get the column's default. A request is limited to 32 MiB, " +
      'and one record to 1 MiB in Grist; for more than a few hundred records, use a script with a session token. If it fails, the ' +
      `message says which records were stored. ${CELL_VALUES}`,
    permission: 'write',
    tableField: 'table',
    fields: z.strictObject({
      table,
      records: z
        .array(cells)
        .describe('[{column id: value, …}, …]. Do not include "id": ids are assigned automatically'),
    }),
    data: z.object({ record_ids: z.array(givenId) }),
  },
  update_records: {
    title: 'Update records',
    description: `Update fields of existing records. Only the fields you send change. Fails if an id does not exist. ${CELL_VALUES}`,
    permission: 'write',
    tableField: 'table',
    fields: z.strictObject({
      table,
      records: z
        .array(z.strictObject({ id: rowId, fields: cells, where: cells.optional() }))
        .describe(
          '[{"id": record id, "fields": {column id: new value, …}}, …]. With "where": {column id: value}, the call fails unless the record still has these values',
        ),
    }),
    data: z.object({ updated: z.int() }),
  },
  upsert_records: {
    title: 'Add or update records',
    description:
      'For each entry, update the record whose columns equal "require", or add one if there is none. Safe to repeat. Either all entries ' +
      `are stored or none. ${CELL_VALUES}`,
    permission: 'write',
    tableField: 'table',
    fields: z.strictObject({
      table,
      records: z
        .array(z.strictObject({ require: cells, fields: cells }))
        .describe('[{"require": {column id: value, …}, "fields": {column id: new value, …}}, …]'),
    }),
    data: z.object({ added: z.int(), updated: z.int(), record_ids: z.array(givenId) }),
  },
  delete_records: {
    title: 'Delete records',
    description:
      'Delete records by id. Cannot be undone. Ids that do not exist are ignored. Returns how many were deleted.',
    permission: 'write',
    tableField: 'table',
    fields: z.strictObject({ table, record_ids: z.array(rowId).describe('Ids of the records to delete') }),
    data: z.object({ deleted: z.int() }),
  },
  create_table: {
    title: 'Create table',
    description:
      'Create a table. Grist may change the ids you ask for and keeps your names as labels: use the ids from the reply. Every table has ' +
      'an "id" column; do not define it.',
    permission: 'schema',
    tableField: 'table_id',
    fields: z.strictObject({
      table_id: table,
      columns: z.array(z.strictObject({ id: columnId, type: columnType, label })).min(1),
    }),
    data: z.object({
      table_id: z.string(),
      columns: z.array(z.object({ id: z.string(), label: z.string().optional() })),
    }),
  },
  rename_table: {
    title: 'Rename table',
    description: 'Rename a table. Grist may change the id you ask for: use table_id from the reply.',
    permission: 'schema',
    tableField: 'table',
    fields: z.strictObject({ table, table_id: table.describe('New table id') }),
    data: z.object({ table_id: z.string() }),
  },
  delete_table: {
    title: 'Delete table',
    description: 'Delete a table and all its records. Cannot be undone.',
    permission: 'schema',
    tableField: 'table',
    fields: z.strictObject({ table }),
    data: z.object({ deleted: z.string() }),
  },
  add_column: {
    title: 'Add column',
    description:
      'Add a column to a table. Grist may change the id: use column_id from the reply. Formulas are Grist only and need access to the whole document.',
    permission: 'schema',
    tableField: 'table',
    fields: z.strictObject({
      table,
      column_id: columnId,
      column_type: columnType,
      formula,
      label,
    }),
    data: z.object({ column_id: z.string(), note: z.string().optional() }),
  },
  modify_column: {
    title: 'Modify column',
    description:
      'Change the type, the formula or the label of a column. Send at least one of them. SQLite documents have no formulas and labels. ' +
      'Values that do not fit the new type stay unchanged; "unconverted" in the reply counts them.',
    permission: 'schema',
    tableField: 'table',
    fields: z.strictObject({
      table,
      column_id: columnId,
      type: columnType.optional(),
      formula,
      label,
    }),
    data: z.object({ column_id: z.string(), unconverted: z.int().optional(), note: z.string().optional() }),
  },
  delete_column: {
    title: 'Delete column',
    description: 'Delete a column and all its values. Cannot be undone.',
    permission: 'schema',
    tableField: 'table',
    fields: z.strictObject({ table, column_id: columnId }),
    data: z.object({ deleted: z.string() }),
  },
} as const satisfies Record<string, MethodDescription>

export type DocumentMethod = keyof typeof DOCUMENT_METHODS
export type MethodFields<M extends DocumentMethod> = z.infer<(typeof DOCUMENT_METHODS)[M]['fields']>
export type MethodData<M extends DocumentMethod> = z.infer<(typeof DOCUMENT_METHODS)[M]['data']>
/** A record ID. Beyond 2^53 it's a string of digits. */
export type RecordId = number | string
/** A parsed call: the method and its validated fields. */
export type DocumentCall = { [M in DocumentMethod]: { method: M; fields: MethodFields<M> } }[DocumentMethod]

export const BULK_WRITE_METHODS = ['add_records', 'update_records', 'upsert_records', 'delete_records'] as const
export type BulkWriteMethod = (typeof BULK_WRITE_METHODS)[number]
export const STREAM_READ_METHODS = ['get_records', 'sql_query'] as const
export type StreamReadMethod = (typeof STREAM_READ_METHODS)[number]

export function isDocumentMethod(name: string): name is DocumentMethod {
  return Object.hasOwn(DOCUMENT_METHODS, name)
}
