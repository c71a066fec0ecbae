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
  // A draft that was changed back is none: what changes elsewhere then shows.
  const isChanged = draft !== null && JSON.stringify(draft.grants) !== JSON.stringify(draft.base.grants)
  const base = isChanged ? draft.base : token
  return {
    grants: isChanged ? draft.grants : token.grants,
    base,
    isChanged,
    isStale: isChanged && token.revision !== base.revision,
    change: (grants) => setDraft({ grants, base }),
    startOver: () => setDraft(null),
  }
}
