import type { ReactNode } from 'react'
import { rich } from '../../lib/rich.ts'
import { plural, t } from '../../../contract/text/translate.ts'
import type { AttentionItem } from '../../../contract/owner-api/attention-api.ts'
import { formatExact, formatMoment } from '../../lib/format.ts'
import { GroupMark } from './group-mark.tsx'
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
        {item.ended_at === null && <ItemAction item={item} />}
        {children}
      </span>
    </li>
  )
}

function Facts({ item: { kind, count, since, snoozed_until: until, ended_at: ended } }: { item: AttentionItem }) {
  const time = since !== null && (
    <time dateTime={since} title={formatExact(since)}>
      {formatMoment(since)}
    </time>
  )
  return (
    <span className={styles.facts}>
      {count !== null && <>{t`${plural(count, '# request', '# requests')}`} </>}
      {time !== false && <>{kind === 'token_expiring' ? rich`Expires ${time}` : rich`since ${time}`}</>}
      {ended !== null && (
        <>
          {' '}
          {rich`resolved ${(
            <time dateTime={ended} title={formatExact(ended)}>
              {formatMoment(ended)}
            </time>
          )}`}
        </>
      )}
      {until !== null &&
        ` · ${until === 'changed' ? t`snoozed until it changes` : t`snoozed until ${formatMoment(until)}`}`}
    </span>
  )
}
