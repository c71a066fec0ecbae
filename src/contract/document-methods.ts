import { z } from 'zod'
import type { Permission } from './grants.ts'

const table = z.string().min(1).max(256).describe('Table id')
const columnId = z.string().min(1).max(256).describe('Column id')
const rowId = z.int().min(1).describe('Row id')
const cells = z.record(z.string(), z.unknown())
const columnType = z
  .string()
  .min(1)
  .max(256)
  .describe(
    'Grist column type, e.g. Text, Numeric, Int, Bool, Date, DateTime:UTC, Choice, ChoiceList, Ref:Table, RefList:Table, Any',
  )

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
 * The document methods: what the proxy serves, what MCP lists as tools, what the documentation tells.
 * Fields are strict: an unknown one is refused by name, since it is most often a misspelt one.
 */
export const DOCUMENT_METHODS = {
  list_tables: {
    title: 'List tables',
    description: 'List the tables of the document.',
    permission: 'read',
    fields: z.strictObject({}),
    data: z.object({ tables: z.array(z.string()) }),
  },
  describe_table: {
    title: 'Describe table',
    description: 'Columns of a table with their types, and formulas where there are any.',
    permission: 'read',
    tableField: 'table',
    fields: z.strictObject({ table }),
    data: z.object({
      columns: z.array(z.object({ id: z.string(), type: z.string(), formula: z.string().optional() })),
    }),
  },
  get_records: {
    title: 'Get records',
    description: 'Records of a table, optionally filtered, sorted and limited.',
    permission: 'read',
    tableField: 'table',
    fields: z.strictObject({
      table,
      filter: z
        .record(z.string(), z.unknown())
        .optional()
        .describe(
          '{column: [values]}: every column must equal one of its values; a bare value counts as a list of one',
        ),
      sort: z
        .string()
        .min(1)
        .max(4096)
        .optional()
        .describe('Columns, comma-separated; "-" before one sorts it downwards: "Name,-Date"'),
      limit: z.int().min(1).optional().describe('At most this many records'),
    }),
    data: z.object({ records: z.array(z.looseObject({ id: z.int() })) }),
  },
  sql_query: {
    title: 'Query with SQL',
    description: 'Run one read-only SQL statement (SQLite dialect) against the document.',
    permission: 'read',
    fields: z.strictObject({
      query: z.string().min(1).max(1_000_000).describe('One SELECT (or WITH … SELECT) statement'),
      params: z
        .array(z.union([z.string(), z.number(), z.boolean(), z.null()]))
        .max(1000)
        .optional()
        .describe('Values for the ? placeholders, in order'),
    }),
    data: z.array(z.record(z.string(), z.unknown())),
  },
  add_records: {
    title: 'Add records',
    description: 'Add records to a table. Any number: batching is done for you.',
    permission: 'write',
    tableField: 'table',
    fields: z.strictObject({ table, records: z.array(cells).describe('[{column: value}, …]') }),
    data: z.object({ record_ids: z.array(z.int()) }),
  },
  update_records: {
    title: 'Update records',
    description: 'Change fields of existing records.',
    permission: 'write',
    tableField: 'table',
    fields: z.strictObject({
      table,
      records: z
        .array(z.strictObject({ id: rowId, fields: cells }))
        .describe('[{"id": 1, "fields": {column: value}}, …]'),
    }),
    data: z.object({ updated: z.int() }),
  },
  delete_records: {
    title: 'Delete records',
    description: 'Delete records by id.',
    permission: 'write',
    tableField: 'table',
    fields: z.strictObject({ table, record_ids: z.array(rowId) }),
    data: z.object({ deleted: z.int() }),
  },
  create_table: {
    title: 'Create table',
    description: 'Create a table. The reply holds the id that it really got.',
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
    description: 'Add a column to a table.',
    permission: 'schema',
    tableField: 'table',
    fields: z.strictObject({
      table,
      column_id: columnId,
      column_type: columnType,
      formula: z.string().max(100_000).optional(),
    }),
    data: z.object({ column_id: z.string() }),
  },
  modify_column: {
    title: 'Modify column',
    description: 'Change the type or the formula of a column.',
    permission: 'schema',
    tableField: 'table',
    fields: z.strictObject({
      table,
      column_id: columnId,
      type: columnType.optional(),
      formula: z.string().max(100_000).optional(),
    }),
    data: z.object({ column_id: z.string() }),
  },
  delete_column: {
    title: 'Delete column',
    description: 'Delete a column and all that it holds.',
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
