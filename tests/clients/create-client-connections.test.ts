import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CANARY, choice, clientDesk, localToken } from './support/client-desk.ts'

const CURSOR = '.cursor/mcp.json'
const refused = (message: RegExp) => ({
  name: 'HallpassError',
  code: 'INVALID_REQUEST',
  message: expect.stringMatching(message),
})

async function stateOf(desk: ReturnType<typeof clientDesk>, id: string, project = 'sales') {
  const found = (await desk.clients.list(project, null)).find((one) => one.id === id)
  if (found === undefined) throw new Error(`no client ${id}`)
  return found
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))
}

describe('an invalid request', () => {
  it('for an unknown client is rejected with the list of known ones', async () => {
    using desk = clientDesk()
    await expect(desk.clients.connect(choice('nope'))).rejects.toMatchObject(
      refused(/Unknown client "nope". Supported clients: claude-desktop, claude-code, cursor/),
    )
    await expect(desk.clients.preview(choice('nope'), 'disconnect')).rejects.toMatchObject(refused(/Supported clients/))
  })
  it('for a client that is not installed is rejected, and creates nothing', async () => {
    using desk = clientDesk()
    await expect(desk.clients.connect(choice('cursor'))).rejects.toMatchObject(
      refused(/Cursor doesn't seem to be installed \(.*\.cursor is missing\)/),
    )
    expect(readdirSync(desk.home)).toEqual([])
    expect(await stateOf(desk, 'cursor')).toMatchObject({ state: 'absent', config_path: desk.file(CURSOR) })
  })
  it('for a project without a local token is rejected with how to create one, and creates none', async () => {
    using desk = clientDesk()
    desk.put(CURSOR, '{}')
    desk.projects['sales'] = [localToken('script', { kind: 'access' }), localToken('old', { status: 'revoked' })]
    await expect(desk.clients.connect(choice('cursor'))).rejects.toMatchObject(
      refused(/no local token .*hallpass create token NAME -p sales --local/),
    )
    await expect(desk.clients.connect(choice('cursor', { token: 'script' }))).rejects.toMatchObject(
      refused(/"script" isn't a local token/),
    )
    await expect(desk.clients.connect(choice('cursor', { token: 'old' }))).rejects.toMatchObject(
      refused(/"old" is revoked/),
    )
    expect(desk.read(CURSOR)).toBe('{}')
  })
  it('must name one of several local tokens', async () => {
    using desk = clientDesk()
    desk.put(CURSOR, '{}')
    desk.projects['sales'] = [localToken('one'), localToken('two')]
    await expect(desk.clients.connect(choice('cursor'))).rejects.toMatchObject(
      refused(/several local tokens \(one, two\)/),
    )
    expect((await desk.clients.connect(choice('cursor', { token: 'two' }))).state).toBe('connected')
    expect(JSON.parse(desk.read(CURSOR)).mcpServers['hp-sales'].args.slice(-2)).toEqual(['--as', 'two'])
  })
  it("can't disconnect what is not connected", async () => {
    using desk = clientDesk()
    desk.put(CURSOR, '{}')
    await expect(desk.clients.disconnect(choice('cursor'))).rejects.toMatchObject(
      refused(/Cursor isn't connected to project "sales"/),
    )
  })
})

describe('a configuration that cannot be read', () => {
  const cases: [string, string | Buffer, RegExp][] = [
    ['broken JSON', '{ "mcpServers": ', /isn't valid JSON/],
    ['two values', '{} {}', /isn't valid JSON/],
    ['a list', '[]', /doesn't contain a JSON object/],
    ['servers in a list', '{"mcpServers": []}', /isn't a list of named servers/],
    ['servers in a string', '{"mcpServers": "none"}', /isn't a list of named servers/],
    ['another encoding', Buffer.from('\ufeff{}', 'utf16le'), /isn't UTF-8/],
    ['a binary file', Buffer.from([0xff, 0x00, 0xfe, 0x80]), /isn't UTF-8/],
    ['endless nesting', `{"a": ${'['.repeat(200_000)}`, /isn't valid|too deeply/],
  ]
  it.each(cases)('%s: is reported as unreadable and never changed', async (_, content, sentence) => {
    using desk = clientDesk()
    desk.put(CURSOR, content)
    expect(await stateOf(desk, 'cursor')).toMatchObject({
      state: 'unreadable',
      message: expect.stringMatching(sentence),
    })
    await expect(desk.clients.connect(choice('cursor'))).rejects.toMatchObject(
      refused(/Couldn't read the configuration/),
    )
    await expect(desk.clients.disconnect(choice('cursor'))).rejects.toMatchObject(
      refused(/Couldn't read the configuration/),
    )
    expect(readFileSync(desk.file(CURSOR))).toEqual(Buffer.from(content))
    expect(readdirSync(join(desk.home, '.cursor'))).toEqual(['mcp.json'])
  })
  it.each([500, 5000, 50_000])(
    'valid JSON nested %i levels deep is connected or rejected, never damaged',
    async (levels) => {
      using desk = clientDesk()
      const text = `{"a": ${'['.repeat(levels)}${']'.repeat(levels)}}`
      desk.put(CURSOR, text)
      const outcome = await desk.clients.connect(choice('cursor')).then(
        ({ state }) => state,
        (thrown: { code: string }) => thrown.code,
      )
      expect(['connected', 'INVALID_REQUEST']).toContain(outcome)
      if (outcome === 'connected') await desk.clients.disconnect(choice('cursor'))
      expect(desk.read(CURSOR)).toBe(text)
    },
  )
  it('is described without quoting the file', async () => {
    using desk = clientDesk()
    desk.put('.codex/config.toml', `[mcp_servers.a]\nkey = ${CANARY}\n`)
    desk.put('.config/goose/config.yaml', `extensions:\n  a: "${CANARY}\n`)
    desk.put(CURSOR, `{"a": ${CANARY}}`)
    const states = await desk.clients.list('sales', null)
    expect(states.filter(({ state }) => state === 'unreadable').map(({ id }) => id)).toEqual([
      'cursor',
      'codex',
      'goose',
    ])
    const refusal = await desk.clients.connect(choice('codex')).catch((thrown: Error) => thrown.message)
    expect(JSON.stringify([states, refusal])).not.toContain('canary')
  })
  it('with comments is read where the client accepts them, and is unreadable elsewhere', async () => {
    using desk = clientDesk()
    desk.put(CURSOR, '{ // mine\n}')
    desk.put('.config/Claude/claude_desktop_config.json', '{ // mine\n}')
    expect((await stateOf(desk, 'cursor')).state).toBe('installed')
    expect((await stateOf(desk, 'claude-desktop')).state).toBe('unreadable')
  })
  it('a folder in its place or a broken link is left alone', async () => {
    using desk = clientDesk()
    mkdirSync(desk.file(CURSOR), { recursive: true })
    expect(await stateOf(desk, 'cursor')).toMatchObject({ state: 'unreadable', message: "It isn't a regular file." })
    mkdirSync(desk.file('.gemini'))
    symlinkSync(desk.file('nowhere.json'), desk.file('.gemini/settings.json'))
    expect(await stateOf(desk, 'gemini-cli')).toMatchObject({
      state: 'unreadable',
      message: "It's a symbolic link to a missing file.",
    })
    await expect(desk.clients.connect(choice('gemini-cli'))).rejects.toMatchObject(
      refused(/Couldn't read the configuration/),
    )
    expect(desk.there('nowhere.json')).toBe(false)
  })
})

describe('a foreign entry under our name', () => {
  const FOREIGN = `{"mcpServers": {"hp-sales": {"command": "npx", "args": ["other"], "env": {"KEY": "${CANARY}"}}}}`
  it('is never overwritten or removed, and is reported by name', async () => {
    using desk = clientDesk()
    desk.put(CURSOR, FOREIGN)
    for (const act of [
      () => desk.clients.connect(choice('cursor')),
      () => desk.clients.disconnect(choice('cursor')),
      () => desk.clients.preview(choice('cursor'), 'connect'),
    ]) {
      await expect(act()).rejects.toMatchObject(refused(/already has an entry "hp-sales" that isn't from Hallpass/))
    }
    expect(desk.read(CURSOR)).toBe(FOREIGN)
    expect(await stateOf(desk, 'cursor')).toMatchObject({
      state: 'installed',
      message: expect.stringMatching(/isn't from Hallpass/),
    })
  })
  it('that starts Hallpass through another program is not treated as ours', async () => {
    using desk = clientDesk()
    desk.put(
      CURSOR,
      JSON.stringify({
        mcpServers: {
          'hp-sales': { command: '/usr/bin/env', args: ['KEY=x', 'hallpass', 'stdio', '--project', 'sales'] },
        },
      }),
    )
    await expect(desk.clients.connect(choice('cursor'))).rejects.toMatchObject(refused(/isn't from Hallpass/))
  })
})

describe('the preview of a change', () => {
  const others = (values: string) =>
    `{\n  "mcpServers": {\n    "a": {\n      "command": "${values}",\n      "args": ["--key", "${values}"],\n      "env": { "KEY": "${values}" },\n      "headers": { "Authorization": "${values}" } // ${values}\n    }\n  } /* ${values} */,\n  "pin": 90210\n}\n`
  const files: [string, string, string][] = [
    ['cursor', CURSOR, others(CANARY)],
    ['cursor', CURSOR, `{"mcpServers":{"a":{"env":{"KEY":"${CANARY}"}}}}`],
    [
      'cursor',
      CURSOR,
      `{"mcpServers":{"hp-sales":{"command":"/gone","args":["stdio","--project","sales","--as","agent"],"env":{"KEY":"${CANARY}"}}}}`,
    ],
    [
      'cursor',
      CURSOR,
      `{"mcpServers":{"hp-sales":{"command":"/gone","args":["stdio","--project","sales","--as","agent"],"env":{"KEY":"${CANARY}"}, // ${CANARY}\n"env":{}}}}`,
    ],
    [
      'codex',
      '.codex/config.toml',
      `[mcp_servers.a]\ncommand = "x"\nenv = { KEY = "${CANARY}" }\nnote = """\n[mcp_servers.hp-sales]\n${CANARY}"""\n# ${CANARY}`,
    ],
    [
      'codex',
      '.codex/config.toml',
      `[mcp_servers.hp-sales]\ncommand = "/gone"\nargs = ["stdio", "--project", "sales"]\n[mcp_servers.hp-sales.env]\nKEY = "${CANARY}"\n`,
    ],
    [
      'codex',
      '.codex/config.toml',
      `[mcp_servers.hp-sales]\ncommand = "/gone" # ${CANARY}\nargs = ["stdio", "--project", "sales"]\n[mcp_servers.b.env]\nKEY = "${CANARY}"\n`,
    ],
    [
      'goose',
      '.config/goose/config.yaml',
      `KEY: ${CANARY}\nextensions:\n  a:\n    cmd: x\n    envs:\n      KEY: ${CANARY}\n    note: |\n      user: ${CANARY}\n# ${CANARY}\n`,
    ],
    ['goose', '.config/goose/config.yaml', `extensions: # ${CANARY}\nKEY: ${CANARY}`],
    [
      'goose',
      '.config/goose/config.yaml',
      `extensions:\n  hp-sales:\n    cmd: /gone\n    args: [stdio, --project, sales]\n    envs: { KEY: ${CANARY} }\n`,
    ],
  ]
  it.each(files)('of %s, in %s, contains no value of another entry (%#)', async (id, path, text) => {
    using desk = clientDesk()
    desk.put(path, text)
    const before = await desk.clients.preview(choice(id), 'connect')
    const states = await desk.clients.list('sales', null)
    const done = await desk.clients.connect(choice(id))
    const after = await desk.clients.preview(choice(id), 'disconnect')
    expect(before.diff).toContain(desk.program)
    expect(after.diff).toContain('hp-sales')
    expect(JSON.stringify([before, states, done, after])).not.toMatch(/canary|90210/)
  })
  it("is a unified diff of the client's file, whose context shows where the entry goes", async () => {
    using desk = clientDesk()
    desk.put(CURSOR, '{\n  "mcpServers": {\n    "a": { "command": "x" }\n  }\n}\n')
    const { diff, config_path } = await desk.clients.preview(choice('cursor'), 'connect')
    expect(config_path).toBe(desk.file(CURSOR))
    expect(diff.split('\n').slice(0, 6)).toEqual([
      `--- ${config_path}`,
      `+++ ${config_path}`,
      '@@ -1,5 +1,15 @@',
      ' {',
      '   "mcpServers": {',
      '-    "a": { "command": "…" }',
    ])
    expect(diff).toContain('+        "--as",\n+        "agent"')
  })
  it('writes nothing, and is empty if nothing would change', async () => {
    using desk = clientDesk()
    desk.put(CURSOR, '{}')
    await desk.clients.preview(choice('cursor'), 'connect')
    expect([desk.read(CURSOR), readdirSync(join(desk.home, '.cursor'))]).toEqual(['{}', ['mcp.json']])
    await desk.clients.connect(choice('cursor'))
    const { mtimeMs } = statSync(desk.file(CURSOR))
    expect((await desk.clients.preview(choice('cursor'), 'connect')).diff).toBe('')
    await desk.clients.connect(choice('cursor'))
    expect(statSync(desk.file(CURSOR)).mtimeMs).toBe(mtimeMs)
  })
  it('is compared with the file: one that changed since is not written', async () => {
    using desk = clientDesk()
    desk.put(CURSOR, '{}')
    const { version: seen } = await desk.clients.preview(choice('cursor'), 'connect')
    desk.put(CURSOR, '{"theme": "dark"}')
    await expect(desk.clients.connect(choice('cursor', { seen }))).rejects.toMatchObject(
      refused(/has changed since the preview/),
    )
    expect(desk.read(CURSOR)).toBe('{"theme": "dark"}')
    const again = await desk.clients.preview(choice('cursor'), 'connect')
    expect((await desk.clients.connect(choice('cursor', { seen: again.version }))).state).toBe('connected')
    await expect(desk.clients.disconnect(choice('cursor', { seen: again.version }))).rejects.toMatchObject(
      refused(/since the preview/),
    )
  })
})

describe('a client that is connected', () => {
  it('starts Hallpass by its full path, as a local token, without a secret', async () => {
    using desk = clientDesk({ environment: { HALLPASS_HOME: '/data' } })
    desk.put(CURSOR, '{}')
    expect(await desk.clients.connect(choice('cursor'))).toEqual({
      id: 'cursor',
      name: 'Cursor',
      state: 'connected',
      config_path: desk.file(CURSOR),
      projects: ['sales'],
      message: null,
      token: 'agent',
    })
    expect(JSON.parse(desk.read(CURSOR))).toEqual({
      mcpServers: {
        'hp-sales': {
          command: desk.program,
          args: ['stdio', '--project', 'sales', '--as', 'agent'],
          env: { HALLPASS_HOME: '/data' },
        },
      },
    })
  })
  it('keeps mode, byte order mark and line endings, and leaves no file next to it', async () => {
    using desk = clientDesk()
    desk.put(CURSOR, '\ufeff{\r\n\t"theme": "dark"\r\n}\r\n')
    chmodSync(desk.file(CURSOR), 0o640)
    await desk.clients.connect(choice('cursor'))
    const text = desk.read(CURSOR)
    expect(text.startsWith('\ufeff{\r\n\t"theme": "dark",\r\n\t"mcpServers": {\r\n\t\t"hp-sales"')).toBe(true)
    expect(text.replaceAll('\r\n', '')).not.toContain('\n')
    expect(statSync(desk.file(CURSOR)).mode & 0o777).toBe(0o640)
    expect(readdirSync(join(desk.home, '.cursor'))).toEqual(['mcp.json'])
  })
  it("through a link, is written to the link's target", async () => {
    using desk = clientDesk()
    desk.put('dotfiles/cursor.json', '{}')
    mkdirSync(desk.file('.cursor'))
    symlinkSync('../dotfiles/cursor.json', desk.file(CURSOR))
    const { config_path } = await desk.clients.preview(choice('cursor'), 'connect')
    await desk.clients.connect(choice('cursor'))
    expect([lstatSync(desk.file(CURSOR)).isSymbolicLink(), config_path]).toEqual([
      true,
      desk.file('dotfiles/cursor.json'),
    ])
    expect(desk.read('dotfiles/cursor.json')).toContain('hp-sales')
    await desk.clients.disconnect(choice('cursor'))
    expect([lstatSync(desk.file(CURSOR)).isSymbolicLink(), desk.read('dotfiles/cursor.json')]).toEqual([true, '{}'])
  })
  it('without a configuration gets one that only its user can read, which is removed again', async () => {
    using desk = clientDesk()
    mkdirSync(desk.file('.continue'))
    await desk.clients.connect(choice('continue'))
    expect(statSync(desk.file('.continue/config.yaml')).mode & 0o777).toBe(0o600)
    await desk.clients.disconnect(choice('continue'))
    expect(desk.there('.continue/config.yaml')).toBe(false)
  })
  it('can be turned off in the client, which is reported', async () => {
    using desk = clientDesk()
    desk.put(CURSOR, '{}')
    await desk.clients.connect(choice('cursor'))
    desk.put(CURSOR, desk.read(CURSOR).replace('"command"', '"disabled": true, "command"'))
    expect(await stateOf(desk, 'cursor')).toMatchObject({
      state: 'connected',
      message: 'The entry is turned off in the client.',
    })
  })
  it("stays unchanged if it can't be written", async () => {
    using desk = clientDesk()
    desk.put(CURSOR, '{}')
    chmodSync(join(desk.home, '.cursor'), 0o500)
    const asRoot = process.getuid?.() === 0
    try {
      if (!asRoot)
        await expect(desk.clients.connect(choice('cursor'))).rejects.toMatchObject(
          refused(/Couldn't write .* \(EACCES\)/),
        )
    } finally {
      chmodSync(join(desk.home, '.cursor'), 0o700)
    }
    expect(desk.read(CURSOR)).toBe('{}')
  })
  it('runs simultaneous changes one after the other', async () => {
    using desk = clientDesk()
    desk.put(CURSOR, '{}')
    await Promise.all([
      desk.clients.connect(choice('cursor')),
      desk.clients.connect(choice('cursor', { project: 'shop' })),
    ])
    expect(Object.keys(JSON.parse(desk.read(CURSOR)).mcpServers)).toEqual(['hp-sales', 'hp-shop'])
  })
})

describe('an entry that would not work is reported as drifted and repaired by connecting again', () => {
  async function connected(environment: Record<string, string> = {}) {
    const desk = clientDesk({ environment })
    desk.put(CURSOR, '{\n  "keep": 1\n}\n')
    await desk.clients.connect(choice('cursor'))
    return desk
  }
  it('if its command is gone', async () => {
    using desk = await connected()
    rmSync(desk.program)
    expect(await stateOf(desk, 'cursor')).toMatchObject({
      state: 'drifted',
      message: expect.stringContaining(`${desk.program}, which no longer exists. Connect it again`),
    })
    writeFileSync(`${desk.program}-2`, '')
    const newer = desk.make({ command: [`${desk.program}-2`], environment: {} })
    expect((await newer.connect(choice('cursor'))).state).toBe('connected')
    // Repaired or not, disconnecting restores the state before the first entry.
    await newer.disconnect(choice('cursor'))
    expect(desk.read(CURSOR)).toBe('{\n  "keep": 1\n}\n')
  })
  it('if it names its command without a path', async () => {
    using desk = clientDesk()
    desk.put(
      CURSOR,
      JSON.stringify({
        mcpServers: {
          'hp-sales': { command: 'hallpass', args: ['stdio', '--project', 'sales', '--as', 'agent'] },
        },
      }),
    )
    expect(await stateOf(desk, 'cursor')).toMatchObject({
      state: 'drifted',
      message: expect.stringMatching(/"hallpass" without a full path/),
    })
    expect((await desk.clients.connect(choice('cursor'))).state).toBe('connected')
  })
  it('if its token was revoked or deleted', async () => {
    using desk = await connected()
    desk.projects['sales'] = [localToken('agent', { status: 'revoked' }), localToken('other')]
    expect(await stateOf(desk, 'cursor')).toMatchObject({
      state: 'drifted',
      message: expect.stringMatching(/"agent" has expired or was revoked/),
    })
    expect((await desk.clients.connect(choice('cursor', { token: 'other' }))).state).toBe('connected')
  })
  it('if it opens another project or another data folder', async () => {
    using desk = await connected({ HALLPASS_HOME: '/one' })
    desk.put(CURSOR, desk.read(CURSOR).replace('"sales"', '"shop"'))
    expect(await stateOf(desk, 'cursor')).toMatchObject({
      state: 'drifted',
      message: expect.stringMatching(/uses project "shop"/),
    })
    await desk.clients.connect(choice('cursor'))
    desk.put(CURSOR, desk.read(CURSOR).replace('/one', '/two'))
    expect(await stateOf(desk, 'cursor')).toMatchObject({
      state: 'drifted',
      message: expect.stringMatching(/another Hallpass data folder/),
    })
  })
  it('and can be removed although its project is gone', async () => {
    using desk = await connected()
    delete desk.projects['sales']
    await desk.clients.disconnect(choice('cursor'))
    expect(desk.read(CURSOR)).toBe('{\n  "keep": 1\n}\n')
  })
})

describe('restoring', () => {
  const OLD =
    '{ "mcpServers": { "hp-sales": { "command": "/old/hallpass", "args": ["stdio", "--project", "sales"] } } }\n'
  it('puts the entry back that connecting replaced, byte for byte, and only once', async () => {
    using desk = clientDesk()
    desk.put(CURSOR, OLD)
    await desk.clients.connect(choice('cursor'))
    expect(desk.read(CURSOR)).not.toContain('/old')
    expect((await desk.clients.restore(choice('cursor'))).state).toBe('drifted')
    expect(desk.read(CURSOR)).toBe(OLD)
    await expect(desk.clients.restore(choice('cursor'))).rejects.toMatchObject(refused(/Nothing was written/))
  })
  it('undoes the repairs of two projects one after the other', async () => {
    using desk = clientDesk()
    desk.projects['shop'] = [localToken('seller')]
    desk.put(CURSOR, '{}')
    const both = [choice('cursor'), choice('cursor', { project: 'shop' })]
    for (const one of both) await desk.clients.connect(one)
    const broken = desk.read(CURSOR).replaceAll(desk.program, '/old')
    expect(broken).not.toBe(desk.read(CURSOR))
    desk.put(CURSOR, broken)
    for (const one of both) await desk.clients.connect(one)
    for (const one of both.toReversed()) await desk.clients.restore(one)
    expect(desk.read(CURSOR)).toBe(broken)
  })
  it('leaves disconnecting as exact as before', async () => {
    using desk = clientDesk()
    desk.put(CURSOR, '{ "keep": 1 }')
    desk.projects['sales'] = [localToken('one'), localToken('two')]
    await desk.clients.connect(choice('cursor', { token: 'one' }))
    await desk.clients.connect(choice('cursor', { token: 'two' }))
    await desk.clients.restore(choice('cursor'))
    expect((await stateOf(desk, 'cursor')).token).toBe('one')
    await desk.clients.disconnect(choice('cursor'))
    expect(desk.read(CURSOR)).toBe('{ "keep": 1 }')
  })
  it.each([
    ['nothing was replaced', '{}', (text: string) => text],
    ['the file has changed since', OLD, (text: string) => `${text}\n`],
  ])('writes nothing if %s', async (_case, before, change) => {
    using desk = clientDesk()
    desk.put(CURSOR, before)
    await desk.clients.connect(choice('cursor'))
    const after = change(desk.read(CURSOR))
    desk.put(CURSOR, after)
    await expect(desk.clients.restore(choice('cursor'))).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      reason: 'config_changed',
    })
    expect(desk.read(CURSOR)).toBe(after)
  })
  it('writes nothing for another project', async () => {
    using desk = clientDesk()
    desk.projects['shop'] = [localToken('seller')]
    desk.put(CURSOR, OLD)
    await desk.clients.connect(choice('cursor'))
    const after = desk.read(CURSOR)
    await expect(desk.clients.restore(choice('cursor', { project: 'shop' }))).rejects.toMatchObject({
      reason: 'config_changed',
    })
    expect(desk.read(CURSOR)).toBe(after)
  })
})

describe('disconnecting', () => {
  const ODD = '{ "b":1,\n\n// odd\n  "mcpServers" : {"x":{} , }, }  \n\n'
  it('restores the file byte for byte, and leaves no copy of it', async () => {
    using desk = clientDesk()
    desk.put(CURSOR, ODD)
    await desk.clients.connect(choice('cursor'))
    expect(filesUnder(desk.folder).length).toBe(2)
    expect((await desk.clients.disconnect(choice('cursor'))).state).toBe('installed')
    expect([desk.read(CURSOR), filesUnder(desk.folder)]).toEqual([ODD, []])
  })
  it('removes only our entry if something else changed since', async () => {
    using desk = clientDesk()
    desk.put(CURSOR, '{\n  "mcpServers": {\n    "a": { "command": "x" } // mine\n  }\n}\n')
    await desk.clients.connect(choice('cursor'))
    desk.put(CURSOR, desk.read(CURSOR).replace('"x"', '"y"'))
    await desk.clients.disconnect(choice('cursor'))
    expect(desk.read(CURSOR)).toBe('{\n  "mcpServers": {\n    "a": { "command": "y" } // mine\n  }\n}\n')
  })
  it('one project leaves the entry of another, in either order', async () => {
    using desk = clientDesk()
    for (const order of [
      ['sales', 'shop'],
      ['shop', 'sales'],
    ]) {
      desk.put(CURSOR, ODD)
      await desk.clients.connect(choice('cursor'))
      await desk.clients.connect(choice('cursor', { project: 'shop' }))
      await desk.clients.disconnect(choice('cursor', { project: order[0] ?? '' }))
      expect((await stateOf(desk, 'cursor', order[1])).state).toBe('connected')
      await desk.clients.disconnect(choice('cursor', { project: order[1] ?? '' }))
      expect(desk.read(CURSOR)).toBe(ODD)
    }
  })
  it('never restores an entry that a later connect replaced', async () => {
    using desk = clientDesk()
    desk.put(CURSOR, '{}')
    await desk.clients.connect(choice('cursor'))
    desk.put(CURSOR, desk.read(CURSOR).replace('"agent"', '"gone"'))
    await desk.clients.connect(choice('cursor'))
    await desk.clients.disconnect(choice('cursor'))
    expect(desk.read(CURSOR)).not.toContain('hallpass')
  })
  it('works without its record or copy, or with a truncated one', async () => {
    using desk = clientDesk()
    const copies = () => filesUnder(desk.folder).filter((path) => path.endsWith('.bak'))
    for (const spoil of [
      () => rmSync(desk.folder, { recursive: true }),
      () => copies().forEach((path) => rmSync(path)),
      () => copies().forEach((path) => writeFileSync(path, '{')),
      () => writeFileSync(join(desk.folder, 'cursor', 'hp-sales.json'), '{"path": '),
    ]) {
      desk.put(CURSOR, '{\n  "a": 1\n}\n')
      await desk.clients.connect(choice('cursor'))
      spoil()
      await desk.clients.disconnect(choice('cursor'))
      expect(JSON.parse(desk.read(CURSOR))).toEqual({ a: 1, mcpServers: {} })
    }
  })
})

describe('copies of a configuration', () => {
  it('are in the data folder, readable by this user only, and limited in number', async () => {
    using desk = clientDesk()
    for (let round = 0; round < 12; round += 1) {
      desk.put(CURSOR, `{"round": ${round}}`)
      await desk.clients.connect(choice('cursor'))
      desk.put(CURSOR, desk.read(CURSOR).replace('round', 'turn'))
      desk.clock.advance(1000)
      await desk.clients.disconnect(choice('cursor'))
      desk.clock.advance(1000)
    }
    const files = filesUnder(desk.folder)
    expect(files.length).toBeLessThanOrEqual(8)
    expect(files.map((file) => statSync(file).mode & 0o077)).toEqual(files.map(() => 0))
    expect(statSync(join(desk.folder, 'cursor')).mode & 0o077).toBe(0)
  })
})
