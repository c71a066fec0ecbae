import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { plural, t } from '../../../../contract/text/translate.ts'
import { tokenNameSchema } from '../../../../contract/names.ts'
import type { TokenRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'

/** Says what ends and what must be repaired if the token gets the name that is typed. */
export function RenameEffect({ token: { project, name, revision }, next }: { token: TokenRecord; next: string }) {
  const { query } = useApi()
  const { data } = useQuery(
    query.tokens.previewUpdate.queryOptions({
      input: { project, name, revision, set: { name: next } },
      enabled: next !== name && tokenNameSchema.safeParse(next).success,
      placeholderData: keepPreviousData,
      staleTime: 0,
      retry: false,
    }),
  )
  if (data === undefined) return null
  const { sessions_ended: ended, entries_drifted: clients } = data
  return [
    ...(ended.length === 0 ? [] : [t`Ends ${plural(ended.length, '# session token', '# session tokens')}.`]),
    ...clients.map((client) => t`${client} connects by this name and must be repaired afterward.`),
  ].join(' ')
}
