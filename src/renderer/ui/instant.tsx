import { formatAgo, formatExact, formatLeft } from '../lib/format.ts'
import { useHalfMinute, useSecond } from '../lib/now.ts'

/** How long ago, with the exact local instant on hover; a dash where it never was. */
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
  /** What stands before the time in a sentence, such as "ends in"; with it `over` takes the place of both at the end. */
  before?: string
  expired?: string
}

/** A live countdown to an instant. */
export function Countdown({ instant, never = 'never', before, expired: over = 'has ended' }: CountdownProps) {
  const now = useSecond()
  if (instant === null) return <span>{never}</span>
  const left = Date.parse(instant) - now
  if (before !== undefined && left <= 0) return <>{over}</>
  return (
    <>
      {before !== undefined && `${before} `}
      <time dateTime={instant} title={formatExact(instant)} className="hp-tabular">
        {formatLeft(left)}
      </time>
    </>
  )
}
