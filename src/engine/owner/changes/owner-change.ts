import { isDeepStrictEqual } from 'node:util'
import type { OwnerChange } from '../../../contract/request-details.ts'
import { cleanText } from '../../text/clean-text.ts'

/** A value that is compared but not shown. */
interface Hidden {
  readonly hidden: string
}
export type FieldValue = string | number | boolean | null | readonly string[] | Hidden
/** What an action can change, by name. */
export type Fields = Readonly<Record<string, FieldValue>>
type Shown = NonNullable<OwnerChange['before']>

/** Longer lists show only the entries that differ, at most so many. */
const MAX_ENTRIES = 20
/** Characters of all names and values of one side together, so that a row of the log stays small. */
const MAX_CHARS = 8192

/** Returns the fields that differ, before and after. Null if none does. One side is null if it doesn't exist there. */
export function changeBetween(before: Fields | null, after: Fields | null): OwnerChange | null {
  const names = Object.keys({ ...before, ...after }).filter(
    (name) => !isDeepStrictEqual(before?.[name] ?? null, after?.[name] ?? null),
  )
  if (names.length === 0) return null
  return {
    before: before === null ? null : shownFields(names, before, after),
    after: after === null ? null : shownFields(names, after, before),
  }
}

function shownFields(names: readonly string[], fields: Fields, others: Fields | null): Shown {
  const shown: Shown = {}
  let chars = 0
  for (const [index, name] of names.entries()) {
    const value = shownValue(fields[name] ?? null, others?.[name] ?? null)
    chars += name.length + JSON.stringify(value).length
    if (chars > MAX_CHARS) return { ...shown, more_fields: names.length - index }
    // If the other side doesn't exist, only fields with a value are shown.
    if (others !== null || (value !== null && value !== false)) shown[name] = value
  }
  return shown
}

function shownValue(value: FieldValue, other: FieldValue): Shown[string] {
  if (typeof value === 'string') return cleanText(value)
  if (value === null || typeof value !== 'object') return value
  if ('hidden' in value) return '(hidden)'
  const others = new Set(isList(other) ? other : [])
  const relevant = value.length > MAX_ENTRIES ? value.filter((entry) => !others.has(entry)) : value
  const entries = relevant.slice(0, MAX_ENTRIES).map((entry) => cleanText(entry))
  const left = value.length - entries.length
  return left === 0 ? entries : [...entries, `and ${left} more`]
}

function isList(value: FieldValue): value is readonly string[] {
  return Array.isArray(value)
}
