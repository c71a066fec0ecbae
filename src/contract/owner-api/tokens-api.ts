import { oc } from '@orpc/contract'
import { z } from 'zod'
import { grantSchema, permissionSchema } from '../grants.ts'
import { nameSchema, tokenNameSchema } from '../names.ts'
import { dependentsSchema, PROJECT_MODES, sessionRecordSchema, tokenRecordSchema } from '../records.ts'
import { ended, tokenAddress } from './shared-schemas.ts'

export const tokensApi = {
  list: oc.input(z.strictObject({ project: nameSchema.optional() })).output(z.array(tokenRecordSchema)),
  get: oc.input(tokenAddress).output(tokenRecordSchema),
  /** The one output that carries a token's secret, once: `secret` is null for a local token. */
  create: oc
    .input(
      z.strictObject({
        project: nameSchema,
        name: tokenNameSchema,
        kind: z.enum(['access', 'local']),
        ttl: z.string().max(64).optional(),
        grants: z.array(grantSchema).optional(),
        clone: z.boolean().optional(),
        rate: z.string().max(32).optional(),
        mode: z.enum(PROJECT_MODES).optional(),
        force: z.boolean().optional(),
      }),
    )
    .output(z.object({ token: tokenRecordSchema, secret: z.string().nullable() })),
  /** A new secret for the same token; the old one and its session tokens end. Shown once, like the first. */
  rotate: oc.input(tokenAddress).output(z.object({ token: tokenRecordSchema, secret: z.string() })),
  /** Moves the end of a token that is still active; `ttl` counts from now. */
  extend: oc.input(tokenAddress.extend({ ttl: z.string().min(1).max(64) })).output(tokenRecordSchema),
  revoke: oc.input(tokenAddress).output(ended),
  delete: oc.input(tokenAddress).output(ended),
  dependents: oc.input(tokenAddress).output(dependentsSchema),
}

export const sessionsApi = {
  list: oc.input(z.strictObject({ project: nameSchema.optional() })).output(z.array(sessionRecordSchema)),
  /** Minted by the owner: bounded by the project, not by a token. The secret is shown once. */
  mint: oc
    .input(
      z.strictObject({
        project: nameSchema,
        document: nameSchema,
        permissions: z.array(permissionSchema).min(1),
        ttl: z.string().max(64).optional(),
        resources: z.array(z.string()).min(1).optional(),
        label: z.string().max(63).optional(),
      }),
    )
    .output(z.object({ session: sessionRecordSchema, token: z.string(), base_url: z.string(), proxy_url: z.string() })),
  revoke: oc.input(z.strictObject({ id: z.string().min(1).max(128) })).output(ended),
  revokeAll: oc.output(ended),
}
