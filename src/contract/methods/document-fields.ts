import { z } from 'zod'

export const table = z.string().min(1).max(256).describe('Table id, from list_tables')
export const columnId = z.string().min(1).max(256).describe('Column id, from describe_table')
/** A SQLite record ID beyond 2^53 is a string of digits, because JSON numbers would round it. */
const longId = z
  .string()
  .regex(/^-?[0-9]{16,19}$/)
  .meta({ title: 'a whole number as a string' })
export const rowId = z.union([z.int().min(1), longId]).describe('Record id')
export const givenId = z.union([z.int(), longId])
export const cells = z.record(z.string(), z.unknown())
export const label = z.string().min(1).max(1000).describe('Name that people see. Grist only').optional()
export const columnType = z
  .string()
  .min(1)
  .max(256)
  .describe(
    'Column type: Text, Numeric, Int, Bool, Date, DateTime:<time zone> (for example DateTime:UTC), Choice, ChoiceList, Ref:<table>, RefList:<table> or Any',
  )
export const formula = z
  .string()
  .max(100_000)
  .describe(
    'Grist formula (Python), for example $Price * $Quantity. Makes the column read-only. An empty string turns it into a data column',
  )
  .optional()

export const CELL_VALUES =
  'Cell values: Text and Choice are strings; Numeric and Int are numbers (in SQLite, whole numbers beyond 2^53 are strings); ' +
  'Bool is true or false; Date and DateTime are epoch seconds (when writing, also "YYYY-MM-DD" or ISO 8601 with time zone); ' +
  'Ref is a record id (0 is empty); ChoiceList, RefList and Attachments are lists that start with "L", for example ' +
  '["L", "red", "blue"] or ["L", 3, 7] (files are stored and read with a session token, at its attachments_url); null clears a cell. SQLite rejects a value that does not fit the column\'s type; Grist stores it as text.'
