import { Option } from 'commander'
import { FORMATS } from './output.ts'
import { usageError } from './errors.ts'

export const outputOption = () =>
  new Option('-o, --output <format>', 'how to print').choices([...FORMATS]).default('table')
export const projectOption = () => new Option('-p, --project <name>', 'project')

/** Adds one more value of a repeatable option. */
export const collect = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value]

export const KINDS = ['project', 'connection', 'token', 'session', 'request', 'client'] as const
export type Kind = (typeof KINDS)[number]

/** `tokens` or `token` as `token`. */
export function kindOf(word: string, allowed: readonly Kind[]): Kind {
  const kind = allowed.find((one) => word === one || word === `${one}s`)
  if (kind === undefined) throw usageError(`There is no kind “${word}” here; give one of ${allowed.join(', ')}.`)
  return kind
}

export function requireOption(value: string | undefined, flag: string): string {
  if (value === undefined || value === '') throw usageError(`${flag} is missing.`)
  return value
}

export function commaList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

export function modeOption(): Option {
  return new Option(
    '--mode <mode>',
    'what MCP clients see: all tools, or search: three to find and call the others by',
  ).choices(['all', 'search'])
}
