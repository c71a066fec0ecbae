import { formatAgo, formatExact, formatLeft } from '../lib/format.ts'
import { useHalfMinute, useSecond } from '../lib/now.ts'

/** How long ago, with the exact local instant on hover; a dash where it never was. */
export function Ago({ instant, never = '—' }: { instant: string | null; never?: string }) {
  const now = useHalfMinute()
  if (instant === null) return <span>{never}</span>
  return <time dateTime={instant} title={formatExact(instant)} className="hp-tabular">{formatAgo(instant, now)}</time>
}

/** A live countdown to an instant. */
export function Countdown({ instant, never = 'never' }: { instant: string | null; never?: string }) {
  const now = useSecond()
  if (instant === null) return <span>{never}</span>
  return <time dateTime={instant} title={formatExact(instant)} className="hp-tabular">{formatLeft(Date.parse(instant) - now)}</time>
}
