import { z } from 'zod'

/** State of the token that was sent, when the request arrived. */
export const TOKEN_STATES = [
  'active',
  'expired',
  'revoked',
  'rotated',
  'deleted',
  'unknown',
  'malformed',
  'missing',
] as const
export type TokenState = (typeof TOKEN_STATES)[number]

const REFUSAL_REASONS = ['connection', 'permission', 'table', 'whole-document', 'tool', 'path'] as const

/** Why the permissions of a token didn't allow a request, as decided at that time. */
export const requestRefusalSchema = z.object({
  reason: z.enum(REFUSAL_REASONS),
  needed: z.string().describe('Permission and resource, for example: write on sales, table Orders'),
  held: z.array(z.string()).describe('Grants of the token on that connection'),
  sentence: z.string().describe('What the caller was told'),
})
export type RequestRefusal = z.infer<typeof requestRefusalSchema>

/** Parts of the duration, in milliseconds. The parts add up to it. Null: the request didn't get that far. */
export const requestTimingSchema = z.object({
  checks_ms: z.number().describe('Authentication and permissions, until the upstream was called'),
  approval_ms: z.number().nullable().describe('Waiting for the owner'),
  queue_ms: z.number().nullable().describe('Waiting for a free slot of the upstream'),
  upstream_ms: z.number().nullable().describe('Until the upstream responded'),
  reply_ms: z.number().nullable().describe('Until the response was passed on'),
})
export type RequestTiming = z.infer<typeof requestTimingSchema>

const changedFields = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]),
)

/** What an action of the owner changed: only the changed fields, in bounded size and without secrets. */
export const ownerChangeSchema = z.object({
  before: changedFields.nullable().describe("Null: it didn't exist"),
  after: changedFields.nullable().describe('Null: it no longer exists'),
})
export type OwnerChange = z.infer<typeof ownerChangeSchema>

/** Recording payloads ends after at most this long, so that nobody forgets it. */
export const MAX_PAYLOAD_DAYS = 30

/** Maximum number of bytes that are recorded of a request, and of its response. */
export const MAX_PAYLOAD_BYTES = 64 * 1024

const payloadPartSchema = z.object({
  head: z.string().nullable().describe('Request line or status with headers, or a method and its target'),
  body: z.string(),
  bytes: z.int().describe('Size of the whole body'),
  cut: z.boolean().describe('Only the beginning of the body was recorded'),
  binary: z.boolean().describe("The body isn't UTF-8 text, so it wasn't recorded"),
})
export type PayloadPart = z.infer<typeof payloadPartSchema>

/** What one request sent and got. Asterisks replace secrets and tokens. */
export const payloadSchema = z.object({ request: payloadPartSchema, response: payloadPartSchema })
export type Payload = z.infer<typeof payloadSchema>
