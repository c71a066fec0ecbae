import { plural, t } from '../../contract/text/translate.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Day before month, and 24 hours: "21 Nov, 14:02". */
export const DATE_LOCALE = 'en-GB'

const number = new Intl.NumberFormat('en')
const exact = new Intl.DateTimeFormat(DATE_LOCALE, { dateStyle: 'full', timeStyle: 'long' })
const clock = new Intl.DateTimeFormat(DATE_LOCALE, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
const day = new Intl.DateTimeFormat(DATE_LOCALE, { day: 'numeric', month: 'short', year: 'numeric' })

export function formatNumber(value: number): string {
  return number.format(value)
}

/** Returns a number for a tile: exact below a million, then "1.2 M". */
export function formatShort(value: number): string {
  return value < 1_000_000 ? number.format(value) : `${(value / 1_000_000).toFixed(value < 10_000_000 ? 1 : 0)} M`
}

/** Returns the exact local time, for tooltips. */
export function formatExact(instant: string): string {
  return exact.format(new Date(instant))
}

/** Returns the local time of day with seconds. */
export function formatClock(instant: string): string {
  return clock.format(new Date(instant))
}

const moment = new Intl.DateTimeFormat(DATE_LOCALE, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})
const minute = new Intl.DateTimeFormat(DATE_LOCALE, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })

/** "14:02" today, "21 Nov, 14:02" on other days, in local time. */
export function formatMoment(instant: string, now = Date.now()): string {
  const date = new Date(instant)
  return date.toDateString() === new Date(now).toDateString() ? minute.format(date) : moment.format(date)
}

export function formatDay(instant: string): string {
  return day.format(new Date(instant))
}

/** "just now", "3 min ago", "2 h ago", "5 days ago", then the date. */
export function formatAgo(instant: string, now: number): string {
  const past = now - Date.parse(instant)
  if (past < MINUTE) return t`just now`
  if (past < HOUR) return t`${Math.floor(past / MINUTE)} min ago`
  if (past < DAY) return t`${Math.floor(past / HOUR)} h ago`
  if (past < 14 * DAY) return t`${plural(Math.floor(past / DAY), '# day', '# days')} ago`
  return formatDay(instant)
}

/** Returns the remaining time as "4:32", "2 h 5 min" or "29 days", and "expired" at zero. For columns that tick. */
export function formatLeft(milliseconds: number): string {
  if (milliseconds <= 0) return t`expired`
  if (milliseconds < HOUR) {
    const seconds = Math.ceil(milliseconds / SECOND)
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  }
  if (milliseconds < DAY)
    return t`${Math.floor(milliseconds / HOUR)} h ${Math.floor((milliseconds % HOUR) / MINUTE)} min`
  return t`${plural(Math.floor(milliseconds / DAY), '# day', '# days')}`
}

/** Returns a duration for a sentence: "45 s", "4 min 30 s", "15 min", "2 h 5 min" or "29 days". */
export function formatSpan(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / SECOND))
  if (seconds >= DAY / SECOND) return t`${plural(Math.floor(milliseconds / DAY), '# day', '# days')}`
  const parts = [
    [Math.floor(seconds / 3600), t`h`],
    [Math.floor((seconds % 3600) / 60), t`min`],
    [seconds >= 3600 ? 0 : seconds % 60, t`s`],
  ] as const
  const text = parts.flatMap(([value, unit]) => (value === 0 ? [] : [`${value} ${unit}`])).join(' ')
  return text === '' ? `0 ${t`s`}` : text
}

export function formatDuration(milliseconds: number | null): string {
  if (milliseconds === null) return '—'
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`
  if (milliseconds < SECOND) return `${Math.round(milliseconds)} ms`
  return `${(milliseconds / SECOND).toFixed(milliseconds < 10 * SECOND ? 2 : 1)} s`
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(1)} KiB`
  if (bytes < 1024 ** 3) return `${(bytes / 1024 ** 2).toFixed(1)} MiB`
  return `${(bytes / 1024 ** 3).toFixed(2)} GiB`
}
