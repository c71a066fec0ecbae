import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { Found } from '../../../contract/owner-api/search-api.ts'
import { useApi } from '../../lib/api.tsx'
import { useLink } from '../../lib/live.tsx'

const NOTHING: readonly Found[] = []

/** What Hallpass has by that name. Without an engine, nothing. */
export function usePaletteSearch(text: string, limit?: number): readonly Found[] {
  const { query } = useApi()
  const link = useLink()
  const sought = text.trim().slice(0, 200)
  const enabled = sought !== '' && link.state === 'live'
  const { data } = useQuery(
    query.search.queryOptions({
      input: { text: sought === '' ? ' ' : sought, ...(limit === undefined ? {} : { limit }) },
      enabled,
      // Names change without a notice of their own.
      staleTime: 0,
      placeholderData: keepPreviousData,
    }),
  )
  return enabled && data !== undefined ? data : NOTHING
}
