import { Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { RequestRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { refusalOf } from '../../lib/refusal.ts'
import { Countdown } from '../../ui/instant.tsx'
import { StateWord } from '../../ui/state-word.tsx'

/** What the token of a row is now, whatever it was then. */
export function TokenNow({ row }: { row: RequestRecord }) {
  if (row.token === null || row.project === null) return <>None that is known</>
  if (row.token_kind === 'session') return <SessionNow project={row.project} id={row.token} />
  return <NamedTokenNow project={row.project} name={row.token} />
}

function Active({ until }: { until: string | null }) {
  return (
    <Group gap={8}>
      <StateWord tone="ok">active</StateWord>
      {until === null ? (
        'never ends'
      ) : (
        <span>
          <Countdown before="ends in" instant={until} />
        </span>
      )}
    </Group>
  )
}

function SessionNow({ project, id }: { project: string; id: string }) {
  const { query } = useApi()
  const { data, error } = useQuery(query.sessions.list.queryOptions({ input: { project } }))
  if (error !== null) return <>{refusalOf(error).sentence}</>
  if (data === undefined) return <>…</>
  const session = data.find((each) => each.id === id)
  if (session === undefined) return <StateWord tone="none">ended</StateWord>
  return <Active until={session.expires_at} />
}

function NamedTokenNow({ project, name }: { project: string; name: string }) {
  const { query } = useApi()
  const { data, error } = useQuery(query.tokens.list.queryOptions({ input: { project } }))
  if (error !== null) return <>{refusalOf(error).sentence}</>
  if (data === undefined) return <>…</>
  const token = data.find((each) => each.name === name)
  if (token === undefined) return <StateWord tone="none">deleted</StateWord>
  if (token.status !== 'active') return <StateWord tone="bad">{token.status}</StateWord>
  return <Active until={token.expires_at} />
}
