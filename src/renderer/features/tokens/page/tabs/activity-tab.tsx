import { Anchor, Table, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { t } from '../../../../../contract/text/translate.ts'
import type { RequestRecord, TokenRecord } from '../../../../../contract/records.ts'
import { useApi } from '../../../../lib/api.tsx'
import { formatDuration, formatExact, formatMoment } from '../../../../lib/format.ts'
import { VIEWER_TIME_ZONE } from '../../../../lib/now.ts'
import { Loading } from '../../../../ui/loading/loading.tsx'
import { SkeletonRows } from '../../../../ui/loading/skeleton-rows.tsx'
import { RequestsChart } from '../../../activity/chart/requests-chart.tsx'
import { LogLink } from '../../../activity/log-link.tsx'
import { useWhenRowsCame } from '../../../activity/use-when-rows-came.ts'
import { StatusMark } from '../../../log/status-mark.tsx'
import styles from './tabs.module.css'

const MAX_ROWS = 50

/** What the token did: a chart of its last 24 hours, then its last requests. */
export function ActivityTab({ token: { project, name } }: { token: TokenRecord }) {
  const { query } = useApi()
  const navigate = useNavigate()
  const summary = useQuery(
    query.requests.summary.queryOptions({
      input: { project, token: name, since: '24h', steps: 48, time_zone: VIEWER_TIME_ZONE },
      placeholderData: keepPreviousData,
    }),
  )
  const rows = useQuery(
    query.requests.scan.queryOptions({
      input: { project, token: name, limit: MAX_ROWS },
      placeholderData: keepPreviousData,
    }),
  )
  useWhenRowsCame(() => Promise.all([summary.refetch(), rows.refetch()]))
  const open = (span: { from: number; to: number }): void => {
    const times = { since: new Date(span.from).toISOString(), until: new Date(span.to).toISOString() }
    void navigate({ to: '/projects/$project/log', params: { project }, search: { token: name, ...times } })
  }
  return (
    <>
      <Loading query={summary} skeleton={<SkeletonRows rows={4} height={52} />}>
        {(data) => <RequestsChart summary={data} phrase={t`the last 24 hours`} onOpen={open} />}
      </Loading>
      <Loading query={rows} skeleton={<SkeletonRows rows={6} />}>
        {(data) =>
          data.rows.length === 0 ? (
            <Text size="sm" c="dimmed">{t`No requests yet. Denied ones leave a row too.`}</Text>
          ) : (
            <div className={styles.scroll}>
              <RowsTable name={name} rows={data.rows} />
              <LogLink project={project} search={{ token: name }}>{t`All requests in the log`}</LogLink>
            </div>
          )
        }
      </Loading>
    </>
  )
}

function RowsTable({ name, rows }: { name: string; rows: readonly RequestRecord[] }) {
  return (
    <Table className={styles.table} aria-label={t`Last requests of ${name}`}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t`Time`}</Table.Th>
          <Table.Th>{t`Request`}</Table.Th>
          <Table.Th>{t`On`}</Table.Th>
          <Table.Th>{t`Permission`}</Table.Th>
          <Table.Th>{t`Outcome`}</Table.Th>
          <Table.Th>{t`Took`}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={row.id} data-row={row.id}>
            <Table.Td>
              <Anchor
                fz="inherit"
                title={formatExact(row.time)}
                renderRoot={(root) => <Link {...root} to="/requests/$id" params={{ id: String(row.id) }} />}
              >
                {formatMoment(row.time)}
              </Anchor>
            </Table.Td>
            <Table.Td className="hp-mono">{row.method}</Table.Td>
            <Table.Td className={styles.text}>
              {[row.connection, row.resource].filter((part) => part !== null).join(' › ') || '–'}
            </Table.Td>
            <Table.Td>{row.permission ?? '–'}</Table.Td>
            <Table.Td>
              <StatusMark row={row} />
            </Table.Td>
            <Table.Td className="hp-tabular">{formatDuration(row.duration_ms)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
