import { formatMoment } from '../../lib/format.ts'
import { readValue, TIMES, type FilterPart, type LogFilter } from './log-filter.ts'

const NAMES: Record<FilterPart, string> = {
  token: 'Token',
  connection: 'Connection',
  client: 'Client',
  method: 'Method',
  permission: 'Permission',
  status: 'Status',
  code: 'Code',
  cause: 'Cause',
  slower: 'Slower than',
  actions: 'Your actions',
  text: 'Text',
  time: 'Time',
  since: 'From',
  until: 'To',
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
      return value === 'only' ? 'Your actions only' : 'Without your actions'
    case 'cause':
      return 'Same cause'
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
  if (filter.since !== undefined || filter.until !== undefined) return 'at that time'
  return TIMES.find(({ value }) => value === filter.time)?.phrase ?? ''
}
