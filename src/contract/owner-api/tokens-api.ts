import { oc } from '@orpc/contract'
import { z } from 'zod'
import { grantSchema, permissionSchema } from '../grants.ts'
import { nameSchema, tokenNameSchema } from '../names.ts'
import {
  dependentsSchema,
  PROJECT_MODES,
  requestRecordSchema,
  sessionRecordSchema,
  tokenEffectsSchema,
  tokenRecordSchema,
} from '../records.ts'
import { ownAnswerCharsSchema } from '../settings.ts'
import { tokenBudgetSchema } from '../tokens/token-budget.ts'
import { ended, tokenAddress } from './shared-schemas.ts'

/** Omitted fields don't change. Null restores the default of the project or the settings. */
const tokenUpdate = tokenAddress.extend({
  revision: z.int(),
  set: z.strictObject({
    name: tokenNameSchema.optional().describe('Ends its session tokens, which have its name'),
    description: z.string().max(200).optional(),
    grants: z.array(grantSchema).max(1000).optional(),
    ttl: z.string().min(1).max(64).optional().describe('Counts from now'),
    expires_at: z.iso.datetime({ offset: true }).nullable().optional().describe('In place of ttl; null for never'),
    rate: z.string().max(32).nullable().optional(),
    mode: z.enum(PROJECT_MODES).nullable().optional(),
    answer_chars: ownAnswerCharsSchema.optional(),
    paused: z.boolean().optional(),
    budget: tokenBudgetSchema.nullable().optional().describe('What it can use per day; null for no limit'),
  }),
})

const updatePreview = tokenEffectsSchema.extend({
  clients: z
    .array(z.object({ client: z.string(), tools_added: z.int(), tools_removed: z.int() }))
    .describe('MCP clients of the token whose list of tools changes'),
  entries_drifted: z.array(z.string()).describe('Clients whose configuration has the name that the token loses'),
})

export const tokensApi = {
  list: oc.input(z.strictObject({ project: nameSchema.optional() })).output(z.array(tokenRecordSchema)),
  get: oc.input(tokenAddress).output(tokenRecordSchema),
  /** The only output with a token's secret, returned once. `secret` is null for a local token. */
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
        answer_chars: ownAnswerCharsSchema.optional(),
        description: z.string().max(200).optional(),
        budget: tokenBudgetSchema.optional(),
        force: z.boolean().optional(),
      }),
    )
    .output(z.object({ token: tokenRecordSchema, secret: z.string().nullable() })),
  /**
   * Gives the token a new secret, returned once. The old secret and its session tokens stop working, or with `overlap`
   * (such as 1h, at most 7d) the old secret works that much longer.
   */
  rotate: oc
    .input(tokenAddress.extend({ overlap: z.string().min(1).max(16).optional() }))
    .output(z.object({ token: tokenRecordSchema, secret: z.string() })),
  /** Changes the expiry of an active token. `ttl` counts from now. */
  extend: oc.input(tokenAddress.extend({ ttl: z.string().min(1).max(64) })).output(tokenRecordSchema),
  /** Returns what `update` would do with the same input, without changing anything. */
  previewUpdate: oc.input(tokenUpdate).output(updatePreview),
  /**
   * Changes an active token, completely or not at all, starting with its next request. Throws INVALID_REQUEST for
   * `revision` if the token changed in the meantime.
   */
  update: oc.input(tokenUpdate).output(z.object({ token: tokenRecordSchema, effects: tokenEffectsSchema })),
  /**
   * Returns whether a request of the token would be allowed, decided by the same code as a real request. Sends nothing.
   */
  may: oc
    .input(
      tokenAddress.extend({
        connection: nameSchema,
        permission: permissionSchema,
        resource: z.string().min(1).max(1024).optional().describe('Table, tool or path'),
      }),
    )
    .output(z.object({ allowed: z.boolean(), grant: grantSchema.nullable(), problem: z.string().nullable() })),
  /** Renames the token and ends its session tokens. */
  rename: oc.input(tokenAddress.extend({ new_name: tokenNameSchema })).output(tokenRecordSchema),
  /**
   * Does the same to several tokens. `ttl` belongs to extend and counts from now. With `preview`, nothing changes. A
   * token that fails has a `problem`, and the others are done all the same.
   */
  bulk: oc
    .input(
      z.strictObject({
        tokens: z.array(tokenAddress).min(1).max(1000),
        action: z.enum(['pause', 'resume', 'extend', 'revoke']),
        ttl: z.string().min(1).max(64).optional(),
        preview: z.boolean().optional(),
      }),
    )
    .output(ended.extend({ outcomes: z.array(tokenAddress.extend({ problem: z.string().nullable() })) })),
  /**
   * The owner's changes to the token, newest first, with what was before and after, as far back as the log is kept. It
   * follows the token through renames, and ends where the token was created. `complete` is false if the search took too
   * long or there are more.
   */
  history: oc
    .input(tokenAddress.extend({ limit: z.int().min(1).max(500).optional().describe('Default: 100') }))
    .output(z.object({ rows: z.array(requestRecordSchema), complete: z.boolean() })),
  revoke: oc.input(tokenAddress).output(ended),
  delete: oc.input(tokenAddress).output(ended),
  dependents: oc.input(tokenAddress).output(dependentsSchema),
}

export const sessionsApi = {
  /** The active ones, oldest first. With `ended`, also those that ended in the last 24 hours, if Hallpass has run since. */
  list: oc
    .input(z.strictObject({ project: nameSchema.optional(), ended: z.boolean().optional() }))
    .output(z.array(sessionRecordSchema)),
  /** Mints a session token for the owner. It is limited to the project, not to a token. The secret is returned once. */
  mint: oc
    .input(
      z.strictObject({
        project: nameSchema,
        document: nameSchema,
        permissions: z.array(permissionSchema).min(1),
        ttl: z.string().max(64).optional(),
        resources: z.array(z.string()).min(1).optional(),
        label: z.string().max(63).optional(),
        max_requests: z.int().min(1).max(1_000_000_000).optional(),
      }),
    )
    .output(z.object({ session: sessionRecordSchema, token: z.string(), base_url: z.string(), proxy_url: z.string() })),
  revoke: oc.input(z.strictObject({ id: z.string().min(1).max(128) })).output(ended),
  revokeAll: oc.output(ended),
}
