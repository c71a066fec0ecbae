import { oc } from '@orpc/contract'
import { z } from 'zod'
import { grantSchema, permissionSchema } from '../grants.ts'
import { CONNECTION_KINDS } from '../records.ts'
import { tokenBudgetSchema } from '../tokens/token-budget.ts'
import { nothing } from './shared-schemas.ts'

const presetNameSchema = z.string().trim().min(1).max(60)

/** Settings to start a new token from. `by_kind` applies to every connection of that kind, in any project. */
const tokenPresetSchema = z.strictObject({
  name: presetNameSchema,
  by_kind: z.partialRecord(z.enum(CONNECTION_KINDS), z.array(permissionSchema).min(1)),
  grants: z
    .array(grantSchema)
    .max(1000)
    .describe('Permissions on connections by name. Those not in the project are left out'),
  ttl: z.string().min(1).max(64).nullable(),
  rate: z.string().min(1).max(32).nullable(),
  budget: tokenBudgetSchema.nullable().optional(),
})
export type TokenPreset = z.infer<typeof tokenPresetSchema>

export const presetsApi = {
  /** Sorted by name. */
  list: oc.output(z.array(tokenPresetSchema)),
  /** Replaces a preset with the same name. Throws INVALID_REQUEST if there are too many. */
  save: oc.input(tokenPresetSchema).output(nothing),
  /** Throws INVALID_REQUEST if there is no such preset. */
  delete: oc.input(z.strictObject({ name: presetNameSchema })).output(nothing),
}
