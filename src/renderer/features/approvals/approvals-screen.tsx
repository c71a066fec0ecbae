import { Stack } from '@mantine/core'
import { IconHandStop } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { t } from '../../../contract/text/translate.ts'
import { useApi } from '../../lib/api.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Loading } from '../../ui/loading/loading.tsx'
import { SkeletonRows } from '../../ui/loading/skeleton-rows.tsx'
import { Page } from '../../ui/page.tsx'
import { ApprovalCard } from './approval-card.tsx'

export function ApprovalsScreen() {
  const { query } = useApi()
  const waiting = useQuery(query.approvals.list.queryOptions())
  return (
    <Page title={t`Approvals`} hint={t`Requests that need your approval.`}>
      <Loading query={waiting} skeleton={<SkeletonRows />}>
        {(approvals) => (
          <>
            {approvals.length === 0 && (
              <EmptyState
                icon={<IconHandStop size={36} stroke={1.4} />}
                title={t`No pending approvals`}
              >{t`No request needs an approval in this version. What a token can do is set on its page.`}</EmptyState>
            )}
            <Stack gap="sm" maw={760} aria-live="polite">
              {approvals.map((approval, place) => (
                <ApprovalCard key={approval.id} approval={approval} place={place} />
              ))}
            </Stack>
          </>
        )}
      </Loading>
    </Page>
  )
}
