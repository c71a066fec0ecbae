import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { t } from '../../../../contract/text/translate.ts'
import { useApi } from '../../../lib/api.tsx'
import { formatNumber } from '../../../lib/format.ts'
import type { LogFilter } from '../log-filter.ts'

/** Counting stops here. */
const MAX_COUNTED = 500

/** How often the same cause occurred in 24 h, with a way to those requests. */
export function LikeThis({ cause, onFilter }: { cause: string; onFilter: (filter: LogFilter) => void }) {
  const { query } = useApi()
  const { data } = useQuery(
    query.requests.list.queryOptions({ input: { cause, since: '24h', limit: MAX_COUNTED }, staleTime: 0 }),
  )
  if (data === undefined) return null
  const count = data.length < MAX_COUNTED ? formatNumber(data.length) : t`${formatNumber(MAX_COUNTED)} or more`
  return (
    <Button variant="default" size="xs" onClick={() => onFilter({ cause, time: '24h' })}>
      {t`${count} like this in 24 h`}
    </Button>
  )
}
