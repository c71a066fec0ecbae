import { oc } from '@orpc/contract'
import { z } from 'zod'
import { nameSchema } from '../names.ts'
import { nothing } from './shared-schemas.ts'

const viewNameSchema = z.string().trim().min(1).max(60)

/** A filter of the log under a name. `filter` holds the parts of the log's URL. */
const logViewSchema = z.strictObject({
  name: viewNameSchema,
  project: nameSchema.nullable().describe('null: the log of all projects'),
  filter: z.record(z.string().min(1).max(32), z.string().max(256)),
})
export type LogView = z.infer<typeof logViewSchema>

export const viewsApi = {
  /** Sorted by name. */
  list: oc.output(z.array(logViewSchema)),
  /** Replaces a view with the same name. Throws INVALID_REQUEST if there are too many. */
  save: oc.input(logViewSchema).output(nothing),
  /** Throws INVALID_REQUEST if there is no such view. */
  delete: oc.input(z.strictObject({ name: viewNameSchema })).output(nothing),
}
