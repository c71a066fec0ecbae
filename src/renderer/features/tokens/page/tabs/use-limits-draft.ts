import { useState } from 'react'
import type { TokenRecord } from '../../../../../contract/records.ts'
import { limitValues, type LimitValues } from './limit-values.ts'

interface Limits {
  values: LimitValues
  mode: TokenRecord['mode']
}

/** Unsaved limits of a token. They stay while other tabs are shown. */
export interface LimitsDraft extends Limits {
  /** The token that they are based on, whose revision must still be current when they are saved. */
  base: TokenRecord
  isChanged: boolean
  change(limits: Partial<Limits>): void
  discard(): void
}

export function useLimitsDraft(token: TokenRecord): LimitsDraft {
  const [draft, setDraft] = useState<(Limits & { base: TokenRecord }) | null>(null)
  const current = draft ?? { base: token, values: limitValues(token), mode: token.mode }
  return {
    ...current,
    isChanged: draft !== null,
    change: (limits) => setDraft({ ...current, ...limits }),
    discard: () => setDraft(null),
  }
}
