import { t } from '../../../../contract/text/translate.ts'
import type { PausedTime } from '../../../../contract/request-counts.ts'

const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const dayAndClock = new Intl.DateTimeFormat('en', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})

/** Returns "Paused 14:02–14:20" in the viewer's time zone, with days if they aren't today, or "Paused since 14:02". */
export function pauseLabel({ from, to }: PausedTime, now: number): string {
  const today = dayOf(now)
  const [start, end] = [Date.parse(from), to === null ? null : Date.parse(to)]
  const startText = (dayOf(start) === today ? clock : dayAndClock).format(start)
  if (end === null) return t`Paused since ${startText}`
  const endText = (dayOf(end) === dayOf(start) ? clock : dayAndClock).format(end)
  return t`Paused ${startText}–${endText}`
}

/** Midnight in the viewer's time zone. */
function dayOf(instant: number): number {
  return new Date(instant).setHours(0, 0, 0, 0)
}
