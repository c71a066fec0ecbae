import { t } from '../../../../contract/text/translate.ts'
import type { RequestRecord } from '../../../../contract/records.ts'
import { formatDuration } from '../../../lib/format.ts'
import styles from '../log.module.css'

/** The duration in parts, and how much of it was Hallpass. */
export function RequestTiming({ row }: { row: RequestRecord }) {
  const { timing, duration_ms: total } = row
  if (total === null) return <p>{t`Running`}</p>
  if (timing === null) return <p>{t`${formatDuration(total)} in all. The parts weren't recorded.`}</p>
  const ours = timing.checks_ms + (timing.reply_ms ?? 0)
  return (
    <>
      <dl className={styles.parts}>
        <Part name={t`Checks`} value={timing.checks_ms} />
        <Part name={t`Approval`} value={timing.approval_ms} />
        <Part name={t`Queue`} value={timing.queue_ms} />
        <Part name={t`Upstream`} value={timing.upstream_ms} />
        <Part name={t`Reply`} value={timing.reply_ms} />
      </dl>
      <p className="hp-tabular">{t`Hallpass ${formatDuration(ours)} of ${formatDuration(total)}`}</p>
    </>
  )
}

function Part({ name, value }: { name: string; value: number | null }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value === null ? '–' : formatDuration(value)}</dd>
    </div>
  )
}
