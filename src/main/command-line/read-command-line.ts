import { resolve } from 'node:path'
import { VERBS } from '../../control/verbs.ts'

/** What the app was started for. `args` start with the command. */
export type CommandLine = { kind: 'window' } | { kind: 'verb'; args: string[] } | { kind: 'unknown'; word: string }

export interface Start {
  argv: readonly string[]
  packaged: boolean
  /** What Electron was told to run, if the app isn't packaged. */
  appPath: string
}

/**
 * Runtime flags that can precede a command. None of them takes the next argument as its value, which could look like a
 * command.
 */
const RUNTIME_FLAG = /^--(?:(?:no|disable|enable)-[a-z0-9-]+|[a-z][a-z0-9-]*=.*)$/s
const ABOUT = new Set(['--help', '-h', '--version', '-V'])

/** Only the first argument decides, so a URL, a flag or a project with the name of a command opens the window. */
export function readCommandLine(start: Start): CommandLine {
  const given = givenArguments(start)
  const flags = given.findIndex((word) => !RUNTIME_FLAG.test(word))
  const args = flags === -1 ? [] : given.slice(flags)
  // `--` keeps the runtime from interpreting what follows, such as `--type=mcp`.
  if (args[0] === '--') args.shift()
  const [word] = args
  if (word === undefined) return { kind: 'window' }
  if (VERBS.includes(word) || ABOUT.has(word)) return { kind: 'verb', args }
  return /^[a-z][a-z-]*$/.test(word) ? { kind: 'unknown', word } : { kind: 'window' }
}

function givenArguments({ argv, packaged, appPath }: Start): string[] {
  if (packaged) return argv.slice(1)
  const at = argv.findIndex((word, index) => index > 0 && !word.startsWith('-') && resolve(word) === appPath)
  return at === -1 ? [] : argv.slice(at + 1)
}
