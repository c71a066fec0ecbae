import { Anchor, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { t } from '../../../../../contract/text/translate.ts'
import type { TokenRecord } from '../../../../../contract/records.ts'
import { useApi } from '../../../../lib/api.tsx'
import { formatExact, formatMoment } from '../../../../lib/format.ts'
import { ownerActionText } from '../../../../lib/owner-action-text.ts'
import { Loading } from '../../../../ui/loading/loading.tsx'
import { SkeletonRows } from '../../../../ui/loading/skeleton-rows.tsx'
import { ChangedFields } from '../../../log/request/changed-fields.tsx'
import { useWhenRowsCame } from '../../../activity/use-when-rows-came.ts'
import styles from './tabs.module.css'

/** What the owner changed of the token, before and after. */
export function HistoryTab({ token: { project, name } }: { token: TokenRecord }) {
  const { query } = useApi()
  const history = useQuery(query.tokens.history.queryOptions({ input: { project, name } }))
  useWhenRowsCame(history.refetch)
  return (
    <Loading query={history} skeleton={<SkeletonRows rows={4} />}>
      {({ rows, complete }) => (
        <>
          {rows.length === 0 && (
            <Text size="sm" c="dimmed">{t`No changes in the log. It keeps them as long as its other rows.`}</Text>
          )}
          <ol className={styles.history} aria-label={t`Changes of ${name}`}>
            {rows.map((row) => (
              <li key={row.id}>
                <div className={styles.headline}>
                  <time dateTime={row.time} title={formatExact(row.time)}>
                    {formatMoment(row.time)}
                  </time>
                  <Anchor
                    fz="inherit"
                    renderRoot={(root) => <Link {...root} to="/requests/$id" params={{ id: String(row.id) }} />}
                  >
                    {ownerActionText(row.method)}
                  </Anchor>
                </div>
                {row.change !== null && <ChangedFields change={row.change} />}
              </li>
            ))}
          </ol>
          {!complete && <Text size="sm" c="dimmed">{t`Older changes are in the log.`}</Text>}
        </>
      )}
    </Loading>
  )
}
