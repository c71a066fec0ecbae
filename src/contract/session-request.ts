import { z } from 'zod'
import { nameSchema } from './names.ts'
import { PERMISSIONS } from './grants.ts'

export const DEFAULT_SESSION_SECONDS = 300
export const LONGEST_SESSION_SECONDS = 3600

/**
 * Input of `request_session_token` and `POST /api/v1/sessions`. `permissions` are plain strings, so that the access
 * module can reject an unknown one with the sentence that the contract defines.
 */
export const sessionRequestSchema = z.strictObject({
  document: nameSchema
    .optional()
    .describe('Name of the document or HTTP API. Optional if you can use only one document. "connection" is an alias'),
  connection: nameSchema.optional().describe('Alias for "document"'),
  permissions: z
    .array(z.string())
    .min(1)
    .describe(`One or more of ${PERMISSIONS.join(', ')}. You must have each of them yourself`),
  ttl_seconds: z
    .int('must be a whole number of seconds')
    .min(1)
    .optional()
    .describe(
      `Lifetime in seconds, 1 to ${LONGEST_SESSION_SECONDS}. Default ${DEFAULT_SESSION_SECONDS}. Larger values are reduced to ${LONGEST_SESSION_SECONDS}; check expires_at`,
    ),
  resources: z
    .array(z.string().min(1).max(256))
    .min(1)
    .optional()
    .describe(
      'Limit the token to these tables (documents) or paths (HTTP APIs, for example /listings or /listings/*). A token limited to tables cannot use sql_query or formulas',
    ),
  max_requests: z.int().min(1).optional().describe('Number of requests after which the token expires'),
  reason: z
    .string()
    .max(500)
    .optional()
    .describe('One sentence for the owner: what the token is for. At most 500 characters'),
})
export type SessionRequest = z.infer<typeof sessionRequestSchema>

export const sessionReplySchema = z.object({
  token: z.string(),
  document: z.string(),
  permissions: z.array(z.enum(PERMISSIONS)),
  expires_at: z.string().describe('Expiry, ISO 8601 in UTC'),
  proxy_url: z.string(),
  attachments_url: z
    .string()
    .optional()
    .describe('Grist documents: where files are stored (POST) and read (GET, followed by "/" and the ID)'),
})
export type SessionReply = z.infer<typeof sessionReplySchema>
