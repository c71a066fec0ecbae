import { HallpassError } from '../../contract/errors.ts'

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** `1h`, `90m`, `7d` before `now`, or an ISO 8601 instant, as milliseconds since 1970. Throws INVALID_REQUEST for anything else. */
export function sinceInstant(since: string, now: number): number {
  const duration = /^(\d{1,9})([smhdw])$/.exec(since)
  if (duration !== null) return now - Number(duration[1]) * (UNITS[duration[2] as string] as number)
  const instant = /^\d{4}-\d{2}-\d{2}/.test(since) ? Date.parse(since) : Number.NaN
  if (Number.isNaN(instant)) {
    throw new HallpassError(
      'INVALID_REQUEST',
      'since must be a duration such as 30m, 1h or 7d, or an instant such as 2026-01-31T08:00:00Z.',
    )
  }
  return instant
}
