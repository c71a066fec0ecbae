import { useState } from 'react'
import type { Grant } from '../../../../contract/grants.ts'
import type { TokenRecord } from '../../../../contract/records.ts'

/** Unsaved permissions of a token. They stay while other tabs are shown. */
export interface GrantsDraft {
  grants: Grant[]
  /** The token that they are based on. */
  base: TokenRecord
  isChanged: boolean
  /** The token changed elsewhere since. */
  isStale: boolean
  change(grants: Grant[]): void
  startOver(): void
}

export function useGrantsDraft(token: TokenRecord): GrantsDraft {
  const [draft, setDraft] = useState<{ grants: Grant[]; base: TokenRecord } | null>(null)
  const base = draft?.base ?? token
  const isChanged = draft !== null && JSON.stringify(draft.grants) !== JSON.stringify(base.grants)
  return {
    grants: draft?.grants ?? token.grants,
    base,
    isChanged,
    isStale: isChanged && token.revision !== base.revision,
    change: (grants) => setDraft({ grants, base: isChanged ? base : token }),
    startOver: () => setDraft(null),
  }
}
