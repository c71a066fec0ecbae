import { posix, win32 } from 'node:path'

export type ConfigFormat = 'json' | 'jsonc' | 'toml' | 'yaml' | 'yaml-list'

/** Where this user's programs keep their files; a parameter, so that nothing reads the process's own environment. */
export interface Places {
  platform: 'linux' | 'darwin' | 'win32'
  /** The user's home folder. */
  home: string
  environment: Readonly<Record<string, string | undefined>>
}

/** What a client starts: the command as words, and what its environment must hold. */
export interface Launch {
  command: readonly string[]
  environment: Readonly<Record<string, string>>
}

export interface KnownClient {
  id: string
  name: string
  format: ConfigFormat
  /** Key of the file's root under which the servers stand, by name. */
  key: string
  /** Paths of its configuration, newest first. The first that exists counts, else the first. */
  configs(folders: Folders): string[]
  /** Files or folders of which one shows that the client is installed; the configuration itself shows it too. */
  signs(folders: Folders): string[]
  entry(launch: Launch, name: string): Record<string, unknown>
}

/** Places of one user on one platform, and the joining of paths there. */
export interface Folders {
  platform: Places['platform']
  home: string
  /** Where desktop programs keep settings: ~/.config, ~/Library/Application Support, %APPDATA%. */
  settings: string
  /** ~/.config on every platform but Windows. */
  dotConfig: string
  /** %LOCALAPPDATA%, or null on other platforms. */
  local: string | null
  join(...parts: string[]): string
  /** A folder that the user moved by a variable, else the usual one. */
  moved(variable: string, usual: string): string
}

export function foldersOf({ platform, home, environment }: Places): Folders {
  const { join, isAbsolute } = platform === 'win32' ? win32 : posix
  const moved = (variable: string, usual: string): string => {
    const named = environment[variable]
    return named !== undefined && isAbsolute(named) ? named : usual
  }
  const dotConfig = moved('XDG_CONFIG_HOME', join(home, '.config'))
  const roaming = moved('APPDATA', join(home, 'AppData', 'Roaming'))
  const settings = { linux: dotConfig, darwin: join(home, 'Library', 'Application Support'), win32: roaming }[platform]
  const local = platform === 'win32' ? moved('LOCALAPPDATA', join(home, 'AppData', 'Local')) : null
  return { platform, home, settings, dotConfig: platform === 'win32' ? roaming : dotConfig, local, join, moved }
}
