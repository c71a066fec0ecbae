import { t } from '../../contract/text/translate.ts'
import { formatAgo, formatExact, formatLeft, formatSpan } from '../lib/format.ts'
import { useHalfMinute, useSecond } from '../lib/now.ts'

/** Relative time, with the exact local time on hover. A dash if there is none. */
export function Ago({ instant, never = '—' }: { instant: string | null; never?: string }) {
  const now = useHalfMinute()
  if (instant === null) return <span>{never}</span>
  return (
    <time dateTime={instant} title={formatExact(instant)} className="hp-tabular">
      {formatAgo(instant, now)}
    </time>
  )
}

interface CountdownProps {
  instant: string | null
  never?: string
  /** Text before the time, such as "expires in". At the end, `expired` replaces both. */
  before?: string
  expired?: string
}

/** A live countdown to a timestamp. */
export function Countdown({ instant, never = 'never', before, expired: over = t`has expired` }: CountdownProps) {
  const now = useSecond()
  if (instant === null) return <span>{never}</span>
  const left = Date.parse(instant) - now
  if (before !== undefined && left <= 0) return <>{over}</>
  return (
    <>
      {before !== undefined && `${before} `}
      <time dateTime={instant} title={formatExact(instant)} className="hp-tabular">
        {before === undefined ? formatLeft(left) : formatSpan(left)}
      </time>
    </>
  )
}
