import { Stack } from '@mantine/core'
import { IconHandStop } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { t } from '../../../contract/text/translate.ts'
import { useApi } from '../../lib/api.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Page } from '../../ui/page.tsx'
import { ApprovalCard } from './approval-card.tsx'

export function ApprovalsScreen() {
  const { query } = useApi()
  const { data: approvals } = useQuery(query.approvals.list.queryOptions())
  return (
    <Page
      title={t`Approvals`}
      hint={t`Requests that need your approval. Requests without an answer are denied automatically.`}
    >
      {approvals?.length === 0 && (
        <EmptyState
          icon={<IconHandStop size={36} stroke={1.4} />}
          title={t`No pending approvals`}
        >{t`When an agent needs your approval, the request appears here and in the tray.`}</EmptyState>
      )}
      <Stack gap="sm" maw={760} aria-live="polite">
        {approvals?.map((approval) => (
          <ApprovalCard key={approval.id} approval={approval} />
        ))}
      </Stack>
    </Page>
  )
}
