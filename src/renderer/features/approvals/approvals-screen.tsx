import { Stack } from '@mantine/core'
import { IconHandStop } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useApi } from '../../lib/api.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Page } from '../../ui/page.tsx'
import { ApprovalCard } from './approval-card.tsx'

export function ApprovalsScreen() {
  const { query } = useApi()
  const { data: approvals } = useQuery(query.approvals.list.queryOptions())
  return (
    <Page
      title="Approvals"
      hint="Requests that wait for your word. One that nobody answers is refused when its time is over."
    >
      {approvals?.length === 0 && (
        <EmptyState icon={<IconHandStop size={36} stroke={1.4} />} title="Nothing waits">
          When an agent asks for something that needs your word, it stands here and in the tray, with what it asks for
          and why.
        </EmptyState>
      )}
      <Stack gap="sm" maw={760} aria-live="polite">
        {approvals?.map((approval) => (
          <ApprovalCard key={approval.id} approval={approval} />
        ))}
      </Stack>
    </Page>
  )
}
