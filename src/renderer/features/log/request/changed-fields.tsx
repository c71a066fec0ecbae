import { t } from '../../../../contract/text/translate.ts'
import type { OwnerChange } from '../../../../contract/request-details.ts'
import { formatExact } from '../../../lib/format.ts'
import { changedFieldLabel } from '../../../lib/owner-action-text.ts'
import styles from '../log.module.css'

type Value = NonNullable<OwnerChange['before']>[string]

/** Returns the fields that an action changed, with what was before and after it. */
export function ChangedFields({ change: { before, after } }: { change: OwnerChange }) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  return (
    <dl className={styles.changed}>
      {names.map((name) => (
        <div key={name}>
          <dt>{changedFieldLabel(name)}</dt>
          {before !== null && (
            <dd>
              {after !== null && <span className={styles.sign}>{t`Before`}</span>}
              <del>{shown(before[name] ?? null)}</del>
            </dd>
          )}
          {after !== null && (
            <dd>
              {before !== null && <span className={styles.sign}>{t`After`}</span>}
              <ins>{shown(after[name] ?? null)}</ins>
            </dd>
          )}
        </div>
      ))}
    </dl>
  )
}

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

function shown(value: Value): string {
  if (value === null) return '–'
  if (typeof value === 'boolean') return value ? t`yes` : t`no`
  if (typeof value === 'string' && TIMESTAMP.test(value)) return formatExact(value)
  if (typeof value !== 'object') return String(value)
  return value.length === 0 ? '–' : value.join('\n')
}
