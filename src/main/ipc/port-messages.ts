import { z } from 'zod'

/** Maximum length of a message. The largest legitimate input is a secret of 16 KiB. */
const MAX_LENGTH = 1024 * 1024

const id = z.union([z.string().max(64), z.int()])

/**
 * The messages that the window's client sends: a call with a JSON body, or its cancellation. Files, forms and streams
 * are not accepted.
 */
const messageSchema = z.union([
  z.strictObject({
    i: id,
    t: z.literal(1).optional(),
    p: z.strictObject({
      u: z
        .string()
        .max(512)
        .regex(/^\/[A-Za-z0-9/]*$/),
      b: z.unknown().optional(),
      h: z.strictObject({ 'last-event-id': z.string().max(256).optional() }).optional(),
      m: z.literal('POST').optional(),
    }),
  }),
  z.strictObject({ i: id, t: z.literal(4), p: z.unknown().optional() }),
])

/** Returns true if the text is a message that may reach the router. Every message on a port is checked first. */
export function isPortMessage(data: unknown): data is string {
  if (typeof data !== 'string' || data.length > MAX_LENGTH) return false
  try {
    return messageSchema.safeParse(JSON.parse(data)).success
  } catch {
    return false
  }
}
