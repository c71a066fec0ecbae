import { describe, expect, it } from 'vitest'
import { createJsonEditor } from '../../src/engine/clients/formats/json-editor.ts'
import { choice, clientDesk } from './support/client-desk.ts'

const FILESYSTEM = '"filesystem": { "command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem"] }'
const OPENCODE = `{
  "$schema": "https://opencode.ai/config.json",
  // which model
  "model": "local/test",
  "mcp": {
    "everything": {
      "type": "local",
      "command": ["npx", "-y", "@modelcontextprotocol/server-everything"],
      "enabled": true,
      "environment": { "KEY": "value" },
    },
  },
}
`
/** A file as each client writes it or its documentation shows it, and where the entry has to be. */
const SAMPLES: [client: string, path: string, text: string, key: string][] = [
  ['opencode', '.config/opencode/opencode.json', OPENCODE, 'mcp'],
  ['opencode', '.config/opencode/opencode.jsonc', OPENCODE, 'mcp'],
  ['kilo', '.config/kilo/kilo.jsonc', OPENCODE, 'mcp'],
  [
    'copilot-cli',
    '.copilot/mcp-config.json',
    `{\n  "mcpServers": {\n    "docs": { "type": "http", "url": "https://docs.example/mcp", "headers": {}, "tools": ["*"] }\n  }\n}\n`,
    'mcpServers',
  ],
  [
    'qwen-code',
    '.qwen/settings.json',
    `{\n  "theme": "Qwen Dark", // mine\n  "mcpServers": { ${FILESYSTEM} },\n  "selectedAuthType": "openai"\n}`,
    'mcpServers',
  ],
  [
    'droid',
    '.factory/mcp.json',
    `{\n  "mcpServers": {\n    "linear": { "type": "http", "url": "https://mcp.linear.app/mcp", "disabled": false }\n  }\n}\n`,
    'mcpServers',
  ],
  [
    'auggie',
    '.augment/settings.json',
    `{\n\t"model": "test",\n\t"mcpServers": {\n\t\t${FILESYSTEM}\n\t}\n}\n`,
    'mcpServers',
  ],
  [
    'amp',
    '.config/amp/settings.json',
    `{\n  "amp.mcpServers": { ${FILESYSTEM} },\n  "amp.notifications.enabled": false\n}\n`,
    'amp.mcpServers',
  ],
  [
    'kiro',
    '.kiro/settings/mcp.json',
    `{\n  "mcpServers": {\n    "fetch": { "command": "uvx", "args": ["mcp-server-fetch"], "disabled": true, "autoApprove": [] }\n  }\n}\n`,
    'mcpServers',
  ],
  ['lm-studio', '.lmstudio/mcp.json', `{\r\n  "mcpServers": {}\r\n}`, 'mcpServers'],
  ['warp', '.warp/.mcp.json', `{ "mcpServers": { ${FILESYSTEM} } }`, 'mcpServers'],
  [
    'roo',
    '.config/Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json',
    `{\n  "mcpServers": {\n    ${FILESYSTEM}\n  }\n}\n`,
    'mcpServers',
  ],
  ['antigravity', '.gemini/config/mcp_config.json', `{\n  "mcpServers": { ${FILESYSTEM} }\n}\n`, 'mcpServers'],
  ['antigravity', '.gemini/antigravity/mcp_config.json', `{\n  "mcpServers": {}\n}\n`, 'mcpServers'],
  [
    'trae',
    '.config/Trae/User/mcp.json',
    `{\n    "mcpServers": {\n        "Puppeteer": { "command": "npx", "args": [], "env": {}, "fromGalleryId": "x" }\n    }\n}`,
    'mcpServers',
  ],
]

describe('an entry in a real file', () => {
  it.each(SAMPLES)(
    'of %s, in %s, keeps everything else and is removed without a trace',
    async (id, path, text, key) => {
      using desk = clientDesk({ environment: { HALLPASS_HOME: '/data' } })
      desk.put(path, text)
      expect(await desk.clients.connect(choice(id))).toMatchObject({ state: 'connected', config_path: desk.file(path) })
      const parse = createJsonEditor({ comments: true }).parse
      const [before, after] = [parse(text), parse(desk.read(path))]
      const { 'hp-sales': entry, ...others } = after[key] as Record<string, Record<string, unknown>>
      expect({ ...after, [key]: others }).toEqual({ ...before, [key]: before[key] ?? {} })
      const words = Array.isArray(entry?.['command'])
        ? entry['command']
        : [entry?.['command'], ...((entry?.['args'] ?? []) as string[])]
      expect(words).toEqual([desk.program, 'stdio', '--project', 'sales', '--as', 'agent'])
      expect(entry?.['env'] ?? entry?.['environment']).toEqual({ HALLPASS_HOME: '/data' })
      await desk.clients.disconnect(choice(id))
      expect(desk.read(path)).toBe(text)
    },
  )
  it.each(SAMPLES)('of %s, in %s, is removed alone after the file has changed', async (id, path, text, key) => {
    using desk = clientDesk()
    desk.put(path, text)
    await desk.clients.connect(choice(id))
    desk.put(path, desk.read(path).replace(/\s*$/, '\n\n'))
    await desk.clients.disconnect(choice(id))
    const parse = createJsonEditor({ comments: true }).parse
    expect(parse(desk.read(path))).toEqual({ ...parse(text), [key]: parse(text)[key] ?? {} })
  })
})

describe('Continue', () => {
  const PATH = '.continue/config.yaml'
  const others = `name: Local Agent
version: 1.0.0
schema: v1
models: [] # none yet
mcpServers:
  - name: files
    command: npx
    args: ["-y", "server"]
    # only for me
  # second
  - name: docs
    type: streamable-http
    url: https://docs.example/mcp
rules:
  - Be brief
`
  it.each([
    ['with other servers', others],
    ['without any', 'name: Local Agent\nversion: 1.0.0\n'],
    ['with an empty list', 'name: a\nmcpServers: [] # none\nrules: []\n'],
    ['without a last line break', 'mcpServers:\n- name: files\n  command: npx'],
    ['with Windows line endings', 'name: a\r\nmcpServers:\r\n  - name: x\r\n    command: y\r\n'],
    ['that is empty', ''],
  ])('gets a list item in the file that its editors and its command line read, %s', async (_, text) => {
    using desk = clientDesk()
    desk.put(PATH, text)
    expect((await desk.clients.connect(choice('continue'))).state).toBe('connected')
    expect(desk.read(PATH)).toMatch(
      /^ *- name: "hp-sales"\r?\n *command: ".+hallpass"\r?\n *args: \["stdio","--project","sales","--as","agent"\]\r?$/m,
    )
    const lines = text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('mcpServers: []'))
    for (const line of lines) expect(desk.read(PATH)).toContain(line)
    await desk.clients.disconnect(choice('continue'))
    expect(desk.read(PATH)).toBe(text)
  })
  it('loses only that item if the file has changed since', async () => {
    using desk = clientDesk()
    desk.put(PATH, others)
    await desk.clients.connect(choice('continue'))
    desk.put(PATH, `${desk.read(PATH)}# later\n`)
    await desk.clients.disconnect(choice('continue'))
    expect(desk.read(PATH)).toBe(`${others}# later\n`)
  })
  it.each([
    ['servers in a mapping', 'mcpServers:\n  files:\n    command: npx\n'],
    ['servers inline', 'mcpServers: [{ name: files, command: npx }]\n'],
    ['a dash on its own line', 'mcpServers:\n  -\n    name: files\n    command: npx\n'],
  ])('is not edited with %s', async (_, text) => {
    using desk = clientDesk()
    desk.put(PATH, text)
    await expect(desk.clients.connect(choice('continue'))).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
    expect(desk.read(PATH)).toBe(text)
  })
})

it('a 64-bit integer in a TOML file is accepted and stays exact', async () => {
  using desk = clientDesk()
  const text = 'big = 9223372036854775807\n[projects."/x"]\ntrust_level = "trusted"\n'
  desk.put('.codex/config.toml', text)
  expect((await desk.clients.connect(choice('codex'))).state).toBe('connected')
  expect(desk.read('.codex/config.toml')).toContain('big = 9223372036854775807')
  await desk.clients.disconnect(choice('codex'))
  expect(desk.read('.codex/config.toml')).toBe(text)
})

it("finds a client's folder by the caller's variables, not the engine's", async () => {
  using desk = clientDesk()
  desk.put('.claude/settings.json', '{}')
  desk.put('elsewhere/settings.json', '{}')
  const environment = { CLAUDE_CONFIG_DIR: desk.file('elsewhere') }
  const moved = await desk.clients.connect(choice('claude-code', { environment }))
  expect(moved.config_path).toBe(desk.file('elsewhere/.claude.json'))
  const found = (await desk.clients.list('sales', environment)).find(({ id }) => id === 'claude-code')
  expect(found).toMatchObject({ state: 'connected', projects: ['sales'] })
  expect(desk.there('.claude.json')).toBe(false)
})

it('lists every project that the file has an entry for, including deleted ones', async () => {
  using desk = clientDesk()
  desk.put('.cursor/mcp.json', '{}')
  await desk.clients.connect(choice('cursor'))
  await desk.clients.connect(choice('cursor', { project: 'shop' }))
  desk.projects['shop'] = undefined
  const found = (await desk.clients.list('sales', null)).find(({ id }) => id === 'cursor')
  expect(found?.projects).toEqual(['sales', 'shop'])
})
