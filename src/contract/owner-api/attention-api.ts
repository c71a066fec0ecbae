import { oc } from '@orpc/contract'
import { z } from 'zod'
import { ATTENTION_GROUPS, ATTENTION_KINDS } from './attention-kinds.ts'
import { nothing } from './shared-schemas.ts'

/** One cause that needs the owner. Repeats count up instead of adding items, and it ends when its cause ends. */
const attentionItemSchema = z.object({
  id: z.string(),
  kind: z.enum(ATTENTION_KINDS),
  group: z.enum(ATTENTION_GROUPS),
  subject: z.object({
    project: z.string().nullable(),
    token: z.string().nullable(),
    connection: z.string().nullable(),
  }),
  sentence: z.string(),
  since: z.string().nullable(),
  count: z.int().nullable().describe('How often it happened, for repeated requests'),
  cause: z.string().nullable().describe('Cause of those requests, as in the request log'),
  ended_at: z.string().nullable().describe('When a resolved item ended; null for others'),
  snoozed_until: z.string().nullable().describe('Timestamp, or "changed"; null for open items'),
})
export type AttentionItem = z.infer<typeof attentionItemSchema>

const id = z.string().min(1).max(256)

export const attentionApi = {
  /**
   * Open and snoozed items come most urgent first: what to decide, what is broken, what to watch. Resolved ones come
   * newest first: at most 200 of the last 30 days that aren't open again.
   */
  list: oc
    .input(z.strictObject({ state: z.enum(['open', 'snoozed', 'resolved']) }))
    .output(z.array(attentionItemSchema)),
  /**
   * Hides an item until a timestamp, or until it changes (`changed`). Throws INVALID_REQUEST if there is no such item
   * or the time is past.
   */
  snooze: oc.input(z.strictObject({ id, until: z.string().min(1).max(64) })).output(nothing),
  /** Shows a snoozed item again. Does nothing for others. */
  wake: oc.input(z.strictObject({ id })).output(nothing),
}
