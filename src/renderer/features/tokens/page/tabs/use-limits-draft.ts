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
  // A draft that was changed back counts as none, so that changes from elsewhere are shown.
  const isChanged =
    draft !== null &&
    (draft.mode !== draft.base.mode || JSON.stringify(draft.values) !== JSON.stringify(limitValues(draft.base)))
  const current = isChanged ? draft : { base: token, values: limitValues(token), mode: token.mode }
  return {
    ...current,
    isChanged,
    change: (limits) => setDraft({ ...current, ...limits }),
    discard: () => setDraft(null),
  }
}
