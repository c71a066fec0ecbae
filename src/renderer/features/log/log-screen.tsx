import { useParams, useSearch } from '@tanstack/react-router'
import { Page } from '../../ui/page.tsx'
import { RequestsChart } from '../activity/requests-chart.tsx'
import { RequestLog } from './request-log.tsx'

/** A project's live log, with a small chart of the last hour. */
export function LogScreen() {
  const { project } = useParams({ from: '/projects/$project/log' })
  const filter = useSearch({ from: '/projects/$project/log' })
  return (
    <Page title="Log" actions={<RequestsChart project={project} compact />} fill>
      <RequestLog project={project} filter={filter} />
    </Page>
  )
}
