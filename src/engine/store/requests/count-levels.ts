const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/**
 * Requests are counted per minute, and at once in coarser steps too, so that a month is read as cheaply as an hour. A
 * finer count is kept as long as a summary of the most steps could ask for it, and never longer than the log's own days.
 */
export const COUNT_LEVELS: readonly { ms: number; keptMs: number }[] = [
  { ms: MINUTE, keptMs: 2 * DAY },
  { ms: 10 * MINUTE, keptMs: 11 * DAY },
  { ms: HOUR, keptMs: 502 * DAY },
  { ms: DAY, keptMs: Infinity },
]
