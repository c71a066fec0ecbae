import { HallpassError } from '../../../contract/errors.ts'
import { BUDGET_UNITS, type BudgetUsed, type TokenBudget } from '../../../contract/tokens/token-budget.ts'
import type { Store } from '../../store/store.ts'
import type { TokenUse } from '../../store/rows.ts'
import type { Principal } from '../principal.ts'
import { quote } from '../sentences.ts'
import type { Lifetime } from './lifetime.ts'

const DAY_MS = 86_400_000

/** What each token has used of the current day. Kept in memory and written in batches. */
export interface Budgets {
  /** Throws BUDGET_EXHAUSTED if the token, or the parent of a session token, has used up a unit of its budget. */
  requireLeft(principal: Principal): void
  add(tokenId: number, used: Partial<BudgetUsed>): void
  used(tokenId: number): BudgetUsed
  forget(tokenId: number): void
  flush(): void
}

/**
 * Days start at midnight UTC, so that neither another time zone nor a clock change makes one longer. The time never runs
 * backward, so that setting the clock back doesn't restore a budget.
 */
export function createBudgets(store: Pick<Store, 'read' | 'write'>, lifetime: Pick<Lifetime, 'now'>): Budgets {
  const known = new Map<number, TokenUse>()
  const unwritten = new Set<number>()
  const today = (): number => Math.floor(lifetime.now() / DAY_MS)

  function useOf(tokenId: number): TokenUse {
    let use = known.get(tokenId)
    if (use === undefined) {
      use = { ...(store.read.tokenUse(tokenId) ?? emptyUse(0)) }
      known.set(tokenId, use)
    }
    const day = today()
    if (use.day < day) Object.assign(use, emptyUse(day))
    return use
  }

  return {
    requireLeft({ tokenId, budget, name, parent }) {
      if (budget === undefined || budget === null || tokenId === null) return
      const use = useOf(tokenId)
      for (const unit of BUDGET_UNITS) {
        const limit = budget[unit]
        if (limit !== undefined && use[unit] >= limit)
          throw exhausted({ name: parent ?? name, unit, limit, used: use[unit] }, lifetime.now())
      }
    },
    add(tokenId, { requests = 0, records = 0, bytes = 0 }) {
      // A call of a token that was deleted ends after it was forgotten.
      if (!known.has(tokenId) && store.read.tokenUse(tokenId) === null) return
      const use = useOf(tokenId)
      use.requests += requests
      use.records += records
      use.bytes += bytes
      unwritten.add(tokenId)
    },
    used(tokenId) {
      const { requests, records, bytes } = useOf(tokenId)
      return { requests, records, bytes }
    },
    forget(tokenId) {
      known.delete(tokenId)
      unwritten.delete(tokenId)
    },
    flush() {
      if (unwritten.size === 0) return
      // Cleared after the write, so that a failed write is repeated at the next flush.
      store.write.setTokenUse(new Map([...unwritten].map((id) => [id, useOf(id)])))
      unwritten.clear()
    },
  }
}

/** Returns the budget to store: null if nothing is limited. */
export function storedBudget(budget: TokenBudget | null | undefined): TokenBudget | null {
  const limits = BUDGET_UNITS.flatMap((unit) => (budget?.[unit] === undefined ? [] : [[unit, budget[unit]] as const]))
  return limits.length === 0 ? null : Object.fromEntries(limits)
}

function emptyUse(day: number): TokenUse {
  return { day, requests: 0, records: 0, bytes: 0 }
}

interface Exhausted {
  name: string
  unit: (typeof BUDGET_UNITS)[number]
  limit: number
  used: number
}

function exhausted({ name, unit, limit, used }: Exhausted, now: number): HallpassError {
  const reset = (Math.floor(now / DAY_MS) + 1) * DAY_MS
  const resetsAt = new Date(reset).toISOString()
  return new HallpassError(
    'BUDGET_EXHAUSTED',
    `Token ${quote(name)} has used its daily budget of ${limit.toLocaleString('en')} ${unit}. Try again after ${resetsAt}, or ask the owner for a larger budget.`,
    {
      reason: unit,
      details: { unit, limit, used, resets_at: resetsAt, retry_after_s: Math.ceil((reset - now) / 1000) },
      upstreamBlameless: true,
    },
  )
}
