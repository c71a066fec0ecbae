import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { plural, t } from '../../../../contract/text/translate.ts'
import { tokenNameSchema } from '../../../../contract/names.ts'
import type { TokenRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'

/** The configuration of every client is read for it. */
const ASK_AFTER_MS = 300

/** Says what ends and what must be repaired if the token gets the name that is typed. */
export function RenameEffect({ token: { project, name, revision }, next }: { token: TokenRecord; next: string }) {
  const { query } = useApi()
  const [asked] = useDebouncedValue(next, ASK_AFTER_MS)
  const { data } = useQuery(
    query.tokens.previewUpdate.queryOptions({
      input: { project, name, revision, set: { name: asked } },
      enabled: asked !== name && tokenNameSchema.safeParse(asked).success,
      placeholderData: keepPreviousData,
      staleTime: 0,
      retry: false,
    }),
  )
  if (data === undefined || next === name) return null
  const { sessions_ended: ended, entries_drifted: clients } = data
  return [
    ...(ended.length === 0 ? [] : [t`Ends ${plural(ended.length, '# session token', '# session tokens')}.`]),
    ...clients.map((client) => t`${client} connects by this name and must be repaired afterward.`),
  ].join(' ')
}
