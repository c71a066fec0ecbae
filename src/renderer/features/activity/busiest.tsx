import { NativeSelect } from '@mantine/core'
import { t } from '../../../contract/text/translate.ts'
import { formatNumber } from '../../lib/format.ts'
import { Sparkline } from '../../ui/sparkline.tsx'
import type { ActivityTime } from './activity-times.ts'
import styles from './activity.module.css'
import { LogLink } from './log-link.tsx'
import { TopList } from './top-list.tsx'

const BUSIEST_BY = [
  { value: 'connection', label: t`Connections`, others: t`Other connections` },
  { value: 'token', label: t`Tokens`, others: t`Other tokens` },
  { value: 'client', label: t`Clients`, others: t`Other clients` },
  { value: 'method', label: t`Tools`, others: t`Other tools` },
] as const
type BusiestBy = (typeof BUSIEST_BY)[number]['value']

export function busiestBy(value: string | undefined): BusiestBy {
  return BUSIEST_BY.find((each) => each.value === value)?.value ?? 'connection'
}

interface BusiestProps {
  by: BusiestBy
  project: string | undefined
  time: ActivityTime
  onBy: (by: BusiestBy) => void
}

/** What was used most in the chosen time. Each name leads to its requests. */
export function Busiest({ by, project, time, onBy }: BusiestProps) {
  const others = BUSIEST_BY.find(({ value }) => value === by)?.others
  return (
    <TopList
      key={by}
      title={t`Busiest`}
      by={by}
      project={project}
      time={time}
      empty={t`No requests in this time.`}
      aside={
        <NativeSelect
          size="xs"
          aria-label={t`Busiest by`}
          value={by}
          data={BUSIEST_BY.map(({ value, label }) => ({ value, label }))}
          onChange={(event) => onBy(busiestBy(event.currentTarget.value))}
        />
      }
    >
      {({ name, project: owner, requests, series }, times) => {
        const content = (
          <>
            <span className={styles.name} title={name ?? undefined}>
              {name ?? others}
              {owner !== null && project === undefined && <span className={styles.less}> {owner}</span>}
            </span>
            <span className={styles.count}>{formatNumber(requests)}</span>
            <Sparkline values={series} />
          </>
        )
        return name === null ? (
          <span className={styles.line}>{content}</span>
        ) : (
          <LogLink project={owner ?? project} search={{ [by]: name, ...times }} className={styles.line}>
            {content}
          </LogLink>
        )
      }}
    </TopList>
  )
}
