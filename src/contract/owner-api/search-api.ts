import { oc } from '@orpc/contract'
import { z } from 'zod'

const FOUND_KINDS = ['project', 'token', 'session', 'connection', 'tool', 'view', 'request'] as const

const foundSchema = z.object({
  kind: z.enum(FOUND_KINDS),
  total: z.int().describe('Total number, including those not listed'),
  items: z.array(
    z.object({
      name: z.string().describe('The name, or the ID of a session token or request'),
      project: z.string().nullable(),
      connection: z.string().nullable().describe('Connection of a tool or a session token'),
      state: z.string().nullable().describe('active, paused, expired, revoked, up, down, …'),
    }),
  ),
})
export type Found = z.infer<typeof foundSchema>
export type FoundItem = Found['items'][number]

/**
 * Finds what Hallpass has by name, ignoring case: every word of the text must occur in the name or project. Names that
 * are or begin with the text are first. A request is found by its complete request ID or its number in the log.
 */
export const searchApi = oc
  .input(
    z.strictObject({
      text: z.string().min(1).max(200),
      limit: z.int().min(1).max(1000).optional().describe('Items per kind. Default: 8'),
    }),
  )
  .output(z.array(foundSchema))
