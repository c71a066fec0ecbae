import { t } from '../../../contract/text/translate.ts'
import { formatMoment } from '../../lib/format.ts'
import { readValue, TIMES, type FilterPart, type LogFilter } from './log-filter.ts'

const NAMES: Record<FilterPart, string> = {
  token: t`Token`,
  connection: t`Connection`,
  client: t`Client`,
  method: t`Method`,
  permission: t`Permission`,
  status: t`Status`,
  code: t`Code`,
  cause: t`Cause`,
  slower: t`Slower than`,
  actions: t`Your actions`,
  text: t`Text`,
  time: t`Time`,
  since: t`From`,
  until: t`To`,
}

export function partName(part: FilterPart): string {
  return NAMES[part]
}

/** Returns what a chip says about one part of the filter. */
export function chipText(part: FilterPart, value: string): string {
  const name = NAMES[part]
  switch (part) {
    case 'slower':
      return `${name} ${value} ms`
    case 'actions':
      return value === 'only' ? t`Your actions only` : t`Without your actions`
    case 'cause':
      return t`Same cause`
    case 'since':
    case 'until':
      return `${name} ${formatMoment(value)}`
    case 'status':
      return `${name} ${value}`
    default: {
      const { text, contains } = readValue(part, value)
      return `${name} ${contains ? 'contains' : 'is'} ${text}`
    }
  }
}

/** Returns the time that a filter covers, for a sentence. Empty without one. */
export function timePhrase(filter: LogFilter): string {
  if (filter.since !== undefined || filter.until !== undefined) return t`at that time`
  return TIMES.find(({ value }) => value === filter.time)?.phrase ?? ''
}
