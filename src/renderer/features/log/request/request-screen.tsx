import { Anchor, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { t } from '../../../../contract/text/translate.ts'
import { useApi } from '../../../lib/api.tsx'
import { callErrorOf } from '../../../lib/call-error.ts'
import { rich } from '../../../lib/rich.ts'
import { Loading } from '../../../ui/loading/loading.tsx'
import { SkeletonRows } from '../../../ui/loading/skeleton-rows.tsx'
import { Page } from '../../../ui/page.tsx'
import { RequestDetails } from './request-details.tsx'
import { requestTitle } from './request-title.ts'

/** How often a running request is looked up again. */
const RUNNING_MS = 2500

/** One request by itself, with an address that can be kept. */
export function RequestScreen() {
  const { id } = useParams({ from: '/requests/$id' })
  const isId = /^\d{1,15}$/.test(id)
  const { query } = useApi()
  const navigate = useNavigate()
  const request = useQuery(
    query.requests.get.queryOptions({
      input: { id: isId ? Number(id) : 0 },
      enabled: isId,
      retry: false,
      refetchInterval: ({ state }) => (state.data?.status === null ? RUNNING_MS : false),
    }),
  )
  const { data: row, error } = request
  if (!isId)
    return (
      <Page title={t`Request`}>
        <Text role="alert">
          {rich`This address names no request. Choose one in ${<Anchor inherit renderRoot={(root) => <Link {...root} to="/log" />}>{t`the log`}</Anchor>}.`}
        </Text>
      </Page>
    )
  if (row === undefined)
    return (
      <Page title={t`Request ${id}`}>
        {error !== null && isGone(error) ? (
          <Text role="alert">{t`This request is no longer in the log.`}</Text>
        ) : (
          <Loading query={request} skeleton={<SkeletonRows rows={10} />}>
            {() => null}
          </Loading>
        )}
      </Page>
    )
  return (
    <Page title={requestTitle(row)}>
      <RequestDetails row={row} level={2} onFilter={(filter) => void navigate({ to: '/log', search: filter })} />
    </Page>
  )
}

function isGone(error: unknown): boolean {
  const { code } = callErrorOf(error)
  return code === 'NOT_FOUND' || code === 'INVALID_REQUEST'
}
