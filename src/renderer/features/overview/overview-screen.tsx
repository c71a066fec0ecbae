import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useApi } from '../../lib/api.tsx'
import { counted } from '../../lib/format.ts'
import { Page } from '../../ui/page.tsx'
import { useAttention } from '../attention/use-attention.ts'
import { ActiveNow } from './active-now.tsx'
import { NeedsYou } from './needs-you.tsx'
import { OwnerChanges } from './owner-changes.tsx'
import { TodayFigures } from './today-figures.tsx'
import { useActiveCallers } from './use-active-callers.ts'

/** Home: what needs the owner, who is active, today's figures and the last changes. */
export function OverviewScreen() {
  const { query } = useApi()
  const { data: status } = useQuery(query.status.queryOptions())
  const { data: open } = useAttention()
  const { data: active } = useActiveCallers()
  const attention =
    open === undefined
      ? null
      : open.length === 0
        ? 'Nothing needs you.'
        : `${counted(open.length, 'thing')} need${open.length === 1 ? 's' : ''} you.`
  return (
    <Page
      title="Overview"
      hint={
        <>
          {attention ?? ' '}{' '}
          {active !== undefined && active.length > 0 && `${counted(active.length, 'caller')} active.`}
        </>
      }
    >
      {status?.last_request_at === null && (
        <Button component={Link} to="/welcome" variant="default" mb="lg">
          Get started
        </Button>
      )}
      <NeedsYou />
      <ActiveNow paused={status?.paused === true} />
      <TodayFigures />
      <OwnerChanges />
    </Page>
  )
}
