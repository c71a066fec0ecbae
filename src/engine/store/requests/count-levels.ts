const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/**
 * Requests are counted per minute and in coarser steps too, so that a month is read as fast as an hour. Finer counts
 * are kept only as long as a summary can use them, and never longer than the log.
 */
export const COUNT_LEVELS: readonly { ms: number; keptMs: number }[] = [
  { ms: MINUTE, keptMs: 2 * DAY },
  { ms: 10 * MINUTE, keptMs: 11 * DAY },
  { ms: HOUR, keptMs: 502 * DAY },
  { ms: DAY, keptMs: Infinity },
]
