import { z } from 'zod'
import { nameSchema } from './names.ts'
import { PERMISSIONS } from './grants.ts'

export const DEFAULT_SESSION_SECONDS = 300
export const LONGEST_SESSION_SECONDS = 3600

/**
 * Input of `request_session_token` and `POST /api/v1/sessions`. `permissions` are words here, not the enum: an unknown
 * word is refused by name by the access room, in the contract's sentence.
 */
export const sessionRequestSchema = z.strictObject({
  document: nameSchema.optional().describe('The document (connection) to open; `connection` is another word for it'),
  connection: nameSchema.optional(),
  permissions: z
    .array(z.string())
    .min(1)
    .describe(`Of ${PERMISSIONS.join(', ')}; never more than the caller has`),
  ttl_seconds: z
    .int('must be a whole number of seconds')
    .min(1)
    .optional()
    .describe(`Default ${DEFAULT_SESSION_SECONDS}, at most ${LONGEST_SESSION_SECONDS}; more is capped`),
  resources: z
    .array(z.string().min(1).max(256))
    .min(1)
    .optional()
    .describe('Narrower tables (documents) or paths (HTTP APIs)'),
  max_requests: z.int().min(1).optional().describe('The token ends after this many requests'),
  reason: z.string().max(500).optional().describe('Shown to the owner'),
})
export type SessionRequest = z.infer<typeof sessionRequestSchema>

export const sessionReplySchema = z.object({
  token: z.string(),
  document: z.string(),
  permissions: z.array(z.enum(PERMISSIONS)),
  expires_at: z.string().describe('ISO 8601, UTC'),
  proxy_url: z.string(),
})
export type SessionReply = z.infer<typeof sessionReplySchema>
