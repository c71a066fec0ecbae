import { Option } from 'commander'
import { PERMISSIONS, type Permission } from '../../contract/grants.ts'
import { MAX_PAYLOAD_DAYS } from '../../contract/request-details.ts'
import type { OwnAnswerChars } from '../../contract/settings.ts'
import { usageError } from '../errors.ts'
import { FORMATS } from '../output/output.ts'
import { choiceOption } from '../program/cli-command.ts'

export const outputOption = (): Option =>
  choiceOption('-o, --output <format>', 'Output format', FORMATS).default('table')

export const PROJECT_FLAG = '-p, --project <name>'
export const projectOption = (description = 'Project'): Option => new Option(PROJECT_FLAG, description)

export const modeOption = (): Option =>
  choiceOption(
    '--mode <mode>',
    'Tools shown to MCP clients: all, or search (three tools that find and call the others)',
    ['all', 'search'],
  )

export const answerCharsOption = (inherited: string): Option =>
  new Option(
    '--answer-chars <count>',
    `Maximum length of one answer to a model, in characters (4000–200000), off, or default (${inherited})`,
  ).argParser(parseAnswerChars)

/** A length as given on the command line. Commander doesn't pass on null. */
export type AnswerCharsFlag = Exclude<OwnAnswerChars, null> | 'default'

export const chosenAnswerChars = (flag: AnswerCharsFlag): OwnAnswerChars => (flag === 'default' ? null : flag)

function parseAnswerChars(text: string): AnswerCharsFlag {
  if (text === 'default' || text === 'off') return text
  const chars = Number(text.replaceAll(',', ''))
  if (text === '' || !Number.isInteger(chars))
    throw usageError('--answer-chars must be a whole number from 4,000 to 200,000, "off" or "default".')
  return chars
}

export const payloadsOption = (): Option =>
  new Option(
    '--payloads <days>',
    `Record payloads for this many days: 1d to ${MAX_PAYLOAD_DAYS}d; "off" deletes those that were recorded`,
  ).argParser((text: string): 'off' | number => {
    if (text === 'off') return text
    const days = /^(\d{1,2})d$/.exec(text)?.[1]
    if (days !== undefined && Number(days) >= 1 && Number(days) <= MAX_PAYLOAD_DAYS) return Number(days)
    throw usageError(`--payloads must be 1d to ${MAX_PAYLOAD_DAYS}d, or "off".`)
  })

export const countOption = (flags: string, description: string): Option =>
  new Option(flags, description).argParser((text: string) => {
    const count = Number(text.replaceAll(',', ''))
    if (text !== '' && Number.isInteger(count) && count >= 1) return count
    throw usageError(`${flags.split(' ')[0] ?? flags} must be a whole number, at least 1.`)
  })

/** Adds one more value of a repeatable option. */
export const collect = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value]

export const KINDS = ['project', 'connection', 'token', 'session', 'request', 'client'] as const
export type Kind = (typeof KINDS)[number]

/** Returns the kind that `tokens` or `token` names. */
export function parseKind(word: string, allowed: readonly Kind[]): Kind {
  const kind = allowed.find((one) => word === one || word === `${one}s`)
  if (kind === undefined)
    throw usageError(`Unknown kind "${word}". Use ${allowed.slice(0, -1).join(', ')} or ${allowed.at(-1)}.`)
  return kind
}

/** Throws if the option, given as in its help, has no value. */
export function requireOption(value: string | undefined, flags: string): string {
  if (value === undefined || value === '') throw usageError(`Missing required option: ${flags}`)
  return value
}

/** Returns the project, which commands of some kinds need. */
export function requireProject(project: string | undefined): string {
  return requireOption(project, PROJECT_FLAG)
}

export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

export function parsePermissions(text: string): Permission[] {
  const permissions = splitList(text).map((word) => {
    const permission = PERMISSIONS.find((one) => one === word)
    if (permission === undefined) throw usageError(`Unknown permission "${word}". Use read, write or schema.`)
    return permission
  })
  if (permissions.length === 0) throw usageError('--permissions is empty. Use read, write or schema.')
  return permissions
}
