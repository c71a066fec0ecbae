import { Button } from '@mantine/core'
import { useState, type KeyboardEvent } from 'react'
import { t } from '../../../contract/text/translate.ts'
import type { AttentionItem } from '../../../contract/owner-api/attention-api.ts'
import { ATTENTION_GROUPS } from '../../../contract/owner-api/attention-kinds.ts'
import { formatNumber } from '../../lib/format.ts'
import { useIsLost } from '../../lib/live.tsx'
import styles from './attention.module.css'
import { AttentionRow } from './attention-row.tsx'
import { foldItems, kindWord, type Fold } from './fold-items.ts'
import { groupWord } from './group-mark.tsx'
import { ItemMenu } from './item-menu.tsx'
import { inAnHour, useSnooze } from './use-snooze.ts'

const LETTERS = JSON.stringify([{ key: 's', label: t`Snooze the item for 1 hour` }])

/** Items by urgency, and many alike folded. Enter acts on the item that has the focus, and S snoozes it. */
export function AttentionList({ items, wanted }: { items: readonly AttentionItem[]; wanted?: string | undefined }) {
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set())
  const { snooze } = useSnooze()
  const isLost = useIsLost()
  const maySnooze = (item: AttentionItem | undefined): item is AttentionItem =>
    !isLost && item?.snoozed_until === null && item.ended_at === null

  function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof Element)) return
    const row = event.target.closest<HTMLElement>('[data-item]')
    const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-item]')]
    if (row === null) return
    const at = rows.indexOf(row)
    const key = event.key.toLowerCase()
    const item = items.find(({ id }) => id === row.dataset['item'])
    if (key === 'arrowdown' || key === 'j') rows[at + 1]?.focus()
    else if (key === 'arrowup' || key === 'k') rows[at - 1]?.focus()
    else if (key === 'enter' && event.target === row) row.querySelector<HTMLElement>('[data-act]')?.click()
    else if (key === 's' && !event.repeat && maySnooze(item)) {
      // The row is about to leave, and the focus with it.
      ;(rows[at + 1] ?? rows[at - 1])?.focus()
      snooze(item, inAnHour())
    } else return
    event.preventDefault()
  }

  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys of whichever row has the focus
    <div
      role="group"
      aria-label={t`Items`}
      onKeyDown={onKeyDown}
      data-items
      {...(items.some(maySnooze) ? { 'data-letters': LETTERS } : {})}
    >
      {sectionsOf(items).map(({ key, label, folds }) => (
        <section key={key} className={styles.group} aria-label={label}>
          <h2>{label}</h2>
          <ul className={styles.items}>
            {folds.map((fold) => (
              <FoldRows
                key={fold.key}
                fold={fold}
                isUnfolded={unfolded.has(fold.key) || fold.items.some(({ id }) => id === wanted)}
                onUnfold={() => setUnfolded((known) => new Set(known).add(fold.key))}
              />
            ))}
          </ul>
        </section>
      ))}
    </div>
  )
}

/** Resolved items stay in the order of their end. */
function sectionsOf(items: readonly AttentionItem[]) {
  if (items.some(({ ended_at: ended }) => ended !== null))
    return [{ key: 'resolved', label: t`Resolved`, folds: foldItems(items, items.length) }]
  return ATTENTION_GROUPS.map((group) => ({
    key: group as string,
    label: groupWord(group),
    folds: foldItems(
      items.filter((item) => item.group === group),
      items.length,
    ),
  })).filter(({ folds }) => folds.length > 0)
}

function FoldRows(props: { fold: Fold; isUnfolded: boolean; onUnfold: () => void }) {
  const { fold, isUnfolded, onUnfold } = props
  const { items, shown, kind, project } = fold
  const visible = isUnfolded ? items : items.slice(0, shown)
  return (
    <>
      {visible.map((item) => (
        <AttentionRow key={item.id} item={item}>
          <ItemMenu item={item} />
        </AttentionRow>
      ))}
      {visible.length < items.length && (
        <li className={styles.fold}>
          <span>{project === null ? kindWord(kind) : t`${kindWord(kind)} in ${project}`}</span>
          <Button
            size="compact-xs"
            variant="default"
            onClick={(event) => {
              // The button is about to leave, and the focus with it.
              const last = event.currentTarget.closest('li')?.previousElementSibling
              if (last instanceof HTMLElement) last.focus()
              onUnfold()
            }}
          >
            {t`Show all ${formatNumber(items.length)}`}
          </Button>
        </li>
      )}
    </>
  )
}
