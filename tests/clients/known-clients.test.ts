import { describe, expect, it } from 'vitest'
import { foldersOf, type Places } from '../../src/engine/clients/client-folders.ts'
import { KNOWN_CLIENTS } from '../../src/engine/clients/known-clients.ts'

function places(
  platform: Places['platform'],
  home: string,
  environment: Places['environment'] = {},
): Record<string, string | undefined> {
  return Object.fromEntries(
    KNOWN_CLIENTS.map((client) => [client.id, client.configs(foldersOf({ platform, home, environment }))[0]]),
  )
}
const entryOf = (id: string, environment: Record<string, string> = {}) =>
  KNOWN_CLIENTS.find((one) => one.id === id)?.entry(
    { command: ['/node', '/hallpass', 'stdio'], environment },
    'hp-sales',
  )

describe('the configuration of each client', () => {
  it('is found on Linux', () => {
    expect(places('linux', '/home/me')).toEqual({
      'claude-desktop': '/home/me/.config/Claude/claude_desktop_config.json',
      'claude-code': '/home/me/.claude.json',
      cursor: '/home/me/.cursor/mcp.json',
      vscode: '/home/me/.config/Code/User/mcp.json',
      windsurf: '/home/me/.codeium/windsurf/mcp_config.json',
      zed: '/home/me/.config/zed/settings.json',
      cline: '/home/me/.cline/data/settings/cline_mcp_settings.json',
      'gemini-cli': '/home/me/.gemini/settings.json',
      codex: '/home/me/.codex/config.toml',
      continue: '/home/me/.continue/config.yaml',
      goose: '/home/me/.config/goose/config.yaml',
      'vscode-insiders': '/home/me/.config/Code - Insiders/User/mcp.json',
      vscodium: '/home/me/.config/VSCodium/User/mcp.json',
      opencode: '/home/me/.config/opencode/opencode.json',
      kilo: '/home/me/.config/kilo/kilo.jsonc',
      'copilot-cli': '/home/me/.copilot/mcp-config.json',
      'qwen-code': '/home/me/.qwen/settings.json',
      droid: '/home/me/.factory/mcp.json',
      auggie: '/home/me/.augment/settings.json',
      amp: '/home/me/.config/amp/settings.json',
      kiro: '/home/me/.kiro/settings/mcp.json',
      'lm-studio': '/home/me/.lmstudio/mcp.json',
      warp: '/home/me/.warp/.mcp.json',
      roo: '/home/me/.config/Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json',
      antigravity: '/home/me/.gemini/config/mcp_config.json',
      trae: '/home/me/.config/Trae/User/mcp.json',
      'visual-studio': '/home/me/.mcp.json',
    })
  })
  it('is found on macOS, where some use ~/.config', () => {
    expect(places('darwin', '/Users/me')).toMatchObject({
      'claude-desktop': '/Users/me/Library/Application Support/Claude/claude_desktop_config.json',
      vscode: '/Users/me/Library/Application Support/Code/User/mcp.json',
      zed: '/Users/me/.config/zed/settings.json',
      goose: '/Users/me/.config/goose/config.yaml',
    })
  })
  it('is found on Windows', () => {
    const local = { APPDATA: 'D:\\Roaming', LOCALAPPDATA: 'D:\\Local' }
    const desktop = KNOWN_CLIENTS.find(({ id }) => id === 'claude-desktop')
    expect(desktop?.configs(foldersOf({ platform: 'win32', home: 'C:\\Users\\me', environment: local }))).toEqual([
      'D:\\Local\\Packages\\Claude_pzs8sxrjxfjjc\\LocalCache\\Roaming\\Claude\\claude_desktop_config.json',
      'D:\\Roaming\\Claude\\claude_desktop_config.json',
    ])
    expect(places('win32', 'C:\\Users\\me', { APPDATA: 'D:\\Roaming' })).toMatchObject({
      'visual-studio': 'C:\\Users\\me\\.mcp.json',
      opencode: 'C:\\Users\\me\\.config\\opencode\\opencode.json',
      'claude-code': 'C:\\Users\\me\\.claude.json',
      cursor: 'C:\\Users\\me\\.cursor\\mcp.json',
      vscode: 'D:\\Roaming\\Code\\User\\mcp.json',
      zed: 'D:\\Roaming\\Zed\\settings.json',
      goose: 'D:\\Roaming\\Block\\goose\\config\\config.yaml',
    })
    expect(places('win32', 'C:\\Users\\me')['vscode']).toBe('C:\\Users\\me\\AppData\\Roaming\\Code\\User\\mcp.json')
  })
  it('follows the variables that move it, unless they contain no full path', () => {
    const moved = { XDG_CONFIG_HOME: '/x', CODEX_HOME: '/c', CLAUDE_CONFIG_DIR: '/cc' }
    expect(places('linux', '/home/me', moved)).toMatchObject({
      zed: '/x/zed/settings.json',
      codex: '/c/config.toml',
      'claude-code': '/cc/.claude.json',
    })
    expect(places('linux', '/home/me', { XDG_CONFIG_HOME: 'relative', CODEX_HOME: '' })).toEqual(
      places('linux', '/home/me'),
    )
  })
})

describe('an entry', () => {
  it("separates the command from its arguments, in the client's format", () => {
    const plain = { command: '/node', args: ['/hallpass', 'stdio'] }
    expect(entryOf('cursor')).toEqual(plain)
    expect(entryOf('vscode')).toEqual({ type: 'stdio', ...plain })
    expect(entryOf('zed')).toEqual({ source: 'custom', ...plain })
    expect(entryOf('goose')).toEqual({
      enabled: true,
      type: 'stdio',
      name: 'hp-sales',
      cmd: '/node',
      args: plain.args,
      envs: {},
      timeout: 300,
    })
  })
  it('includes the environment only if it is not empty', () => {
    expect(entryOf('codex', { HALLPASS_HOME: '/d' })).toEqual({
      command: '/node',
      args: ['/hallpass', 'stdio'],
      env: { HALLPASS_HOME: '/d' },
    })
  })
})
