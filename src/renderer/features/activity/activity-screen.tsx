import { Button, NativeSelect, SegmentedControl } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { IconChartBar } from '@tabler/icons-react'
import { t } from '../../../contract/text/translate.ts'
import { useApi } from '../../lib/api.tsx'
import { useMidnight, VIEWER_TIME_ZONE } from '../../lib/now.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Loading } from '../../ui/loading/loading.tsx'
import { SkeletonRows } from '../../ui/loading/skeleton-rows.tsx'
import { Page } from '../../ui/page.tsx'
import { ActivityFigures } from './activity-figures.tsx'
import { activityTime, type ActivitySearch } from './activity-times.ts'
import styles from './activity.module.css'
import { Busiest, busiestBy } from './busiest.tsx'
import type { Span } from './chart/chart-shape.ts'
import { ChartTable } from './chart/chart-table.tsx'
import { PauseList } from './chart/pause-list.tsx'
import { RequestsChart } from './chart/requests-chart.tsx'
import { LogLink } from './log-link.tsx'
import { TimeChoice } from './time-choice.tsx'
import { useWhenRowsCame } from './use-when-rows-came.ts'
import { WhyDenied } from './why-denied.tsx'

const ALL_PROJECTS = ''

/** Number, duration and failures of requests, with their causes. */
export function ActivityScreen() {
  const search = useSearch({ from: '/activity' })
  const navigate = useNavigate()
  const { query } = useApi()
  const { data: projects } = useQuery(query.projects.list.queryOptions())
  const time = activityTime(search, useMidnight())
  const { project } = search
  const change = (parts: ActivitySearch): void =>
    void navigate({ to: '.', search: (before: ActivitySearch) => ({ ...before, ...parts }), replace: true })
  return (
    <Page
      title={t`Activity`}
      hint={t`Times in ${VIEWER_TIME_ZONE.replaceAll('_', ' ')}`}
      actions={
        <>
          <NativeSelect
            size="xs"
            aria-label={t`Project`}
            value={project ?? ALL_PROJECTS}
            data={[
              { value: ALL_PROJECTS, label: t`All projects` },
              ...(projects ?? []).map(({ name }) => ({ value: name, label: name })),
            ]}
            onChange={(event) => change({ project: event.currentTarget.value || undefined })}
          />
          <TimeChoice
            time={time}
            onChange={(times) => change({ time: undefined, since: undefined, until: undefined, ...times })}
          />
        </>
      }
    >
      <Pictured project={project} time={time} asTable={search.as === 'table'} onChange={change} />
      <div className={styles.columns}>
        <WhyDenied project={project} time={time} />
        <Busiest by={busiestBy(search.by)} project={project} time={time} onBy={(by) => change({ by })} />
      </div>
    </Page>
  )
}

interface PicturedProps {
  project: string | undefined
  time: ReturnType<typeof activityTime>
  asTable: boolean
  onChange: (parts: ActivitySearch) => void
}

/** The figures, and the chart or its numbers. A step opens its requests; several that were dragged over are zoomed to. */
function Pictured({ project, time, asTable, onChange }: PicturedProps) {
  const { query } = useApi()
  const navigate = useNavigate()
  const { since, until, steps, phrase } = time
  const summary = useQuery(
    query.requests.summary.queryOptions({
      input: {
        since,
        steps,
        time_zone: VIEWER_TIME_ZONE,
        ...(until === undefined ? {} : { until }),
        ...(project === undefined ? {} : { project }),
      },
      placeholderData: keepPreviousData,
    }),
  )
  useWhenRowsCame(summary.refetch)
  const timesOf = ({ from, to }: Span) => ({ since: new Date(from).toISOString(), until: new Date(to).toISOString() })
  const open = (span: Span, zoom: boolean): void => {
    if (zoom) onChange({ time: undefined, ...timesOf(span) })
    else if (project === undefined) void navigate({ to: '/log', search: timesOf(span) })
    else void navigate({ to: '/projects/$project/log', params: { project }, search: timesOf(span) })
  }
  return (
    <Loading query={summary} skeleton={<SkeletonRows rows={5} height={63} />}>
      {(data) =>
        data.requests === 0 ? (
          <EmptyState
            icon={<IconChartBar size={36} stroke={1.4} />}
            title={t`No requests in this time`}
            action={
              <Button
                variant="default"
                onClick={() => onChange({ time: '30d', since: undefined, until: undefined })}
              >{t`Last 30 days`}</Button>
            }
          >{t`Choose another time or project.`}</EmptyState>
        ) : (
          <>
            <ActivityFigures summary={data} project={project} times={{ since: data.from, until: data.to }} />
            <div className={styles.picture}>
              <SegmentedControl
                size="xs"
                aria-label={t`Show as`}
                className={styles.as}
                value={asTable ? 'table' : 'chart'}
                data={[
                  { value: 'chart', label: t`Chart` },
                  { value: 'table', label: t`As a table` },
                ]}
                onChange={(value) => onChange({ as: value === 'table' ? value : undefined })}
              />
              {asTable ? (
                <ChartTable summary={data} caption={phrase === t`today` ? t`Requests today` : t`Requests in ${phrase}`}>
                  {(span, label) => (
                    <LogLink project={project} search={timesOf(span)}>
                      {label}
                    </LogLink>
                  )}
                </ChartTable>
              ) : (
                <RequestsChart summary={data} phrase={phrase} onOpen={open} />
              )}
              <PauseList pauses={data.pauses} />
            </div>
          </>
        )
      }
    </Loading>
  )
}
