import { t } from '../../../../../contract/text/translate.ts'
import type { Permission } from '../../../../../contract/grants.ts'
import type { GridChange, Scope } from '../permission-grid.ts'
import styles from '../token-page.module.css'

interface ChangeMarkProps {
  /** Those of the connection. */
  changes: readonly GridChange[]
  scope: Scope
  permission: Permission
}

/** Marks a box whose permission isn't as saved. */
export function ChangeMark({ changes, scope: { limit, resource }, permission }: ChangeMarkProps) {
  const change = changes.find(
    (one) => one.permission === permission && one.scope.limit === limit && one.scope.resource === resource,
  )
  if (change === undefined) return null
  const { given } = change
  return (
    <span className={styles.mark} data-given={given}>
      <span aria-hidden>{given ? '+' : '−'}</span>
      <span className="hp-hidden">{given ? t`Not saved: added` : t`Not saved: removed`}</span>
    </span>
  )
}
