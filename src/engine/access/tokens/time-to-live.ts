import { HallpassError } from '../../../contract/errors.ts'
import { quote } from '../sentences.ts'

const DEFAULT_TTL = '30d'
const UNIT_SECONDS: ReadonlyMap<string, number> = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
])
const DURATION = /^(\d+)([smhd])$/
const INSTANT = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/
/** Beyond the year 9999 an instant has no four-digit ISO 8601 form. */
const LATEST_INSTANT = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/**
 * Instant (milliseconds since 1970) at which a token ends that is made at `now` with this time to live; null for `never`.
 * Takes `30d`, `12h`, `90m`, `300s`, `never`, or an ISO 8601 instant with a zone. INVALID_REQUEST otherwise.
 */
export function expiryOf(ttl: string | undefined, now: number): number | null {
  const text = ttl ?? DEFAULT_TTL
  if (text === 'never') return null
  if (DURATION.test(text)) return withinReach(text, now + parseDuration(text) * 1000)
  const instant = parseInstant(text)
  if (instant <= now) throw refused(text, 'is in the past')
  return withinReach(text, instant)
}

/** Seconds of `30d`, `12h`, `90m`, `300s`. INVALID_REQUEST for zero, negative, fractional or anything else. */
export function parseDuration(text: string): number {
  const [, digits = '', unit = ''] = DURATION.exec(text) ?? []
  const unitSeconds = UNIT_SECONDS.get(unit)
  if (unitSeconds === undefined) throw refused(text, 'is not a whole number followed by s, m, h or d, such as 30d')
  const seconds = Number(digits) * unitSeconds
  if (seconds === 0) throw refused(text, 'must be more than zero')
  if (digits.startsWith('0')) throw refused(text, 'has a leading zero')
  if (!Number.isSafeInteger(seconds * 1000))
    throw refused(text, 'is too long; say never for a token that does not expire')
  return seconds
}

function parseInstant(text: string): number {
  const match = INSTANT.exec(text)
  if (match === null) {
    const looksLikeDate = /^\d{4}-\d{2}-\d{2}/.test(text)
    throw refused(
      text,
      looksLikeDate
        ? 'needs a date, a time and a zone, such as 2030-01-31T12:00:00Z'
        : 'is neither a duration (30d, 12h, 90m), an ISO 8601 instant with a zone, nor never',
    )
  }
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0))
  // Date.parse takes February 30 for March 2.
  const calendar = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
  const real =
    calendar.getUTCMonth() === month - 1 &&
    calendar.getUTCDate() === day &&
    calendar.getUTCHours() === hour &&
    calendar.getUTCMinutes() === minute &&
    calendar.getUTCSeconds() === second
  const instant = Date.parse(text)
  if (!real || Number.isNaN(instant)) throw refused(text, 'is not a date that exists')
  return instant
}

function withinReach(text: string, instant: number): number {
  if (instant > LATEST_INSTANT) throw refused(text, 'is too long; say never for a token that does not expire')
  return instant
}

function refused(text: string, why: string): HallpassError {
  return new HallpassError('INVALID_REQUEST', `ttl: ${quote(text)} ${why}.`)
}
