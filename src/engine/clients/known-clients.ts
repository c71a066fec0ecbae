import { readdirSync } from 'node:fs'
import { clientEntry as plain, typedEntry as typed, vscodeFolder } from './client-entries.ts'
import type { Folders, KnownClient } from './client-folders.ts'
import { MORE_CLIENTS } from './more-clients.ts'

const claudeFolder = ({ moved, join, home }: Folders) => moved('CLAUDE_CONFIG_DIR', join(home, '.claude'))
const codexFolder = ({ moved, join, home }: Folders) => moved('CODEX_HOME', join(home, '.codex'))
const clineFolder = (folders: Folders) => folders.join(vscodeFolder(folders), 'globalStorage', 'saoudrizwan.claude-dev')
const zedFolder = ({ platform, join, home, dotConfig }: Folders) =>
  platform === 'win32' ? join(dotConfig, 'Zed') : join(platform === 'darwin' ? join(home, '.config') : dotConfig, 'zed')
const gooseFolder = ({ platform, join, dotConfig }: Folders) =>
  platform === 'win32' ? join(dotConfig, 'Block', 'goose', 'config') : join(dotConfig, 'goose')

export { foldersOf } from './client-folders.ts'

/** Publisher hash of Anthropic's packages in the Microsoft Store. */
const STORE_PACKAGE = 'Claude_pzs8sxrjxfjjc'

/**
 * Returns the folders where Claude Desktop from the Microsoft Store keeps its settings: Windows redirects an app package's
 * %APPDATA% into the package's own folder. The known package comes first; others that are installed follow.
 */
function storeFolders({ local, join }: Folders): string[] {
  if (local === null) return []
  const packages = join(local, 'Packages')
  const names = new Set([STORE_PACKAGE, ...installedPackages(packages)])
  return [...names].map((name) => join(packages, name, 'LocalCache', 'Roaming', 'Claude'))
}

function installedPackages(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.startsWith('Claude_'))
  } catch (thrown) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'].includes((thrown as NodeJS.ErrnoException).code ?? '')) return []
    throw thrown
  }
}

/** Every client that can be connected. Files are as described in each client's documentation. */
export const KNOWN_CLIENTS: readonly KnownClient[] = [
  {
    id: 'claude-desktop',
    name: 'Claude Desktop',
    format: 'json',
    key: 'mcpServers',
    entry: plain,
    configs: (folders) => [
      ...storeFolders(folders).map((folder) => folders.join(folder, 'claude_desktop_config.json')),
      folders.join(folders.settings, 'Claude', 'claude_desktop_config.json'),
    ],
    signs: (folders) => [...storeFolders(folders), folders.join(folders.settings, 'Claude')],
  },
  {
    id: 'claude-code',
    name: 'Claude Code',
    format: 'json',
    key: 'mcpServers',
    entry: typed,
    // The user scope for all folders: next to ~/.claude, but inside the folder of CLAUDE_CONFIG_DIR if it is set.
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
    // Zed versions of 2025 ignore an entry without its source. Newer ones ignore the source.
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
    format: 'yaml-list',
    key: 'mcpServers',
    // The editors and the command line (`cn`) both read this file. Only the editors read ~/.continue/mcpServers.
    entry: (launch, name) => ({ name, ...plain(launch, name) }),
    configs: ({ join, home }) => [join(home, '.continue', 'config.yaml')],
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
  ...MORE_CLIENTS,
]
