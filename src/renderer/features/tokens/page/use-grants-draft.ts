import { useState } from 'react'
import type { Grant } from '../../../../contract/grants.ts'
import type { TokenRecord } from '../../../../contract/records.ts'
import { changesBetween, customMissing, isUnchosen, withPermission } from './permission-grid.ts'

/** Unsaved permissions of a token. They stay while other tabs are shown. */
export interface GrantsDraft {
  grants: Grant[]
  /** The token that they are based on. */
  base: TokenRecord
  isChanged: boolean
  /** The token changed elsewhere since. */
  isStale: boolean
  /** A connection is limited to resources, of which none is chosen yet. */
  isUnchosen: boolean
  change(grants: Grant[]): void
  startOver(): void
  /** Makes the same changes to the token as it is now. */
  rebase(): void
}

export function useGrantsDraft(token: TokenRecord): GrantsDraft {
  const [draft, setDraft] = useState<{ grants: Grant[]; base: TokenRecord } | null>(null)
  // A draft that was changed back counts as none, so that changes from elsewhere are shown.
  const isChanged =
    draft !== null &&
    (changesBetween(draft.base.grants, draft.grants).length > 0 ||
      customMissing(draft.base.grants, draft.grants).length > 0)
  const base = isChanged ? draft.base : token
  const grants = isChanged ? draft.grants : token.grants
  return {
    grants,
    base,
    isChanged,
    isStale: isChanged && token.revision !== base.revision,
    isUnchosen: grants.some(isUnchosen),
    change: (next) => setDraft({ grants: next, base }),
    startOver: () => setDraft(null),
    rebase() {
      const gone = new Set(customMissing(base.grants, grants).map((grant) => JSON.stringify(grant)))
      setDraft({
        base: token,
        grants: changesBetween(base.grants, grants).reduce(
          (next, { connection, scope, permission, given }) =>
            withPermission(next, connection, scope, permission, given),
          token.grants.filter((grant) => !gone.has(JSON.stringify(grant))),
        ),
      })
    },
  }
}
