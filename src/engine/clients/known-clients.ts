import { posix, win32 } from 'node:path'

export type ConfigFormat = 'json' | 'jsonc' | 'toml' | 'yaml'

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
  /** Its configuration. Where a client has moved, the newest place first: the first that is there counts, else the first. */
  configs(folders: Folders): string[]
  /** Files or folders of which one tells that the client is installed; the configuration itself tells it too. */
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
  return { platform, home, settings, dotConfig: platform === 'win32' ? roaming : dotConfig, join, moved }
}

const plain: KnownClient['entry'] = ({ command: [command, ...args], environment }) => ({
  command,
  args,
  ...(Object.keys(environment).length === 0 ? {} : { env: { ...environment } }),
})

const typed: KnownClient['entry'] = (launch, name) => ({ type: 'stdio', ...plain(launch, name) })

const claudeFolder = ({ moved, join, home }: Folders) => moved('CLAUDE_CONFIG_DIR', join(home, '.claude'))
const codexFolder = ({ moved, join, home }: Folders) => moved('CODEX_HOME', join(home, '.codex'))
const vscodeFolder = ({ join, settings }: Folders) => join(settings, 'Code', 'User')
const clineFolder = (folders: Folders) => folders.join(vscodeFolder(folders), 'globalStorage', 'saoudrizwan.claude-dev')
const zedFolder = ({ platform, join, home, dotConfig }: Folders) =>
  platform === 'win32' ? join(dotConfig, 'Zed') : join(platform === 'darwin' ? join(home, '.config') : dotConfig, 'zed')
const gooseFolder = ({ platform, join, dotConfig }: Folders) =>
  platform === 'win32' ? join(dotConfig, 'Block', 'goose', 'config') : join(dotConfig, 'goose')

/** Every client that can be connected, as their own documentation describes their files. */
export const KNOWN_CLIENTS: readonly KnownClient[] = [
  {
    id: 'claude-desktop',
    name: 'Claude Desktop',
    format: 'json',
    key: 'mcpServers',
    entry: plain,
    configs: ({ join, settings }) => [join(settings, 'Claude', 'claude_desktop_config.json')],
    signs: ({ join, settings }) => [join(settings, 'Claude')],
  },
  {
    id: 'claude-code',
    name: 'Claude Code',
    format: 'json',
    key: 'mcpServers',
    entry: typed,
    // The user scope, for all folders: beside ~/.claude, but inside a folder that CLAUDE_CONFIG_DIR names.
    configs: ({ moved, join, home }) => [join(moved('CLAUDE_CONFIG_DIR', home), '.claude.json')],
    signs: (folders) => [claudeFolder(folders)],
  },
  {
    id: 'cursor',
    name: 'Cursor',
    format: 'jsonc',
    key: 'mcpServers',
    entry: plain,
    configs: ({ join, home }) => [join(home, '.cursor', 'mcp.json')],
    signs: ({ join, home }) => [join(home, '.cursor')],
  },
  {
    id: 'vscode',
    name: 'VS Code',
    format: 'jsonc',
    key: 'servers',
    entry: typed,
    configs: (folders) => [folders.join(vscodeFolder(folders), 'mcp.json')],
    signs: (folders) => [vscodeFolder(folders)],
  },
  {
    id: 'windsurf',
    name: 'Windsurf',
    format: 'jsonc',
    key: 'mcpServers',
    entry: plain,
    configs: ({ join, home }) => [join(home, '.codeium', 'windsurf', 'mcp_config.json')],
    signs: ({ join, home }) => [join(home, '.codeium', 'windsurf')],
  },
  {
    id: 'zed',
    name: 'Zed',
    format: 'jsonc',
    key: 'context_servers',
    // Zed of 2025 reads an entry only with its source; newer ones pass over it.
    entry: (launch, name) => ({ source: 'custom', ...plain(launch, name) }),
    configs: (folders) => [folders.join(zedFolder(folders), 'settings.json')],
    signs: (folders) => [zedFolder(folders)],
  },
  {
    id: 'cline',
    name: 'Cline',
    format: 'json',
    key: 'mcpServers',
    entry: plain,
    configs: (folders) => [
      folders.join(folders.home, '.cline', 'data', 'settings', 'cline_mcp_settings.json'),
      folders.join(clineFolder(folders), 'settings', 'cline_mcp_settings.json'),
    ],
    signs: (folders) => [folders.join(folders.home, '.cline', 'data'), clineFolder(folders)],
  },
  {
    id: 'gemini-cli',
    name: 'Gemini CLI',
    format: 'jsonc',
    key: 'mcpServers',
    entry: plain,
    configs: ({ join, home }) => [join(home, '.gemini', 'settings.json')],
    signs: ({ join, home }) => [join(home, '.gemini')],
  },
  {
    id: 'codex',
    name: 'Codex',
    format: 'toml',
    key: 'mcp_servers',
    entry: plain,
    configs: (folders) => [folders.join(codexFolder(folders), 'config.toml')],
    signs: (folders) => [codexFolder(folders)],
  },
  {
    id: 'continue',
    name: 'Continue',
    format: 'json',
    key: 'mcpServers',
    entry: plain,
    // Continue reads every file of this folder beside its config.yaml: a file of our own touches nothing of the user's.
    configs: ({ join, home }) => [join(home, '.continue', 'mcpServers', 'hallpass.json')],
    signs: ({ join, home }) => [join(home, '.continue')],
  },
  {
    id: 'goose',
    name: 'goose',
    format: 'yaml',
    key: 'extensions',
    entry: ({ command: [cmd, ...args], environment }, name) => ({
      enabled: true,
      type: 'stdio',
      name,
      cmd,
      args,
      envs: { ...environment },
      timeout: 300,
    }),
    configs: (folders) => [folders.join(gooseFolder(folders), 'config.yaml')],
    signs: (folders) => [gooseFolder(folders)],
  },
]
