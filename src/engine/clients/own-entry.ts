import { existsSync } from 'node:fs'
import { posix, win32 } from 'node:path'
import { isObject } from '../text/json.ts'

/** An entry of a client that starts Hallpass. */
export interface OwnEntry {
  /** The words before `stdio`. */
  command: string[]
  project: string
  token: string | null
  /** Its HALLPASS_HOME; null when it names none. */
  home: string | null
  switchedOff: boolean
  /** Holds nothing but what Hallpass writes. */
  pure: boolean
}

export function entryName(project: string): string {
  return `hallpass-${project}`
}

/** What Hallpass wrote, by the words it starts: null for an entry of anyone else. */
export function readOwnEntry(entry: unknown): OwnEntry | null {
  if (!isObject(entry)) return null
  const first = entry['command'] ?? entry['cmd']
  const args = entry['args']
  if (typeof first !== 'string' || !Array.isArray(args) || !args.every((one) => typeof one === 'string')) return null
  const words: string[] = [first, ...args]
  const at = words.indexOf('stdio')
  const [, flag, project, as, token, ...more] = at === -1 ? [] : words.slice(at)
  const command = words.slice(0, at)
  if (command.length < 1 || command.length > 3 || flag !== '--project' || project === undefined || more.length > 0)
    return null
  // `env KEY=value hallpass …` and its like are the owner's own making.
  if (command.some((word) => word.includes('=')) || (as !== undefined && (as !== '--as' || token === undefined)))
    return null
  const environment = isObject(entry['env'] ?? entry['envs'])
    ? ((entry['env'] ?? entry['envs']) as Record<string, unknown>)
    : {}
  const home = environment['HALLPASS_HOME']
  return {
    command,
    project,
    token: token ?? null,
    home: typeof home === 'string' ? home : null,
    switchedOff: entry['disabled'] === true || entry['enabled'] === false,
    pure:
      Object.keys(entry).every((key) => OWN_KEYS.has(key)) &&
      Object.keys(environment).every((key) => key === 'HALLPASS_HOME'),
  }
}

const OWN_KEYS = new Set(['command', 'cmd', 'args', 'env', 'envs', 'type', 'source', 'name', 'enabled', 'timeout'])

/** Why the command could not be started, as a sentence; null when it is there. */
export function commandProblem(command: readonly string[]): string | null {
  const [program = '', ...rest] = command
  if (!isAbsolute(program)) return `It starts “${program}” by name alone, which a client may not find.`
  const gone = [program, ...rest.filter(isAbsolute)].find((path) => !existsSync(path))
  return gone === undefined ? null : `It starts ${gone}, which is not there any more.`
}

function isAbsolute(path: string): boolean {
  return posix.isAbsolute(path) || win32.isAbsolute(path)
}
