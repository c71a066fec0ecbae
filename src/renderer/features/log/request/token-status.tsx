import { Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { t } from '../../../../contract/text/translate.ts'
import type { RequestRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { callErrorOf } from '../../../lib/call-error.ts'
import { Countdown } from '../../../ui/instant.tsx'
import { StatusLabel } from '../../../ui/status-label.tsx'

/** The token's current state, whatever it was at the time of the request. */
export function TokenStatus({ row }: { row: RequestRecord }) {
  if (row.token === null || row.project === null) return <>{t`Unknown`}</>
  if (row.token_kind === 'session') return <SessionStatus project={row.project} id={row.token} />
  return <NamedTokenStatus project={row.project} name={row.token} />
}

function Active({ until }: { until: string | null }) {
  return (
    <Group gap={8}>
      <StatusLabel tone="ok">{t`Active`}</StatusLabel>
      {until === null ? (
        t`no expiry`
      ) : (
        <span>
          <Countdown before={t`expires in`} instant={until} />
        </span>
      )}
    </Group>
  )
}

function SessionStatus({ project, id }: { project: string; id: string }) {
  const { query } = useApi()
  const { data, error } = useQuery(query.sessions.list.queryOptions({ input: { project } }))
  if (error !== null) return <>{callErrorOf(error).sentence}</>
  if (data === undefined) return <>…</>
  const session = data.find((each) => each.id === id)
  if (session === undefined) return <StatusLabel tone="none">{t`Expired or revoked`}</StatusLabel>
  return <Active until={session.expires_at} />
}

function NamedTokenStatus({ project, name }: { project: string; name: string }) {
  const { query } = useApi()
  const { data, error } = useQuery(query.tokens.list.queryOptions({ input: { project } }))
  if (error !== null) return <>{callErrorOf(error).sentence}</>
  if (data === undefined) return <>…</>
  const token = data.find((each) => each.name === name)
  if (token === undefined) return <StatusLabel tone="none">{t`Deleted`}</StatusLabel>
  if (token.status !== 'active') return <StatusLabel tone="bad">{token.status}</StatusLabel>
  return <Active until={token.expires_at} />
}
