import { oc } from '@orpc/contract'
import { z } from 'zod'
import { nameSchema } from '../../names.ts'

/** Something that the palette opened. */
const recentSchema = z.strictObject({
  kind: z.enum(['project', 'token', 'connection', 'view']),
  name: z.string().min(1).max(64),
  project: nameSchema.nullable(),
})

/** What screens remember for the owner, wherever they are opened. */
export const preferencesSchema = z.strictObject({
  first_run: z.enum(['open', 'skipped', 'done']).describe('Whether Overview shows the first steps'),
  recent: z.array(recentSchema).max(8).describe('What the palette shows while it is empty, latest first'),
})
export type Preferences = z.infer<typeof preferencesSchema>
export type RecentItem = Preferences['recent'][number]

export const preferencesApi = {
  get: oc.output(preferencesSchema),
  /** Omitted parts don't change. */
  set: oc.input(preferencesSchema.partial()).output(preferencesSchema),
}
