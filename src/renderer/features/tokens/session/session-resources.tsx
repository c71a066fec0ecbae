import { TagsInput, type TagsInputProps } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { t } from '../../../../contract/text/translate.ts'
import type { ConnectionRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { isDocument } from '../new/token-draft.ts'

interface SessionResourcesProps {
  field: Pick<TagsInputProps, 'classNames' | 'inputWrapperOrder'>
  connection: ConnectionRecord
  value: string[]
  onChange: (value: string[]) => void
}

/** Tables of a document, or paths of an HTTP API. */
export function SessionResources({ field, connection, value, onChange }: SessionResourcesProps) {
  const { query } = useApi()
  const document = isDocument(connection)
  const { data, isError } = useQuery(
    query.connections.tables.queryOptions({
      input: { name: connection.name },
      enabled: document,
      retry: false,
      staleTime: 0,
      meta: { asksUpstream: true },
    }),
  )
  return (
    <TagsInput
      {...field}
      label={document ? t`Limited to tables` : t`Limited to paths`}
      description={descriptionOf(document, isError)}
      data={data ?? []}
      value={value}
      onChange={onChange}
      acceptValueOnBlur
    />
  )
}

function descriptionOf(document: boolean, isError: boolean): string {
  if (!document) return t`Leave empty for all paths. A path such as /listings/* covers what is below it.`
  return isError ? t`Couldn't load the tables. Enter their names.` : t`Leave empty for all tables.`
}
