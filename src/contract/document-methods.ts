import { z } from 'zod'
import type { Permission } from './grants.ts'

const table = z.string().min(1).max(256).describe('Table id, from list_tables')
const columnId = z.string().min(1).max(256).describe('Column id, from describe_table')
const rowId = z.int().min(1).describe('Record id')
const cells = z.record(z.string(), z.unknown())
const columnType = z
  .string()
  .min(1)
  .max(256)
  .describe(
    'Column type: Text, Numeric, Int, Bool, Date, DateTime:<time zone> (for example DateTime:UTC), Choice, ChoiceList, Ref:<table>, RefList:<table> or Any',
  )

const formula = z
  .string()
  .max(100_000)
  .optional()
  .describe(
    'Grist formula (Python), for example $Price * $Quantity. Makes the column read-only. An empty string turns it into a data column',
  )

/** The formats of cell values, for models and scripts. */
export const CELL_VALUES = [
  'Cell values: Text and Choice are strings; Numeric and Int are numbers (in SQLite, whole numbers beyond 2^53 are strings);',
  'Bool is true or false; Date and DateTime are epoch seconds (when writing, also "YYYY-MM-DD" or ISO 8601 with time zone);',
  'Ref is a record id (0 is empty); ChoiceList and RefList are lists that start with "L", for example ["L", "red", "blue"]',
  'or ["L", 3, 7]; null clears a cell. SQLite rejects a value that does not fit the column\'s type; Grist stores it as text.',
].join(' ')

interface MethodDescription {
  title: string
  description: string
  permission: Permission
  fields: z.ZodObject
  data: z.ZodType
  /** The name of the field that holds the table, when the method works on one. */
  tableField?: 'table' | 'table_id'
}

/**
 * The document methods: the proxy serves them, MCP lists them as tools, the documentation describes them.
 * Fields are strict: an unknown one is rejected by name, since it is most often a misspelled one.
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
      'List the columns of a table: id, type, and the formula if the column is computed. Use these column ids in all other calls. ' +
      'Formula columns cannot be written.',
    permission: 'read',
    tableField: 'table',
    fields: z.strictObject({ table }),
    data: z.object({
      columns: z.array(z.object({ id: z.string(), type: z.string(), formula: z.string().optional() })),
    }),
  },
  get_records: {
    title: 'Get records',
    description:
      'Read records of a table. Each record is {"id": record id, column: value, …}. There is no offset: to page through a table, use ' +
      'sql_query with WHERE id > ? ORDER BY id LIMIT ?. Set a limit unless you know that the table is small. ' +
      `For more than a few hundred records, use a script with a session token. ${CELL_VALUES}`,
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
    }),
    data: z.object({ records: z.array(z.looseObject({ id: z.int() })) }),
  },
  sql_query: {
    title: 'Query with SQL',
    description:
      'Run one read-only SQL statement (SQLite dialect): SELECT, or WITH … SELECT. Returns {"rows": [{column: value}]} with stored ' +
      'values: booleans are 1 or 0, dates are epoch seconds, lists are JSON text. Time limit: 1 s in Grist, 10 s in SQLite. ' +
      'Always add a LIMIT. Not available if your access is limited to certain tables.',
    permission: 'read',
    fields: z.strictObject({
      query: z.string().min(1).max(1_000_000).describe('One SELECT (or WITH … SELECT) statement. Use ? for values'),
      params: z
        .array(z.union([z.string(), z.number(), z.boolean(), z.null()]))
        .max(1000)
        .optional()
        .describe('Values for the ? placeholders, in order: strings, numbers, booleans or null'),
    }),
    data: z.array(z.record(z.string(), z.unknown())),
  },
  add_records: {
    title: 'Add records',
    description:
      "Add records to a table. Returns their ids in order. Fields you leave out get the column's default. A request is limited to " +
      '32 MiB, and one record to 1 MiB in Grist; for more than a few hundred records, use a script with a session token. ' +
      `If it fails, the message says which records were stored. ${CELL_VALUES}`,
    permission: 'write',
    tableField: 'table',
    fields: z.strictObject({
      table,
      records: z
        .array(cells)
        .describe('[{column id: value, …}, …]. Do not include "id": ids are assigned automatically'),
    }),
    data: z.object({ record_ids: z.array(z.int()) }),
  },
  update_records: {
    title: 'Update records',
    description: `Update fields of existing records. Only the fields you send change. Fails if an id does not exist. ${CELL_VALUES}`,
    permission: 'write',
    tableField: 'table',
    fields: z.strictObject({
      table,
      records: z
        .array(z.strictObject({ id: rowId, fields: cells }))
        .describe('[{"id": record id, "fields": {column id: new value, …}}, …]'),
    }),
    data: z.object({ updated: z.int() }),
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
      'Create a table. Grist may change the ids you ask for: use the table_id from the reply, then call describe_table. ' +
      'Every table has an "id" column; do not define it.',
    permission: 'schema',
    tableField: 'table_id',
    fields: z.strictObject({
      table_id: table,
      columns: z.array(z.strictObject({ id: columnId, type: columnType })).min(1),
    }),
    data: z.object({ table_id: z.string() }),
  },
  add_column: {
    title: 'Add column',
    description:
      'Add a column to a table. Grist may change the id: use column_id from the reply. Formulas are Grist only and need access to ' +
      'the whole document.',
    permission: 'schema',
    tableField: 'table',
    fields: z.strictObject({
      table,
      column_id: columnId,
      column_type: columnType,
      formula,
    }),
    data: z.object({ column_id: z.string() }),
  },
  modify_column: {
    title: 'Modify column',
    description:
      'Change the type or the formula of a column. Send at least one of them. SQLite documents have no formulas. Values that do ' +
      'not fit the new type stay as they are.',
    permission: 'schema',
    tableField: 'table',
    fields: z.strictObject({
      table,
      column_id: columnId,
      type: columnType.optional(),
      formula,
    }),
    data: z.object({ column_id: z.string() }),
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
/** A parsed call: the method and its validated fields. */
export type DocumentCall = { [M in DocumentMethod]: { method: M; fields: MethodFields<M> } }[DocumentMethod]

export const BULK_WRITE_METHODS = ['add_records', 'update_records', 'delete_records'] as const
export type BulkWriteMethod = (typeof BULK_WRITE_METHODS)[number]
export const STREAM_READ_METHODS = ['get_records', 'sql_query'] as const
export type StreamReadMethod = (typeof STREAM_READ_METHODS)[number]

export function isDocumentMethod(name: string): name is DocumentMethod {
  return Object.hasOwn(DOCUMENT_METHODS, name)
}
