import { existsSync } from 'node:fs'
import { posix, win32 } from 'node:path'
import { isObject } from '../text/json.ts'
import { hashOf, LONGEST_ENTRY_NAME } from '../text/tool-names.ts'

/** An entry in a client's configuration that starts Hallpass. */
export interface OwnEntry {
  /** The arguments before `stdio`, including the program. */
  command: string[]
  project: string
  token: string | null
  /** HALLPASS_HOME of the entry, or null. */
  home: string | null
  switchedOff: boolean
  /** True if the entry contains only what Hallpass writes. */
  pure: boolean
}

const HASH_LENGTH = 4

/** Returns the name of a project's entry, short enough to leave space for tool names. */
export function entryName(project: string): string {
  const name = `hp-${project}`
  if (name.length <= LONGEST_ENTRY_NAME) return name
  return `${name.slice(0, LONGEST_ENTRY_NAME - HASH_LENGTH - 1)}-${hashOf(project).slice(0, HASH_LENGTH)}`
}

/** Returns the name that the project's entry has, or would get. Older entries can have a longer name. */
export function entryNameIn(servers: Readonly<Record<string, unknown>>, project: string): string {
  const longer = `hallpass-${project}`
  const isOurs = Object.hasOwn(servers, longer) && readOwnEntry(servers[longer])?.project === project
  return isOurs ? longer : entryName(project)
}

/** Parses an entry that Hallpass wrote, recognized by the command it starts; null for any other entry. */
export function readOwnEntry(entry: unknown): OwnEntry | null {
  if (!isObject(entry)) return null
  const command = commandOf(entry)
  if (command === null) return null
  const at = command.indexOf('stdio')
  const [, flag, project, as, token, ...more] = at === -1 ? [] : command.slice(at)
  const launcher = command.slice(0, at)
  if (launcher.length < 1 || launcher.length > 3 || flag !== '--project' || project === undefined || more.length > 0)
    return null
  // The owner wrote an entry such as `env KEY=value hallpass …`.
  if (launcher.some((word) => word.includes('=')) || (as !== undefined && (as !== '--as' || token === undefined)))
    return null
  const variables = entry['env'] ?? entry['envs'] ?? entry['environment']
  const environment = isObject(variables) ? variables : {}
  const home = environment['HALLPASS_HOME']
  return {
    command: launcher,
    project,
    token: token ?? null,
    home: typeof home === 'string' ? home : null,
    switchedOff: entry['disabled'] === true || entry['enabled'] === false,
    pure:
      Object.keys(entry).every((key) => OWN_KEYS.has(key)) &&
      Object.keys(environment).every((key) => key === 'HALLPASS_HOME'),
  }
}

const OWN_KEYS = new Set([
  'command',
  'cmd',
  'args',
  'env',
  'envs',
  'type',
  'source',
  'name',
  'enabled',
  'timeout',
  'environment',
  'tools',
])

/** Returns the command and its arguments, which some clients keep in one list. */
function commandOf(entry: Record<string, unknown>): string[] | null {
  const first = entry['command'] ?? entry['cmd']
  const whole: unknown[] = Array.isArray(first)
    ? first
    : [first, ...(Array.isArray(entry['args']) ? entry['args'] : [null])]
  return whole.every((one) => typeof one === 'string') ? whole : null
}

/** What an entry of the project must fit: Hallpass's data folder, and the project's local tokens. */
interface EntryUse {
  project: string
  home: string | null
  locals: readonly string[]
}

/** Returns a sentence that says why an entry wouldn't work, or null. */
export function entryProblem(entry: OwnEntry, { project, home, locals }: EntryUse): string | null {
  if (entry.project !== project) return `Its entry uses project "${entry.project}".`
  if (entry.home !== home) return 'Its entry uses another Hallpass data folder.'
  if (entry.token !== null && !locals.includes(entry.token))
    return `Its token "${entry.token}" has expired or was revoked.`
  if (entry.token === null && locals.length !== 1)
    return "Its entry doesn't name a token, and the project has none or several."
  return commandProblem(entry.command)
}

/** Returns a sentence that says why the command can't be started, or null if it can. */
function commandProblem(command: readonly string[]): string | null {
  const [program = '', ...rest] = command
  if (!isAbsolute(program)) return `Its entry starts "${program}" without a full path, so the client may not find it.`
  const missing = [program, ...rest.filter(isAbsolute)].find((path) => !existsSync(path))
  return missing === undefined ? null : `Its entry starts ${missing}, which no longer exists.`
}

function isAbsolute(path: string): boolean {
  return posix.isAbsolute(path) || win32.isAbsolute(path)
}
