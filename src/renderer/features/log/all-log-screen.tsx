import { useSearch } from '@tanstack/react-router'
import { t } from '../../../contract/text/translate.ts'
import { Page } from '../../ui/page.tsx'
import { RequestLog } from './request-log.tsx'

/** The live log of all projects. */
export function AllLogScreen() {
  const filter = useSearch({ from: '/log' })
  return (
    <Page title={t`Log`} hint={t`Who did what, with which permission, and how it ended.`} fill>
      <RequestLog filter={filter} />
    </Page>
  )
}
