import { z } from 'zod'
import { grantSchema } from '../grants.ts'

const ACCESS_EXTENTS = ['none', 'limited', 'all'] as const
const extent = z.enum(ACCESS_EXTENTS)
/** What one token can do with a connection. `limited`: only certain tables, tools or paths. */
export const connectionAccessSchema = z.object({
  project: z.string(),
  token: z.string(),
  read: extent,
  write: extent,
  schema: extent,
  grants: z.array(grantSchema),
})
export type ConnectionAccess = z.infer<typeof connectionAccessSchema>

/** Effects of a connection update. */
export const connectionEffectsSchema = z.object({
  tools_renamed: z.int().describe('Tools whose name for clients changes with the connection name'),
  secret_needed: z
    .object({ stored_for: z.string(), wanted_for: z.string() })
    .nullable()
    .describe('The new settings would send the secret elsewhere, so it must be entered again'),
  requests_cut: z.int(),
})
export type ConnectionEffects = z.infer<typeof connectionEffectsSchema>
