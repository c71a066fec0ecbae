import { join } from 'node:path'
import { extendPath } from '../../../platform/login-shell-path.ts'

/**
 * Variables that programs need in order to run. Nothing else is passed on, because Hallpass's environment may contain
 * other keys, including HALLPASS_VAULT_KEY.
 */
const POSIX = [
  'HOME',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'LOGNAME',
  'PATH',
  'SHELL',
  'TERM',
  'TMPDIR',
  'TZ',
  'USER',
  'XDG_RUNTIME_DIR',
]
const WINDOWS = [
  'APPDATA',
  'COMSPEC',
  'HOMEDRIVE',
  'HOMEPATH',
  'LOCALAPPDATA',
  'NUMBER_OF_PROCESSORS',
  'PATH',
  'PATHEXT',
  'PROCESSOR_ARCHITECTURE',
  'PROGRAMDATA',
  'PROGRAMFILES',
  'PROGRAMFILES(X86)',
  'PROGRAMW6432',
  'SYSTEMDRIVE',
  'SYSTEMROOT',
  'TEMP',
  'TMP',
  'USERNAME',
  'USERPROFILE',
  'WINDIR',
]

/** Set in every child and inherited by its children, so that a process that left the group can still be recognized. */
export const MARKER = 'HALLPASS_UPSTREAM'

export type Environment = Record<string, string>

/** Folders of package managers. A program started from a desktop has a PATH without them. */
const PROGRAM_FOLDERS = ['/opt/homebrew/bin', '/opt/local/bin', '/usr/local/bin']
const OWN_PROGRAM_FOLDERS = [
  '.local/bin',
  '.local/share/mise/shims',
  '.asdf/shims',
  '.volta/bin',
  '.bun/bin',
  '.deno/bin',
  '.cargo/bin',
]

function programPath(path: string, home: string | undefined): string {
  const own = home === undefined ? [] : OWN_PROGRAM_FOLDERS.map((folder) => join(home, folder))
  return extendPath(path, [...PROGRAM_FOLDERS, ...own].join(':'))
}

/** Returns the allowed part of `from`, then the connection's own values, then our marker. */
export function launchEnvironment(
  from: NodeJS.ProcessEnv,
  own: Environment,
  marker: string,
  platform: NodeJS.Platform = process.platform,
): Environment {
  const allowed = platform === 'win32' ? WINDOWS : POSIX
  const environment: Environment = {}
  for (const [name, value] of Object.entries(from)) {
    // A shell function exported as a variable is code for whatever shell the program starts.
    if (value === undefined || value.startsWith('()')) continue
    if (allowed.includes(platform === 'win32' ? name.toUpperCase() : name)) environment[name] = value
  }
  if (platform !== 'win32') environment['PATH'] = programPath(environment['PATH'] ?? '', environment['HOME'])
  return { ...environment, ...own, [MARKER]: marker }
}
