import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { RequestRecord } from '../../../contract/records.ts'
import { t } from '../../../contract/text/translate.ts'
import { useApi } from '../../lib/api.tsx'
import { formatMoment } from '../../lib/format.ts'
import { SkeletonRows } from '../../ui/loading/skeleton-rows.tsx'
import { changedFieldsText, ownerActionText } from '../../lib/owner-action-text.ts'
import { useWhenRowsCame } from '../activity/use-when-rows-came.ts'
import { Block, BlockContent } from './block.tsx'
import styles from './overview.module.css'

const MAX_SHOWN = 5

/** Which fields were changed. Rows about settings and connections name them already. */
function ChangedFieldsText({ row }: { row: RequestRecord }) {
  const text = row.project === null ? null : changedFieldsText(row.method, row.change)
  return text === null ? null : (
    <Text span c="dimmed" size="sm">
      {text}
    </Text>
  )
}

export function useOwnerChanges() {
  const { query } = useApi()
  const changes = useQuery(query.requests.list.queryOptions({ input: { owner_actions: 'only', limit: MAX_SHOWN } }))
  useWhenRowsCame(() => changes.refetch({ cancelRefetch: false }))
  return changes
}

/** What the owner changed last, from the log. */
export function OwnerChanges() {
  const changes = useOwnerChanges()
  return (
    <Block title={t`Changes`} more={[{ label: t`All changes`, requests: { actions: 'only' } }]}>
      <BlockContent query={changes} skeleton={<SkeletonRows rows={MAX_SHOWN} height={28} />}>
        {(rows) => (
          <>
            {rows.length === 0 && <Text c="dimmed" size="sm">{t`No changes yet.`}</Text>}
            <ul className={styles.changes}>
              {rows.map((row) => (
                <li key={row.id}>
                  <time dateTime={row.time}>{formatMoment(row.time)}</time>
                  <Link to="/requests/$id" params={{ id: String(row.id) }}>
                    {ownerActionText(row.method)}{' '}
                    {[row.project, row.connection, row.resource].filter((part) => part !== null).join(' › ')}
                  </Link>
                  <ChangedFieldsText row={row} />
                </li>
              ))}
            </ul>
          </>
        )}
      </BlockContent>
    </Block>
  )
}
