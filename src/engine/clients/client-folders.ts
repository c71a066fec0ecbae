import { posix, win32 } from 'node:path'

export type ConfigFormat = 'json' | 'jsonc' | 'toml' | 'yaml' | 'yaml-list'

/** Locations of this user's files. Passed as an argument, so that nothing reads the process's environment. */
export interface Places {
  platform: 'linux' | 'darwin' | 'win32'
  /** The user's home folder. */
  home: string
  environment: Readonly<Record<string, string | undefined>>
}

/** How a client starts Hallpass: the command with arguments, and the environment variables it needs. */
export interface Launch {
  command: readonly string[]
  environment: Readonly<Record<string, string>>
}

export interface KnownClient {
  id: string
  name: string
  format: ConfigFormat
  /** Top-level key of the servers in the file. */
  key: string
  /** Possible paths of its configuration, newest first. Uses the first that exists, or else the first. */
  configs(folders: Folders): string[]
  /** Files or folders that show that the client is installed. The configuration itself counts too. */
  signs(folders: Folders): string[]
  entry(launch: Launch, name: string): Record<string, unknown>
}

/** One user's locations on one platform, and how paths are joined there. */
export interface Folders {
  platform: Places['platform']
  home: string
  /** Where desktop programs keep settings: ~/.config, ~/Library/Application Support, %APPDATA%. */
  settings: string
  /** ~/.config on every platform except Windows. */
  dotConfig: string
  /** %LOCALAPPDATA%, or null on other platforms. */
  local: string | null
  join(...parts: string[]): string
  /** Returns the folder that a variable names, or the default. */
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
