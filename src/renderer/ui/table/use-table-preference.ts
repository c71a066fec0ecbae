import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { Preferences } from '../../../contract/owner-api/screens/preferences-api.ts'
import { useFailure } from '../failure.tsx'
import { useApi } from '../../lib/api.tsx'

/**
 * Returns what the engine remembers of a table, undefined if nothing, and a function that changes it. The screen follows at
 * once, and other windows when the engine has it.
 */
export function useTablePreference<Part extends 'sort' | 'columns'>(
  part: Part,
  table: string,
): [Preferences[Part][string] | undefined, (value: Preferences[Part][string]) => void] {
  const { owner, query } = useApi()
  const queries = useQueryClient()
  const failure = useFailure()
  const { data } = useQuery(query.preferences.get.queryOptions())
  const change = (value: Preferences[Part][string]): void => {
    queries.setQueryData(query.preferences.get.queryKey(), (before) =>
      before === undefined ? before : { ...before, [part]: { ...before[part], [table]: value } },
    )
    owner.preferences.set({ [part]: { [table]: value } }).catch(failure)
  }
  return [data?.[part][table] as Preferences[Part][string] | undefined, change]
}
