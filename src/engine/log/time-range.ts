import { invalidRequest } from '../../contract/errors.ts'

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** Returns `1h`, `90m` or `7d` before `now`, or an ISO 8601 timestamp, in milliseconds since 1970. Throws INVALID_REQUEST for anything else. */
export function sinceInstant(since: string, now: number, field = 'since'): number {
  const duration = /^(\d{1,9})([smhdw])$/.exec(since)
  if (duration !== null) return now - Number(duration[1]) * (UNITS[duration[2] as string] as number)
  const instant = /^\d{4}-\d{2}-\d{2}/.test(since) ? Date.parse(since) : Number.NaN
  if (Number.isNaN(instant)) {
    throw invalidRequest(
      'Invalid time. Use a duration such as 30m, 1h or 7d, or a timestamp such as 2026-01-31T08:00:00Z.',
      field,
    )
  }
  return instant
}

/** Returns a time range in milliseconds since 1970. Throws INVALID_REQUEST for an invalid time. */
export function timesOf(
  { since, until }: { since: string; until?: string | undefined },
  now: number,
): { sinceMs: number; untilMs?: number } {
  return {
    sinceMs: sinceInstant(since, now),
    ...(until === undefined ? {} : { untilMs: sinceInstant(until, now, 'until') }),
  }
}
