import { oc } from '@orpc/contract'
import { z } from 'zod'
import { configurationChangeSchema, configurationSchema } from '../configuration.ts'
import { nameSchema, tokenNameSchema } from '../names.ts'
import { reachableWordSchema } from '../settings.ts'
import { secretValueSchema } from './connections-api.ts'

export const configurationApi = {
  /** Returns everything, or one project with its connections. Secrets are references, and ended tokens are left out. */
  export: oc
    .input(z.strictObject({ project: nameSchema.optional() }))
    .output(z.object({ configuration: configurationSchema, left_out: z.array(z.string()) })),
  /**
   * Makes projects, connections, tokens and settings match the configuration, completely or not at all. New and changed
   * connections are tested first. A dry run returns the changes without testing or changing anything. `prune` deletes
   * what a section of the configuration doesn't name. Throws INVALID_REQUEST with reason `secret_moves` if a stored secret
   * would be sent to another address than before.
   */
  apply: oc
    .input(
      z.strictObject({
        configuration: configurationSchema,
        prune: z.boolean().optional(),
        dry_run: z.boolean().optional(),
        secrets: z
          .record(nameSchema, secretValueSchema)
          .optional()
          .describe('New secrets of connections of the configuration, by name'),
        keep_secrets: z
          .boolean()
          .optional()
          .describe('Allow a stored secret to be sent to the changed address of its connection'),
        confirm: reachableWordSchema.optional(),
      }),
    )
    .output(
      z.object({
        changes: z.array(configurationChangeSchema),
        new_tokens: z
          .array(z.object({ project: nameSchema, name: tokenNameSchema, secret: z.string() }))
          .describe('Secrets of new access tokens, returned once'),
        missing_secrets: z.array(nameSchema).describe('Connections whose secret must still be entered'),
        moved_secrets: z
          .array(z.string())
          .describe('What keep_secrets must allow, in a dry run: stored secrets that would be sent to another address'),
        warnings: z.array(z.string()),
        sessions_ended: z.int(),
        requests_cut: z.int(),
      }),
    ),
}
