import { oc } from '@orpc/contract'
import { z } from 'zod'
import { nameSchema } from '../../names.ts'

/** Something that the palette opened. */
const recentSchema = z.strictObject({
  kind: z.enum(['project', 'token', 'connection', 'view']),
  name: z.string().min(1).max(64),
  project: nameSchema.nullable(),
})

const MAX_TABLES = 64
/** Name of a table or a column on the screens. */
const partSchema = z.string().min(1).max(32)

/** Returns a schema for what is remembered of each table. */
function byTable<T extends z.ZodType>(schema: T) {
  return z
    .record(partSchema, schema)
    .refine((tables) => Object.keys(tables).length <= MAX_TABLES, `must have at most ${MAX_TABLES} entries`)
}

/** What screens remember for the owner, wherever they are opened. */
export const preferencesSchema = z.strictObject({
  first_run: z.enum(['open', 'skipped', 'done']).describe('Whether Overview shows the first steps'),
  recent: z.array(recentSchema).max(8).describe('What the palette shows while it is empty, latest first'),
  sort: byTable(z.strictObject({ column: partSchema, descending: z.boolean() })).describe('How tables are sorted'),
  columns: byTable(z.array(partSchema).min(1).max(32)).describe('Columns that are shown; tables not named show all'),
})
export type Preferences = z.infer<typeof preferencesSchema>
export type TableSort = Preferences['sort'][string]
export type RecentItem = Preferences['recent'][number]

export const preferencesApi = {
  get: oc.output(preferencesSchema),
  /** Omitted parts don't change, and neither do omitted tables of `sort` and `columns`. */
  set: oc.input(preferencesSchema.partial()).output(preferencesSchema),
}
