import { useParams, useSearch } from '@tanstack/react-router'
import { t } from '../../../contract/text/translate.ts'
import { Page } from '../../ui/page.tsx'
import { RequestLog } from './request-log.tsx'

/** A project's live log. */
export function LogScreen() {
  const { project } = useParams({ from: '/projects/$project/log' })
  const filter = useSearch({ from: '/projects/$project/log' })
  return (
    <Page title={t`Log`} fill>
      <RequestLog project={project} filter={filter} />
    </Page>
  )
}
