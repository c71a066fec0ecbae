import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { t } from '../../../contract/text/translate.ts'
import type { TokenRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { revokeEffects } from '../../ui/dependents-list.tsx'

/** Says what ends with the token: "Revokes 2 session tokens and interrupts 1 running request." */
export function TokenEffect({ token }: { token: TokenRecord }) {
  const { query } = useApi()
  const { data } = useQuery(
    query.tokens.dependents.queryOptions({ input: { project: token.project, name: token.name }, staleTime: 0 }),
  )
  if (data === undefined) return <Text size="sm" c="dimmed">{t`Checking what's affected…`}</Text>
  return <Text size="sm">{revokeEffects(data.sessions, data.requests_running)}</Text>
}
