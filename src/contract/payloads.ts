import { z } from 'zod'

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
