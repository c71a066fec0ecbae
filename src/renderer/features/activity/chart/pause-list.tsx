import { IconPlayerPause } from '@tabler/icons-react'
import type { PausedTime } from '../../../../contract/request-counts.ts'
import { plural, t } from '../../../../contract/text/translate.ts'
import { formatMoment } from '../../../lib/format.ts'
import { useHalfMinute } from '../../../lib/now.ts'
import styles from './chart.module.css'

const SHOWN = 3

/** Names the shaded times, the newest last. */
export function PauseList({ pauses }: { pauses: readonly PausedTime[] }) {
  const now = useHalfMinute()
  if (pauses.length === 0) return null
  const more = pauses.length - SHOWN
  return (
    <p className={styles.pauses}>
      <IconPlayerPause size={12} aria-hidden />{' '}
      {[
        ...(more > 0 ? [t`${plural(more, '# earlier pause', '# earlier pauses')}`] : []),
        ...pauses.slice(-SHOWN).map((pause) => pauseLabel(pause, now)),
      ].join(' · ')}
    </p>
  )
}

/** Returns "Paused 14:02–14:20" in the viewer's time zone, with days if they aren't today, or "Paused since 14:02". */
function pauseLabel({ from, to }: PausedTime, now: number): string {
  const start = formatMoment(from, now)
  return to === null ? t`Paused since ${start}` : t`Paused ${start}–${formatMoment(to, Date.parse(from))}`
}
