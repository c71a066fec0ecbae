import { SegmentedControl, Text } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '../../../contract/text/translate.ts'
import type { AttentionItem } from '../../../contract/owner-api/attention-api.ts'
import { ATTENTION_GROUPS } from '../../../contract/owner-api/attention-kinds.ts'
import { useApi } from '../../lib/api.tsx'
import { formatNumber } from '../../lib/format.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Loading } from '../../ui/loading/loading.tsx'
import { SkeletonRows } from '../../ui/loading/skeleton-rows.tsx'
import { Page } from '../../ui/page.tsx'
import styles from './attention.module.css'
import { groupWord } from './group-mark.tsx'
import { AttentionRow } from './attention-row.tsx'
import { SnoozeMenu } from './snooze-menu.tsx'
import { useAttention } from './use-attention.ts'
import { useShownItem } from './use-shown-item.ts'

/** What needs the owner: one item for each cause, with one action. */
export function AttentionScreen() {
  const { query } = useApi()
  const [state, setState] = useState<'open' | 'snoozed'>('open')
  const open = useAttention()
  const snoozed = useQuery(query.attention.list.queryOptions({ input: { state: 'snoozed' }, refetchInterval: 30_000 }))
  const { item: wanted } = useSearch({ from: '/attention' })
  useShownItem(wanted, { open: open.data, snoozed: snoozed.data }, setState)
  const [openCount, snoozedCount] = [open.data?.length, snoozed.data?.length]
  return (
    <Page
      title={t`Attention`}
      hint={t`What needs you, and what to do about it.`}
      actions={
        <SegmentedControl
          size="xs"
          aria-label={t`State`}
          value={state}
          onChange={(value) => setState(value as typeof state)}
          data={[
            { value: 'open', label: openCount === undefined ? t`Open` : t`Open ${formatNumber(openCount)}` },
            {
              value: 'snoozed',
              label: snoozedCount === undefined ? t`Snoozed` : t`Snoozed ${formatNumber(snoozedCount)}`,
            },
          ]}
        />
      }
    >
      {wanted !== undefined && isClosed(wanted, open.data, snoozed.data) && (
        <Text role="status" mb="sm">{t`This item is no longer open.`}</Text>
      )}
      <Loading query={state === 'open' ? open : snoozed} skeleton={<SkeletonRows />}>
        {(items) => <Items items={items} state={state} />}
      </Loading>
    </Page>
  )
}

function Items({ items: all, state }: { items: readonly AttentionItem[]; state: 'open' | 'snoozed' }) {
  return (
    <>
      {all.length === 0 && (
        <EmptyState
          icon={<IconCircleCheck size={36} stroke={1.4} />}
          title={state === 'open' ? t`Nothing needs you` : t`Nothing is snoozed`}
        >{t`Downtime, reviews, expiring tokens and repeated denials appear here.`}</EmptyState>
      )}
      {ATTENTION_GROUPS.map((group) => {
        const items = all.filter((item) => item.group === group)
        if (items.length === 0) return null
        return (
          <section key={group} className={styles.group} aria-label={groupWord(group)}>
            <h2>{groupWord(group)}</h2>
            <ul className={styles.items}>
              {items.map((item) => (
                <AttentionRow key={item.id} item={item}>
                  <SnoozeMenu item={item} />
                </AttentionRow>
              ))}
            </ul>
          </section>
        )
      })}
    </>
  )
}

function isClosed(id: string, ...lists: (readonly AttentionItem[] | undefined)[]): boolean {
  return lists.every((list) => list?.every((item) => item.id !== id))
}
