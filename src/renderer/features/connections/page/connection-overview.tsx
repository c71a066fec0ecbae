import { Anchor } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { plural, t } from '../../../../contract/text/translate.ts'
import type { ConnectionRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { formatDuration, formatMoment, formatNumber } from '../../../lib/format.ts'
import { VIEWER_TIME_ZONE } from '../../../lib/now.ts'
import { Ago } from '../../../ui/instant.tsx'
import { Sparkline } from '../../../ui/sparkline.tsx'
import { KIND_LABELS, secretLocation } from '../connection-kinds.ts'
import styles from './connection-page.module.css'

const FAILURES = 5
/** No topic announces requests, so the figures of an open page are fetched again this often. */
const REFETCH_MS = 60_000

/** Figures and the last failures. */
export function ConnectionOverview({ project, connection }: { project: string; connection: ConnectionRecord }) {
  const { name, kind, target, health, secret, secret_set_at: secretSetAt, last_used_at: lastUsed } = connection
  return (
    <>
      <dl className={styles.dl}>
        <dt>{t`Target`}</dt>
        <dd className="hp-mono">{target}</dd>
        <dt>{t`Last checked`}</dt>
        <dd>
          <Ago instant={health.checked_at} never={t`Never`} />
          {health.latency_ms !== null && `, ${formatDuration(health.latency_ms)}`}
          {health.message !== null && `: ${health.message}`}
        </dd>
        <dt>{t`Last used`}</dt>
        <dd>
          {lastUsed === null ? (
            t`Never`
          ) : (
            <Anchor
              fz="inherit"
              aria-label={t`Requests of ${name} in the log`}
              renderRoot={(root) => (
                <Link {...root} to="/projects/$project/log" params={{ project }} search={{ connection: name }} />
              )}
            >
              <Ago instant={lastUsed} />
            </Anchor>
          )}
        </dd>
        {kind !== 'sqlite' && (
          <>
            <dt>{KIND_LABELS[kind].secret}</dt>
            <dd>
              {secretSetAt === null
                ? secretLocation(secret)
                : t`${secretLocation(secret)} since ${formatMoment(secretSetAt)}`}
            </dd>
          </>
        )}
      </dl>
      <LastWeek project={project} name={name} />
      <LastFailures project={project} name={name} />
    </>
  )
}

/** Requests of a week, with those that were denied or failed. */
function LastWeek({ project, name }: { project: string; name: string }) {
  const { query } = useApi()
  const { data } = useQuery(
    query.requests.summary.queryOptions({
      input: {
        project,
        connection: name,
        since: '7d',
        steps: 84,
        time_zone: VIEWER_TIME_ZONE,
      },
      placeholderData: keepPreviousData,
      staleTime: 0,
      refetchInterval: REFETCH_MS,
    }),
  )
  const denied = data?.refused ?? 0
  const figures =
    data === undefined
      ? ''
      : t`${plural(data.requests, '# request', '# requests')}, ${formatNumber(denied)} denied, ${formatNumber(data.failed)} failed`
  return (
    <section aria-labelledby="last-week" className={styles.week}>
      <h2 className={styles.title} id="last-week">{t`Last 7 days`}</h2>
      <div className={styles.chart}>
        <Sparkline values={data?.steps.map(({ requests }) => requests) ?? []} width={420} height={40} />
      </div>
      <span className="hp-tabular">{figures}</span>
    </section>
  )
}

function LastFailures({ project, name }: { project: string; name: string }) {
  const { query } = useApi()
  const { data } = useQuery(
    query.requests.scan.queryOptions({
      input: { project, connection: name, status: 'error', owner_actions: 'without', since: '7d', limit: FAILURES },
      staleTime: 0,
      refetchInterval: REFETCH_MS,
    }),
  )
  if (data === undefined || data.rows.length === 0) return null
  return (
    <section aria-labelledby="last-failures">
      <h2 className={styles.title} id="last-failures">{t`Last failures`}</h2>
      <ul className={styles.failures}>
        {data.rows.map((row) => (
          <li key={row.id}>
            <Anchor
              fz="inherit"
              renderRoot={(root) => <Link {...root} to="/requests/$id" params={{ id: String(row.id) }} />}
            >
              {formatMoment(row.time)}
            </Anchor>
            <span>{row.token ?? t`You`}</span>
            <span className="hp-mono">{row.method}</span>
            <span>{row.code}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
