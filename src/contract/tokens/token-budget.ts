import { z } from 'zod'

export const BUDGET_UNITS = ['requests', 'records', 'bytes'] as const
export type BudgetUnit = (typeof BUDGET_UNITS)[number]

const limit = z.int().min(1).max(1_000_000_000_000_000).optional()

/** What a token can use per day. A unit that is left out has no limit. */
export const tokenBudgetSchema = z.strictObject({
  requests: limit.describe('Requests that its permissions allowed'),
  records: limit.describe('Records read and written'),
  bytes: limit.describe('Bytes of request and response bodies together'),
})
export type TokenBudget = z.infer<typeof tokenBudgetSchema>

/** What a token has used of the current day, which starts at midnight UTC. Its session tokens count too. */
export const budgetUsedSchema = z.object({ requests: z.int(), records: z.int(), bytes: z.int() })
export type BudgetUsed = z.infer<typeof budgetUsedSchema>
