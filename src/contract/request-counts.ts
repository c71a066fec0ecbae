import { z } from 'zod'
import { requestRecordSchema } from './records.ts'

const instant = z.string()

const counts = z.object({
  requests: z.int(),
  errors: z.int().describe('Denied and failed ones together'),
  refused: z.int().describe('Denied or rejected by Hallpass: status 400 to 498'),
  failed: z.int().describe('Status 499 and above, and interrupted ones'),
})
const figures = counts.extend({
  p95_ms: z.number().nullable(),
  ours_p95_ms: z.number().nullable().describe('The part of the duration that Hallpass took: checks and reply'),
})

/** A time in which all access was paused. */
export const pausedTimeSchema = z.object({ from: instant, to: instant.nullable().describe('Null while it is paused') })
export type PausedTime = z.infer<typeof pausedTimeSchema>

/** Counts and 95th percentiles of a time and of its steps. `to` and the start of the next step are excluded. */
export const requestSummarySchema = figures.extend({
  from: instant,
  to: instant,
  step_ms: z.int(),
  steps: z.array(figures.extend({ at: instant })),
  previous: counts.nullable().describe('The period of the same length before it. Null for a search of the log'),
  complete: z.boolean().describe('False: a search stopped early, and the figures begin at `from`'),
})
export type RequestSummary = z.infer<typeof requestSummarySchema>

export const REQUESTS_BY = ['connection', 'token', 'client', 'method', 'cause'] as const

/** Names with the most requests in a time, busiest first, for which the log shows as many. */
export const topRequestsSchema = z.object({
  from: instant,
  to: instant,
  names: z.int().describe('How many names there are'),
  complete: z.boolean().describe('False: a search stopped early, and the counts begin at `from`'),
  rows: z.array(
    counts.extend({
      name: z.string().nullable().describe('Null: names that are counted together, because there were too many'),
      project: z.string().nullable().describe('Project of a token'),
      sentence: z.string().nullable().describe('Why the requests were denied or failed'),
      tries_after_end: z
        .int()
        .nullable()
        .describe(
          'Attempts with an expired or revoked token, of which a row can count several. Null for other names, and in all projects',
        ),
      tries_complete: z.boolean().describe('False: there were more attempts than `tries_after_end`'),
      series: z.array(z.int()).describe('Requests per step'),
      last: requestRecordSchema.nullable().describe('The newest of the requests, if it is still in the log'),
    }),
  ),
})
export type TopRequests = z.infer<typeof topRequestsSchema>
