import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { TokenRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { counted } from '../../lib/format.ts'

/** Says what ends with the token: "Revokes 2 session tokens and interrupts 1 running request." */
export function TokenEffect({ token }: { token: TokenRecord }) {
  const { query } = useApi()
  const { data } = useQuery(
    query.tokens.dependents.queryOptions({ input: { project: token.project, name: token.name }, staleTime: 0 }),
  )
  if (data === undefined)
    return (
      <Text size="sm" c="dimmed">
        Counting what depends on it
      </Text>
    )
  const parts = [
    ...(data.sessions > 0
      ? [`${counted(data.sessions, 'session token')} ${data.sessions === 1 ? 'ends' : 'end'} now`]
      : []),
    ...(data.requests_running > 0
      ? [`${counted(data.requests_running, 'request')} in flight ${data.requests_running === 1 ? 'is' : 'are'} cut off`]
      : []),
  ]
  return (
    <Text size="sm">
      {parts.length === 0 ? 'No session token and no running request depends on it.' : `${parts.join(', ')}.`}
    </Text>
  )
}
