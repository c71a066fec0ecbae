import { clientEntry, typedEntry, vscodeFolder } from './client-entries.ts'
import type { Folders, KnownClient } from './client-folders.ts'

/** opencode and Kilo, which is based on it, use one list for the command and the full name for the environment. */
const localEntry: KnownClient['entry'] = ({ command, environment }) => ({
  type: 'local',
  command: [...command],
  enabled: true,
  ...(Object.keys(environment).length === 0 ? {} : { environment: { ...environment } }),
})

/** Programs that follow the XDG directories on every platform, including Windows. */
const xdgFolder = ({ join, home, moved }: Folders, name: string): string =>
  join(moved('XDG_CONFIG_HOME', join(home, '.config')), name)

/** A client with a folder in the user's home directory that contains one file with its servers. */
function homeClient(
  id: string,
  name: string,
  folder: string,
  file: readonly string[],
  changes: Partial<KnownClient> = {},
): KnownClient {
  return {
    id,
    name,
    format: 'jsonc',
    key: 'mcpServers',
    entry: clientEntry,
    configs: ({ join, home }) => [join(home, folder, ...file)],
    signs: ({ join, home }) => [join(home, folder)],
    ...changes,
  }
}

/** An edition of VS Code with separate settings. */
const editionOfCode = (id: string, name: string, folder: string): KnownClient => ({
  id,
  name,
  format: 'jsonc',
  key: 'servers',
  entry: typedEntry,
  configs: ({ join, settings }) => [join(settings, folder, 'User', 'mcp.json')],
  signs: ({ join, settings }) => [join(settings, folder, 'User')],
})

export const MORE_CLIENTS: readonly KnownClient[] = [
  editionOfCode('vscode-insiders', 'VS Code Insiders', 'Code - Insiders'),
  editionOfCode('vscodium', 'VSCodium', 'VSCodium'),
  {
    id: 'opencode',
    name: 'opencode',
    format: 'jsonc',
    key: 'mcp',
    entry: localEntry,
    configs: (folders) =>
      ['opencode.json', 'opencode.jsonc'].map((file) => folders.join(xdgFolder(folders, 'opencode'), file)),
    signs: (folders) => [xdgFolder(folders, 'opencode')],
  },
  {
    id: 'kilo',
    name: 'Kilo',
    format: 'jsonc',
    key: 'mcp',
    entry: localEntry,
    configs: (folders) => ['kilo.jsonc', 'kilo.json'].map((file) => folders.join(xdgFolder(folders, 'kilo'), file)),
    signs: (folders) => [xdgFolder(folders, 'kilo')],
  },
  {
    id: 'copilot-cli',
    name: 'Copilot CLI',
    format: 'json',
    key: 'mcpServers',
    // Without `tools`, the server's tools are not offered.
    entry: (launch, name) => ({ type: 'local', ...clientEntry(launch, name), tools: ['*'] }),
    configs: ({ join, home, moved }) => [join(moved('COPILOT_HOME', join(home, '.copilot')), 'mcp-config.json')],
    signs: ({ join, home, moved }) => [moved('COPILOT_HOME', join(home, '.copilot'))],
  },
  homeClient('qwen-code', 'Qwen Code', '.qwen', ['settings.json']),
  homeClient('droid', 'Droid', '.factory', ['mcp.json'], { entry: typedEntry }),
  homeClient('auggie', 'Auggie', '.augment', ['settings.json']),
  {
    id: 'amp',
    name: 'Amp',
    format: 'jsonc',
    // One key that contains a dot, as in VS Code settings.
    key: 'amp.mcpServers',
    entry: clientEntry,
    configs: (folders) => [folders.join(xdgFolder(folders, 'amp'), 'settings.json')],
    signs: (folders) => [xdgFolder(folders, 'amp')],
  },
  homeClient('kiro', 'Kiro', '.kiro', ['settings', 'mcp.json']),
  homeClient('lm-studio', 'LM Studio', '.lmstudio', ['mcp.json']),
  homeClient('warp', 'Warp', '.warp', ['.mcp.json']),
  {
    id: 'roo',
    name: 'Roo Code',
    format: 'jsonc',
    key: 'mcpServers',
    entry: clientEntry,
    configs: (folders) => [folders.join(rooFolder(folders), 'settings', 'mcp_settings.json')],
    signs: (folders) => [rooFolder(folders)],
  },
  {
    id: 'antigravity',
    name: 'Antigravity',
    format: 'json',
    key: 'mcpServers',
    entry: clientEntry,
    configs: ({ join, home }) => [
      join(home, '.gemini', 'config', 'mcp_config.json'),
      join(home, '.gemini', 'antigravity', 'mcp_config.json'),
    ],
    signs: ({ join, home }) => [join(home, '.gemini', 'config'), join(home, '.gemini', 'antigravity')],
  },
  {
    id: 'trae',
    name: 'Trae',
    format: 'jsonc',
    key: 'mcpServers',
    entry: clientEntry,
    configs: ({ join, settings }) => [join(settings, 'Trae', 'User', 'mcp.json')],
    signs: ({ join, settings }) => [join(settings, 'Trae', 'User')],
  },
  {
    id: 'visual-studio',
    name: 'Visual Studio',
    format: 'jsonc',
    key: 'servers',
    entry: typedEntry,
    configs: ({ join, home }) => [join(home, '.mcp.json')],
    // Runs on Windows only; elsewhere other programs use a file of this name.
    signs: ({ join, local }) => (local === null ? [] : [join(local, 'Microsoft', 'VisualStudio')]),
  },
]

function rooFolder(folders: Folders): string {
  return folders.join(vscodeFolder(folders), 'globalStorage', 'rooveterinaryinc.roo-cline')
}
