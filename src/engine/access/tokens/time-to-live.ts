import { type HallpassError, invalidRequest } from '../../../contract/errors.ts'
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
/** Ten years. Anything longer should be `never`. */
const MAX_LIFETIME_MS = 3653 * 86_400_000

/**
 * Returns when a token created at `now` expires, in milliseconds since 1970, or null for `never`. Accepts `30d`, `12h`,
 * `90m`, `300s`, `never` or an ISO 8601 timestamp with a time zone. Throws INVALID_REQUEST for anything else.
 */
export function expiryOf(ttl: string | undefined, now: number): number | null {
  const text = ttl ?? DEFAULT_TTL
  if (text === 'never') return null
  if (DURATION.test(text)) return withinReach(text, now + parseDuration(text) * 1000, now)
  const instant = parseInstant(text)
  if (instant <= now) throw rejected(`The expiry ${quote(text)} is in the past.`)
  return withinReach(text, instant, now)
}

/**
 * Returns the seconds in `30d`, `12h`, `90m` or `300s`. Throws INVALID_REQUEST for zero, negative, fractional or other
 * values.
 */
export function parseDuration(text: string): number {
  const [, digits = '', unit = ''] = DURATION.exec(text) ?? []
  const unitSeconds = UNIT_SECONDS.get(unit)
  if (unitSeconds === undefined)
    throw rejected(`Invalid duration ${quote(text)}. Use a number followed by s, m, h or d, for example 30d.`)
  const seconds = Number(digits) * unitSeconds
  if (seconds === 0) throw rejected('The lifetime must be more than zero.')
  if (digits.startsWith('0')) throw rejected(`Invalid duration ${quote(text)}. Remove the leading zero.`)
  if (!Number.isSafeInteger(seconds * 1000)) throw tooLong(text)
  return seconds
}

function parseInstant(text: string): number {
  const match = INSTANT.exec(text)
  if (match === null) {
    const looksLikeDate = /^\d{4}-\d{2}-\d{2}/.test(text)
    throw rejected(
      looksLikeDate
        ? `Invalid timestamp ${quote(text)}. Include date, time and time zone, for example 2030-01-31T12:00:00Z.`
        : `Invalid lifetime ${quote(text)}. Use a duration (30d, 12h, 90m), an ISO 8601 timestamp with time zone, or never.`,
    )
  }
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0))
  // Date.parse accepts February 30 as March 2.
  const calendar = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
  const real =
    calendar.getUTCMonth() === month - 1 &&
    calendar.getUTCDate() === day &&
    calendar.getUTCHours() === hour &&
    calendar.getUTCMinutes() === minute &&
    calendar.getUTCSeconds() === second
  const instant = Date.parse(text)
  if (!real || Number.isNaN(instant)) throw rejected(`The date ${quote(text)} doesn't exist.`)
  return instant
}

function withinReach(text: string, instant: number, now: number): number {
  if (instant - now > MAX_LIFETIME_MS) throw tooLong(text)
  return instant
}

function tooLong(text: string): HallpassError {
  return rejected(
    `The lifetime ${quote(text)} is longer than 10 years. Use a shorter one, or never for a token without an expiry.`,
  )
}

function rejected(sentence: string): HallpassError {
  return invalidRequest(sentence, 'ttl')
}
