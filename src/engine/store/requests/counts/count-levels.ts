const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/**
 * Requests are counted per minute and in coarser steps too, so that a month is read as fast as an hour. Finer counts
 * are kept only as long as a summary can use them, and never longer than the log. The midnight of every time zone is a
 * multiple of 15 minutes.
 */
export const COUNT_LEVELS: readonly { ms: number; keptMs: number }[] = [
  { ms: MINUTE, keptMs: 2 * DAY },
  { ms: 15 * MINUTE, keptMs: 35 * DAY },
  { ms: HOUR, keptMs: 502 * DAY },
  { ms: DAY, keptMs: Infinity },
]

/** Returns the width of the finest counts stored for this time. */
export function finestLevel(time: number, now: number): number {
  return COUNT_LEVELS.find(({ keptMs }) => time >= now - keptMs)?.ms ?? DAY
}
