import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'
import { nameSchema } from '../names.ts'
import type { CONTAINS_FIELDS } from './contains-fields.ts'
import type { LogEvent } from './log-events.ts'
import { logReportSchema, requestRecordSchema } from '../records.ts'
import { payloadSchema } from '../request-details.ts'
import { pausedTimeSchema, REQUESTS_BY, requestSummarySchema, topRequestsSchema } from '../request-counts.ts'

/** One value, or several of which any matches. */
const oneOrMore = z.union([z.string(), z.array(z.string()).min(1).max(100)])
const partOf = z.string().min(1).max(128).optional()

export const requestFilterSchema = z.strictObject({
  project: nameSchema.optional(),
  token: oneOrMore.optional().describe('Names of tokens. Requests of their session tokens match too'),
  hash: z.string().max(64).optional().describe('SHA-256 of the token'),
  request_id: z.string().max(128).optional(),
  connection: oneOrMore.optional(),
  client: oneOrMore.optional(),
  method: z.string().optional(),
  permission: z.string().optional(),
  code: z.string().optional(),
  cause: z.string().max(64).optional().describe('Requests that failed for the same cause, as in a record'),
  slower_than_ms: z.number().min(0).optional(),
  owner_actions: z.enum(['with', 'without', 'only']).optional().describe('Actions of the owner. Default: with'),
  contains: z
    .strictObject({ token: partOf, connection: partOf, client: partOf, method: partOf } satisfies Record<
      (typeof CONTAINS_FIELDS)[number],
      typeof partOf
    >)
    .optional()
    .describe('Texts that the fields contain, ignoring case'),
  status: z
    .string()
    .optional()
    .describe(
      'An exact status, a class such as 4xx, or a word: "ok", "denied" (400 to 498), "error" (other failures and interruptions) or "failed" (both)',
    ),
  text: z.string().optional(),
  since: z.string().optional().describe('Duration such as 1h, or an ISO 8601 timestamp'),
  until: z.string().optional().describe('Duration such as 10m, or an ISO 8601 timestamp'),
  before_id: z.int().optional(),
  limit: z.int().min(1).max(10_000).optional(),
})
export type RequestFilter = z.infer<typeof requestFilterSchema>

/** The filter without its two paging fields. */
const requestSelectionSchema = requestFilterSchema.omit({ before_id: true, limit: true })

const timeZone = z.string().max(64).optional().describe('IANA name, for example Europe/Berlin')

const logEventSchema = z.object({ rows: z.string(), skipped: z.int() }) satisfies z.ZodType<LogEvent>

export const requestsApi = {
  list: oc.input(requestFilterSchema).output(z.array(requestRecordSchema)),
  /**
   * Streams requests that started or ended, oldest first, at most ten times per second. A request that did both in
   * between comes once, as it ended.
   */
  follow: oc.input(requestFilterSchema).output(eventIterator(logEventSchema)),
  get: oc.input(z.strictObject({ id: z.int() })).output(requestRecordSchema),
  /** What was sent and returned, with secrets and tokens masked. null if it wasn't recorded or was deleted. */
  payload: oc.input(z.strictObject({ id: z.int() })).output(payloadSchema.nullable()),
  /**
   * IDs of the first and last stored row and the number of rows, or null if the log is empty. IDs increase by one per
   * row.
   */
  bounds: oc.output(z.object({ first_id: z.int(), last_id: z.int(), rows: z.int() }).nullable()),
  /**
   * Like `list`, but takes bounded time however rare the matches are. Each call reads a few thousand rows and returns
   * where to continue as `next_before_id`, which is null at the end of the log. `rows` can be empty before that.
   */
  scan: oc
    .input(requestFilterSchema)
    .output(z.object({ rows: z.array(requestRecordSchema), next_before_id: z.int().nullable() })),
  /**
   * Counts of a time, of the time before and of steps. Uses counts stored separately from the log, so a month costs as
   * little as an hour. The figures cover `from` to `to` of the result: `since` (by default, the oldest request) and
   * `until`, each rounded down to a minute (to 15 minutes after two days, to an hour after 35 days). Steps of an hour
   * or more start at full hours and midnights of `time_zone`, so the first can start before `from`. p95 is accurate to
   * 10%. Filters other than one project and one connection search the log, in bounded time.
   */
  summary: oc.input(requestSelectionSchema.extend({ steps: z.int().min(1).max(500), time_zone: timeZone })).output(
    requestSummarySchema.extend({
      pauses: z.array(pausedTimeSchema).describe('When all access was paused, of the last 35 days, oldest first'),
    }),
  ),
  /**
   * The names with the most requests, busiest first, for the same times as `summary`. Requests of session tokens count
   * for their parent. A project has counts of at most 50 clients; the others are counted together.
   */
  top: oc
    .input(
      z.strictObject({
        by: z.enum(REQUESTS_BY),
        project: nameSchema.optional(),
        token: z.string().max(128).optional().describe('Searches the log for requests of this token, in bounded time'),
        since: z.string().max(64),
        until: z.string().max(64).optional(),
        time_zone: timeZone,
        steps: z.int().min(1).max(100).optional().describe('Adds a series of at most so many steps'),
        limit: z.int().min(1).max(1000),
      }),
    )
    .output(topRequestsSchema),
  /**
   * The newest request of each token with one in the last 5 minutes, newest first. A token whose last request
   * created a session token that is active itself isn't among them.
   */
  active: oc.output(z.array(requestRecordSchema)),
  /**
   * Streams the selected rows, oldest first, as pieces of one text. `rows` counts the rows so far, including this
   * piece.
   */
  export: oc
    .input(requestSelectionSchema.extend({ format: z.enum(['jsonl', 'csv']) }))
    .output(eventIterator(z.object({ text: z.string(), rows: z.int() }))),
  /** Checks that no row of the log was changed, added or removed. The last report has `done`. */
  verify: oc.output(eventIterator(logReportSchema)),
}
