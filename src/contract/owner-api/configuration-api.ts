import { oc } from '@orpc/contract'
import { z } from 'zod'
import { configurationChangeSchema, configurationSchema } from '../configuration.ts'
import { nameSchema, tokenNameSchema } from '../names.ts'

export const configurationApi = {
  /** Returns everything, or one project with its connections. Secrets are references, and ended tokens are left out. */
  export: oc
    .input(z.strictObject({ project: nameSchema.optional() }))
    .output(z.object({ configuration: configurationSchema, left_out: z.array(z.string()) })),
  /**
   * Makes projects, connections, tokens and settings match the configuration, completely or not at all. New and changed
   * connections are tested first. A dry run returns the changes without testing or changing anything. `prune` deletes
   * what a section of the configuration doesn't name.
   */
  apply: oc
    .input(
      z.strictObject({
        configuration: configurationSchema,
        prune: z.boolean().optional(),
        dry_run: z.boolean().optional(),
      }),
    )
    .output(
      z.object({
        changes: z.array(configurationChangeSchema),
        new_tokens: z
          .array(z.object({ project: nameSchema, name: tokenNameSchema, secret: z.string() }))
          .describe('Secrets of new access tokens, returned once'),
        missing_secrets: z.array(nameSchema).describe('Connections whose secret must still be entered'),
        warnings: z.array(z.string()),
        sessions_ended: z.int(),
        requests_cut: z.int(),
      }),
    ),
}
