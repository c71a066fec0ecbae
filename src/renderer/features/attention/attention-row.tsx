import type { ReactNode } from 'react'
import { rich } from '../../lib/rich.ts'
import { plural, t } from '../../../contract/text/translate.ts'
import type { AttentionItem } from '../../../contract/owner-api/attention-api.ts'
import { formatExact, formatMoment } from '../../lib/format.ts'
import styles from './attention.module.css'
import { ItemAction } from './item-action.tsx'

/** One item: a shape, a sentence, how often and since when, and its action. */
export function AttentionRow({ item, children }: { item: AttentionItem; children?: ReactNode }) {
  return (
    <li className={styles.item} data-group={item.group} data-item={item.id} tabIndex={-1}>
      <GroupMark group={item.group} />
      <span className={styles.sentence}>
        {item.sentence} <Facts item={item} />
      </span>
      <span className={styles.actions}>
        <ItemAction item={item} />
        {children}
      </span>
    </li>
  )
}

function Facts({ item: { kind, count, since, snoozed_until: until } }: { item: AttentionItem }) {
  const time = since !== null && (
    <time dateTime={since} title={formatExact(since)}>
      {formatMoment(since)}
    </time>
  )
  return (
    <span className={styles.facts}>
      {count !== null && <>{t`${plural(count, '# request', '# requests')}`} </>}
      {time !== false && <>{kind === 'token_expiring' ? rich`Expires ${time}` : rich`since ${time}`}</>}
      {until !== null &&
        ` · ${until === 'changed' ? t`snoozed until it changes` : t`snoozed until ${formatMoment(until)}`}`}
    </span>
  )
}

const WORDS: Record<AttentionItem['group'], string> = { decide: t`Decide`, broken: t`Broken`, watch: t`Watch` }

export function groupWord(group: AttentionItem['group']): string {
  return WORDS[group]
}

function GroupMark({ group }: { group: AttentionItem['group'] }) {
  return (
    <svg viewBox="0 0 12 12" width={13} height={13} role="img" aria-label={WORDS[group]} className={styles.mark}>
      {group === 'decide' && <path d="M6 0.8 11.2 6 6 11.2 0.8 6z" fill="currentColor" />}
      {group === 'broken' && (
        <path d="M3 1.2 6 4.2l3-3L10.8 3l-3 3 3 3L9 10.8l-3-3-3 3L1.2 9l3-3-3-3z" fill="currentColor" />
      )}
      {group === 'watch' && <circle cx={6} cy={6} r={4.2} fill="none" stroke="currentColor" strokeWidth={1.8} />}
    </svg>
  )
}
