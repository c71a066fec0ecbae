import { delimiter, join } from 'node:path'

/**
 * What a program needs in order to run at all. Nothing else of ours goes to it: the environment of whoever started Hallpass holds keys
 * of other things, HALLPASS_VAULT_KEY among them.
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

/** Set in every child and handed on to its children, so that a process that left the group can still be told as ours. */
export const MARKER = 'HALLPASS_UPSTREAM'

export type Environment = Record<string, string>

/** Where package managers put programs. A host that was started by a click has a PATH without them. */
const PROGRAM_FOLDERS = ['/opt/homebrew/bin', '/usr/local/bin']
const OWN_PROGRAM_FOLDERS = [
  '.local/bin',
  '.local/share/mise/shims',
  '.asdf/shims',
  '.volta/bin',
  '.bun/bin',
  '.deno/bin',
  '.cargo/bin',
]

/** The PATH as it is, and after it the folders that it lacks: nothing that is found now is found elsewhere then. */
function programPath(path: string, home: string | undefined): string {
  const known = path.split(delimiter).filter((folder) => folder !== '')
  const own = home === undefined ? [] : OWN_PROGRAM_FOLDERS.map((folder) => join(home, folder))
  return [...known, ...[...PROGRAM_FOLDERS, ...own].filter((folder) => !known.includes(folder))].join(delimiter)
}

/** The allowed part of `from`, then the connection's own values, then our marker. */
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
