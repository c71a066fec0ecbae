import { t } from '../../../../../contract/text/translate.ts'
import type { Grant, Permission } from '../../../../../contract/grants.ts'
import { linesOf, type Scope } from '../permission-grid.ts'
import styles from '../token-page.module.css'

interface ChangeMarkProps {
  grants: readonly Grant[]
  saved: readonly Grant[] | undefined
  connection: string
  scope: Scope
  permission: Permission
}

/** Marks a box whose permission isn't as saved. */
export function ChangeMark({ grants, saved, connection, scope, permission }: ChangeMarkProps) {
  if (saved === undefined || saved === grants) return null
  const isHeld = (all: readonly Grant[]): boolean =>
    linesOf(all, connection).some(
      (line) =>
        line.scope.limit === scope.limit && line.scope.resource === scope.resource && line.held.includes(permission),
    )
  const held = isHeld(grants)
  if (held === isHeld(saved)) return null
  return (
    <span className={styles.mark} data-given={held}>
      <span aria-hidden>{held ? '+' : '−'}</span>
      <span className="hp-hidden">{held ? t`Not saved: added` : t`Not saved: removed`}</span>
    </span>
  )
}
