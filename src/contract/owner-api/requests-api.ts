import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'
import { nameSchema } from '../names.ts'
import { logReportSchema, requestRecordSchema, requestSummarySchema } from '../records.ts'

export const requestFilterSchema = z.strictObject({
  project: nameSchema.optional(),
  token: z.string().optional(),
  hash: z.string().max(64).optional().describe('SHA-256 of the token'),
  request_id: z.string().max(128).optional(),
  connection: z.string().optional(),
  method: z.string().optional(),
  status: z.string().optional().describe('An exact status, a class such as 4xx, or "ok" / "failed"'),
  text: z.string().optional(),
  since: z.string().optional().describe('Duration such as 1h, or an ISO 8601 timestamp'),
  until: z.string().optional().describe('Duration such as 10m, or an ISO 8601 timestamp'),
  before_id: z.int().optional(),
  limit: z.int().min(1).max(10_000).optional(),
})
export type RequestFilter = z.infer<typeof requestFilterSchema>

/** Without the two that say which page is wanted. */
const requestSelectionSchema = requestFilterSchema.omit({ before_id: true, limit: true })

export const requestsApi = {
  list: oc.input(requestFilterSchema).output(z.array(requestRecordSchema)),
  /** Rows as they are opened and again as they are closed, oldest first. */
  follow: oc.input(requestFilterSchema).output(eventIterator(requestRecordSchema)),
  /** For a screen: the newest changed rows four times per second at most, and how many others changed meanwhile. */
  tail: oc
    .input(requestFilterSchema)
    .output(eventIterator(z.object({ rows: z.array(requestRecordSchema), skipped: z.int() }))),
  get: oc.input(z.strictObject({ id: z.int() })).output(requestRecordSchema),
  /** First and last row number that are kept, and how many rows; null when there is none. Numbers rise by one a row. */
  bounds: oc.output(z.object({ first_id: z.int(), last_id: z.int(), rows: z.int() }).nullable()),
  /**
   * Like `list`, in bounded time however rare the matches: it looks at some thousands of rows and says in `next_before_id` where
   * to go on, null at the end of the log. `rows` may be empty long before that.
   */
  scan: oc
    .input(requestFilterSchema)
    .output(z.object({ rows: z.array(requestRecordSchema), next_before_id: z.int().nullable() })),
  /** From per-minute counts kept beside the log, so that a month is as cheap as an hour. p95 within 10 %. */
  summary: oc
    .input(
      z.strictObject({
        project: nameSchema.optional(),
        connection: nameSchema.optional(),
        since: z.string().max(64),
        steps: z.int().min(1).max(500),
      }),
    )
    .output(requestSummarySchema),
  /** The chosen rows, oldest first, as pieces of one text; `rows` is how many went before and in this piece. */
  export: oc
    .input(requestSelectionSchema.extend({ format: z.enum(['jsonl', 'csv']) }))
    .output(eventIterator(z.object({ text: z.string(), rows: z.int() }))),
  /** Checks that no row of the log was changed, added or removed since it was written. The last report has `done`. */
  verify: oc.output(eventIterator(logReportSchema)),
}
