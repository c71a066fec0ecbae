import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { t } from '../../../../contract/text/translate.ts'
import { useApi } from '../../../lib/api.tsx'
import { callErrorOf } from '../../../lib/call-error.ts'
import { Page } from '../../../ui/page.tsx'
import { RequestDetails } from './request-details.tsx'
import { requestTitle } from './request-title.ts'

/** How often a running request is looked up again. */
const RUNNING_MS = 2500

/** One request by itself, with an address that can be kept. */
export function RequestScreen() {
  const { id } = useParams({ from: '/requests/$id' })
  const { query } = useApi()
  const navigate = useNavigate()
  const { data: row, error } = useQuery(
    query.requests.get.queryOptions({
      input: { id: Number(id) },
      retry: false,
      refetchInterval: ({ state }) => (state.data?.status === null ? RUNNING_MS : false),
    }),
  )
  if (row === undefined)
    return (
      <Page title={t`Request ${id}`}>
        {error === null ? t`Loading…` : <Text role="alert">{failureText(callErrorOf(error))}</Text>}
      </Page>
    )
  return (
    <Page title={requestTitle(row)}>
      <RequestDetails row={row} level={2} onFilter={(filter) => void navigate({ to: '/log', search: filter })} />
    </Page>
  )
}

function failureText({ code, sentence }: ReturnType<typeof callErrorOf>): string {
  return code === 'NOT_FOUND' || code === 'INVALID_REQUEST' ? t`This request is no longer in the log.` : sentence
}
