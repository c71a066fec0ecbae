import { SegmentedControl, Text, TextInput } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '../../../contract/text/translate.ts'
import type { AttentionItem } from '../../../contract/owner-api/attention-api.ts'
import { useApi } from '../../lib/api.tsx'
import { formatNumber } from '../../lib/format.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Loading } from '../../ui/loading/loading.tsx'
import { SkeletonRows } from '../../ui/loading/skeleton-rows.tsx'
import { Page } from '../../ui/page.tsx'
import { AttentionList } from './attention-list.tsx'
import { useAttention } from './use-attention.ts'
import { useShownItem } from './use-shown-item.ts'

type State = 'open' | 'snoozed' | 'resolved'

const REFETCH_MS = 30_000

/** What needs the owner: one item for each cause, with one action. */
export function AttentionScreen() {
  const { query } = useApi()
  const [state, setState] = useState<State>('open')
  const [text, setText] = useState('')
  const list = (of: State) => query.attention.list.queryOptions({ input: { state: of }, refetchInterval: REFETCH_MS })
  const lists = { open: useAttention(), snoozed: useQuery(list('snoozed')), resolved: useQuery(list('resolved')) }
  const { item: wanted } = useSearch({ from: '/attention' })
  useShownItem(wanted, { open: lists.open.data, snoozed: lists.snoozed.data }, setState)
  return (
    <Page
      title={t`Attention`}
      hint={t`What needs you, and what to do about it.`}
      actions={
        <>
          <SegmentedControl
            size="xs"
            aria-label={t`State`}
            value={state}
            onChange={(value) => setState(value as State)}
            data={[
              { value: 'open', label: tabLabel('open', lists.open.data?.length) },
              { value: 'snoozed', label: tabLabel('snoozed', lists.snoozed.data?.length) },
              { value: 'resolved', label: tabLabel('resolved', lists.resolved.data?.length) },
            ]}
          />
          <TextInput
            size="xs"
            w={150}
            type="search"
            data-key="/"
            aria-label={t`Search items`}
            placeholder={t`Search`}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        </>
      }
    >
      {wanted !== undefined && isClosed(wanted, lists.open.data, lists.snoozed.data) && (
        <Text role="status" mb="sm">{t`This item is no longer open.`}</Text>
      )}
      <Loading query={lists[state]} skeleton={<SkeletonRows />}>
        {(items) => {
          const found = items.filter((item) => matches(item, text))
          if (items.length === 0)
            return (
              <EmptyState
                icon={<IconCircleCheck size={36} stroke={1.4} />}
                title={emptyTitle(state)}
              >{t`Downtime, reviews, expiring tokens and repeated denials appear here.`}</EmptyState>
            )
          if (found.length === 0) return <Text c="dimmed" size="sm">{t`No results`}</Text>
          return <AttentionList key={state} items={found} wanted={wanted} />
        }}
      </Loading>
    </Page>
  )
}

function tabLabel(state: State, count: number | undefined): string {
  switch (state) {
    case 'open':
      return count === undefined ? t`Open` : t`Open ${formatNumber(count)}`
    case 'snoozed':
      return count === undefined ? t`Snoozed` : t`Snoozed ${formatNumber(count)}`
    case 'resolved':
      return count === undefined ? t`Resolved` : t`Resolved ${formatNumber(count)}`
  }
}

function emptyTitle(state: State): string {
  switch (state) {
    case 'open':
      return t`Nothing needs you`
    case 'snoozed':
      return t`Nothing is snoozed`
    case 'resolved':
      return t`Nothing was resolved in the last 30 days`
  }
}

function matches({ sentence, subject }: AttentionItem, text: string): boolean {
  const words = [sentence, subject.project, subject.token, subject.connection].join(' ').toLowerCase()
  return words.includes(text.trim().toLowerCase())
}

function isClosed(id: string, ...lists: (readonly AttentionItem[] | undefined)[]): boolean {
  return lists.every((list) => list?.every((item) => item.id !== id))
}
