import { z } from 'zod'

type Issue = z.core.$ZodRawIssue

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  bigint: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  set: 'a list',
  object: 'an object',
  record: 'an object',
  map: 'an object',
  date: 'a timestamp',
  null: 'null',
  undefined: 'left out',
  never: 'left out',
}

const FORMATS: Readonly<Record<string, string>> = {
  url: 'a URL starting with https:// or http://',
  email: 'an email address',
  uuid: 'a UUID',
  guid: 'a UUID',
  datetime: 'a timestamp such as 2026-01-31T08:00:00Z',
  date: 'a date such as 2026-01-31',
  ipv4: 'an IP address',
  ipv6: 'an IP address',
  base64: 'base64 text',
  base64url: 'base64url text',
  json_string: 'JSON',
}

/** Sets zod's messages for schemas without custom ones. Call it before input is validated. */
export function describeInvalidInput(): void {
  z.config({ customError: inputMessage })
}

/** Returns what is wrong with an input, to be shown beside the name of its field. Contains no input values. */
function inputMessage(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'a value is required' : `must be ${TYPES[issue.expected] ?? issue.expected}`
    case 'too_small':
    case 'too_big':
      return bound(issue)
    case 'invalid_format':
      return formatMessage(issue.format)
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`
    case 'invalid_value':
      return issue.input === undefined ? 'a value is required' : `must be ${anyOf(issue.values.map(String))}`
    case 'unrecognized_keys':
      return `unknown ${issue.keys.length === 1 ? 'field' : 'fields'} ${issue.keys.map((key) => `"${key.slice(0, 80)}"`).join(', ')}`
    case 'invalid_union':
      return issue.input === undefined ? 'a value is required' : 'must have one of the allowed forms'
    case 'invalid_key':
    case 'invalid_element':
      return 'has an invalid entry'
    default:
      return 'the value is invalid'
  }
}

/** Returns the message for a text in the wrong format, if its schema has none of its own. */
export function formatMessage(format: string): string {
  return `must be ${FORMATS[format] ?? 'in the expected format'}`
}

function bound(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const isSmall = issue.code === 'too_small'
  const limit = Number(isSmall ? issue.minimum : issue.maximum)
  const shown = limit.toLocaleString('en-US')
  const side = isSmall ? 'at least' : 'at most'
  switch (issue.origin) {
    case 'string':
      if (isSmall && limit === 1) return "can't be empty"
      return `must have ${side} ${shown} ${limit === 1 ? 'character' : 'characters'}`
    case 'array':
    case 'set':
    case 'map':
    case 'object':
      if (isSmall && limit === 1) return "can't be empty"
      return `must have ${side} ${shown} ${limit === 1 ? 'entry' : 'entries'}`
    default:
      if (issue.inclusive === false) return `must be ${isSmall ? 'more' : 'less'} than ${shown}`
      return `must be ${side} ${shown}`
  }
}

function anyOf(values: readonly string[]): string {
  return values.length < 2 ? String(values[0] ?? 'left out') : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`
}
