import type { AttentionItem } from '../../../contract/owner-api/attention-api.ts'
import { t } from '../../../contract/text/translate.ts'
import styles from './group-mark.module.css'

type Group = AttentionItem['group']

const WORDS: Record<Group, string> = { decide: t`Decide`, broken: t`Broken`, watch: t`Watch` }

export function groupWord(group: Group): string {
  return WORDS[group]
}

/** The shape of a group of attention items, named for screen readers. */
export function GroupMark({ group }: { group: Group }) {
  return (
    <svg
      viewBox="0 0 12 12"
      width={13}
      height={13}
      role="img"
      aria-label={WORDS[group]}
      className={styles.mark}
      data-group={group}
    >
      {group === 'decide' && <path d="M6 0.8 11.2 6 6 11.2 0.8 6z" fill="currentColor" />}
      {group === 'broken' && (
        <path d="M3 1.2 6 4.2l3-3L10.8 3l-3 3 3 3L9 10.8l-3-3-3 3L1.2 9l3-3-3-3z" fill="currentColor" />
      )}
      {group === 'watch' && <circle cx={6} cy={6} r={4.2} fill="none" stroke="currentColor" strokeWidth={1.8} />}
    </svg>
  )
}
