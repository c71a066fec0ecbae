import { IconChevronRight } from '@tabler/icons-react'
import { t } from '../../../contract/text/translate.ts'
import { formatNumber } from '../../lib/format.ts'
import { Ago } from '../../ui/instant.tsx'
import { StatusShape } from '../log/status-mark.tsx'
import type { ActivityTime } from './activity-times.ts'
import styles from './activity.module.css'
import { LogLink } from './log-link.tsx'
import { TopList } from './top-list.tsx'

/** Why requests were denied or failed, most frequent first. Each cause leads to its requests. */
export function WhyDenied({ project, time }: { project: string | undefined; time: ActivityTime }) {
  return (
    <TopList
      title={t`Why requests were denied or failed`}
      by="cause"
      project={project}
      time={time}
      empty={t`No requests were denied or failed.`}
    >
      {({ name, sentence, requests, last }, times) => {
        const content = (
          <>
            {last !== null && <StatusShape row={last} />}
            <span className={styles.name} title={sentence ?? undefined}>
              {sentence ?? (name === null ? t`Other causes` : t`No longer in the log`)}
            </span>
            <span className={styles.count}>{formatNumber(requests)}</span>
            <span className={styles.last}>{last !== null && <Ago instant={last.time} />}</span>
          </>
        )
        return name === null ? (
          <span className={styles.line}>{content}</span>
        ) : (
          <LogLink project={project} search={{ cause: name, ...times }} className={styles.line}>
            {content}
            <IconChevronRight size={14} aria-hidden className={styles.arrow} />
          </LogLink>
        )
      }}
    </TopList>
  )
}
