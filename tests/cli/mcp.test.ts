import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandLineOf, type ServingEngine } from '../support/command-line.ts'
import { runInProcess } from './support/cli-in-process.ts'
import { protect } from '../mcp-upstreams/support/authorization-server.ts'
import { SELF_SIGNED } from '../http-apis/support/self-signed.ts'
import { startHttpUpstream } from '../http-apis/support/start-http-upstream.ts'
import { startMcpHttpServer, type McpHttpServer } from '../mcp-upstreams/support/http-server.ts'
import { fixture } from '../mcp-upstreams/support/mcp-room.ts'
import { startFixture, type Fixture } from '../conformance/fixture/start-fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'hallpass-cli-mcp-'))
const home = join(folder, 'home')
const { start, here: hallpass, serve } = commandLineOf(home)

const { command = '', args: [script = ''] = [] } = fixture()
let engine: ServingEngine
let server: McpHttpServer
let both: Fixture
beforeAll(async () => {
  ;[server, both] = await Promise.all([startMcpHttpServer(), startFixture()])
  engine = await serve()
  await hallpass('create', 'project', 'p')
})
afterAll(async () => {
  await engine.stop()
  await Promise.all([server.close(), both.close()])
  rmSync(folder, { recursive: true, force: true })
})

describe('create connection --type mcp', () => {
  it.each<[string[], string]>([
    [[], 'either --url or --command'],
    [['--url', 'http://127.0.0.1:1/mcp', '--command', 'x'], 'either --url or --command'],
    [
      ['--command', 'x', '--header', 'A=keychain'],
      '--oauth-callback-port, --pin and --plain-http can only be used with --url',
    ],
    [
      ['--command', 'x', '--oauth-client-id', 'c'],
      '--oauth-callback-port, --pin and --plain-http can only be used with --url',
    ],
    [
      ['--url', 'http://127.0.0.1:1/mcp', '--oauth', '--oauth-callback-port', '8976'],
      '--oauth-callback-port can only be used with --oauth-client-id',
    ],
    [
      ['--url', 'http://127.0.0.1:1/mcp', '--oauth-client-id', 'c', '--oauth-callback-port', '80'],
      '--oauth-callback-port must be a port from 1024 to 65535',
    ],
    [['--url', 'http://127.0.0.1:1/mcp', '--arg', 'x'], '--arg, --env and --cwd can only be used with --command'],
    [['--command', 'x', '--env', 'API_KEY'], 'must be NAME=REF'],
    [['--command', 'x', '--path', 'y'], "--path can't be used with --type mcp"],
    [['--command', 'hallpass-no-such-command'], "isn't on the PATH of Hallpass"],
    [['--url', `http://127.0.0.1:1/mcp?token=abc`], 'The URL\'s "token" looks like a secret'],
    [['--command', command, '--arg', script, '--pass-through'], 'Pass-through needs a project'],
  ])('%j is rejected', async (flags, sentence) => {
    const { code, err } = await hallpass('create', 'connection', 'bad', '--type', 'mcp', ...flags)
    expect([code, err]).toEqual([2, expect.stringContaining(sentence)])
    expect((await hallpass('describe', 'connection', 'bad')).code).toBe(2)
  })

  it('rejects a secret in place of a reference without repeating it', async () => {
    for (const flag of ['--env', '--header']) {
      const way = flag === '--env' ? ['--command', command] : ['--url', server.url]
      const { code, err } = await hallpass(
        'create',
        'connection',
        'bad',
        '--type',
        'mcp',
        ...way,
        flag,
        'KEY=canary-5a1f',
      )
      expect([code, err.includes('canary'), err.includes('--secret-stdin')]).toEqual([2, false, true])
    }
  })

  it('shows a command in full before starting it, stores it, and lists its tools', async () => {
    const made = await runInProcess(home, 'canary-77aa\n', [
      'create',
      'connection',
      'local',
      '-p',
      'p',
      '--type',
      'mcp',
      '--command',
      command,
      '--arg',
      script,
      '--arg',
      'plain',
      '--arg',
      'two words',
      '--env',
      'API_KEY=keychain',
      '--secret-stdin',
    ])
    expect(made).toMatchObject({ code: 0, out: 'Created connection local in project p\n' })
    expect(made.err).toContain(
      `Command to run: ${[command, script, 'plain', 'two words'].map((part) => JSON.stringify(part)).join(' ')}`,
    )
    const described = JSON.parse((await hallpass('describe', 'connection', 'local', '-o', 'json')).out) as object
    expect(described).toMatchObject({
      kind: 'mcp',
      target: `${command} ${script} plain "two words"`,
      secret: 'vault',
      health: { state: 'up' },
    })
    expect(described).toMatchObject({ mcp: { state: 'idle', crashes: 0, stderr: expect.any(String) } })
    expect((await hallpass('describe', 'connection', 'local')).out).toMatch(/State: +idle/)
    const listed = JSON.parse((await hallpass('tools', 'local', '-o', 'json')).out) as { name: string; state: string }[]
    expect(listed.map((one) => one.name)).toContain('echo')
    expect(new Set(listed.map((one) => one.state))).toEqual(new Set(['accepted']))
  })

  it('shows a note for a list that was too long to store', async () => {
    await hallpass(
      'create',
      'connection',
      'long',
      '--type',
      'mcp',
      '--command',
      command,
      '--arg',
      script,
      '--arg',
      'big',
    )
    const { code, err } = await hallpass('tools', 'long')
    expect([code, err]).toEqual([0, expect.stringContaining('Of its tools, the list exceeds the limit of')])
    expect((await hallpass('describe', 'connection', 'long')).out).toMatch(
      /Message: +Of its tools, the list exceeds the limit of .* so only the first \d+ are available/,
    )
  })

  it("--pass-through shows only that server at its project's endpoint", async () => {
    await hallpass('create', 'project', 'alone')
    expect(
      (
        await hallpass(
          'create',
          'connection',
          'shown',
          '-p',
          'alone',
          '--type',
          'mcp',
          '--url',
          server.url,
          '--pass-through',
        )
      ).code,
    ).toBe(0)
    expect(JSON.parse((await hallpass('describe', 'project', 'alone', '-o', 'json')).out)).toMatchObject({
      pass_through: 'shown',
    })
    const second = await hallpass(
      'create',
      'connection',
      'other',
      '-p',
      'p',
      '--type',
      'mcp',
      '--url',
      server.url,
      '--pass-through',
    )
    expect([second.code, second.err]).toEqual([2, expect.stringContaining('has another MCP server, "local"')])
    expect((await hallpass('describe', 'connection', 'other')).code).toBe(2)
  })
})

it('tools shows what changed, accepts it, and sets permissions', async () => {
  const file = join(folder, 'tools.json')
  const tool = { name: 'pay', description: 'Pays.', inputSchema: { type: 'object' } }
  writeFileSync(file, JSON.stringify([tool]))
  await hallpass(
    'create',
    'connection',
    'moving',
    '--type',
    'mcp',
    '--command',
    command,
    '--arg',
    script,
    '--arg',
    'changing',
    '--arg',
    file,
  )
  writeFileSync(
    file,
    JSON.stringify([
      { ...tool, description: 'Pays\u202E twice.\u001b[2J' },
      { ...tool, name: 'new-one' },
    ]),
  )
  const refreshed = await hallpass('refresh', 'moving')
  expect(refreshed).toMatchObject({ code: 0, out: 'Refreshed moving: 2 tools\n' })
  expect(refreshed.err).toContain('hallpass tools moving')
  expect((await hallpass('status')).out).toContain('MCP server "moving": 2 tools need review')
  const seen = (await hallpass('tools', 'moving')).out
  expect(seen).toMatch(/pay +needs review \(changed\) +write/)
  expect(seen).toMatch(/new-one +needs review \(new\) +write/)
  expect(seen).toContain('pay: description\n- Pays.\n+ Pays⟨U+202E⟩ twice.⟨U+001B⟩[2J\n')
  expect((await hallpass('tools', 'moving', '--accept', 'nothing')).code).toBe(2)
  expect((await hallpass('tools', 'moving', '--set', 'pay=much')).code).toBe(2)
  const after = (await hallpass('tools', 'moving', '--accept-all', '--set', 'pay=schema')).out
  expect(after).toMatch(/pay +accepted +schema \(custom\)/)
  expect(after).toMatch(/new-one +accepted +write/)
  expect((await hallpass('status')).out).not.toContain('need review')
}, 90_000)

it('sign-in prints the address, and exits when the owner has signed in', async () => {
  const guarded = await startMcpHttpServer()
  const auth = await protect(guarded)
  try {
    const made = await hallpass('create', 'connection', 'signed', '--type', 'mcp', '--url', guarded.url, '--oauth')
    expect([made.code, made.err]).toEqual([0, expect.stringContaining('To sign in, run hallpass sign-in signed')])
    const child = start(['sign-in', 'signed'])
    const ended = new Promise((resolve) => child.once('close', resolve))
    const address = await new Promise<string>((resolve) =>
      child.stdout.once('data', (chunk) => resolve(String(chunk).trim())),
    )
    await fetch(address)
    expect(await ended).toBe(0)
    expect(JSON.parse((await hallpass('describe', 'connection', 'signed', '-o', 'json')).out)).toMatchObject({
      health: { state: 'up' },
      secret: 'vault',
    })
  } finally {
    await Promise.all([guarded.close(), auth.close()])
  }
})

describe('test mcp', () => {
  const test = async (args: string[], more: Record<string, string> = {}) => {
    const { code, out, err } = await runInProcess(home, '', ['test', 'mcp', ...args, '-o', 'json'], more)
    return {
      code,
      err,
      report:
        out === ''
          ? null
          : (JSON.parse(out) as {
              ok: boolean
              tools: string[]
              protocol_version: string
              steps: { step: string; ok: boolean; message: string }[]
            }),
    }
  }

  it("exits 1 if the server can't be reached or denies the token", async () => {
    expect(await test(['http://127.0.0.1:39998/mcp', '--timeout', '5'])).toMatchObject({
      code: 1,
      report: { ok: false, steps: [{ message: 'connection refused' }] },
    })
    await using untrusted = await startHttpUpstream({ tls: SELF_SIGNED })
    for (const [url, reason] of [
      [`${untrusted.url}/mcp`, 'certificate'],
      ['http://127.0.0.1:9/mcp', 'bad port'],
    ] as const)
      expect(await test([url, '--timeout', '5'])).toMatchObject({
        code: 1,
        report: { ok: false, steps: [{ message: expect.stringContaining(reason) }] },
      })
    expect(await test([`${server.origin}/nothing`])).toMatchObject({ code: 2 })
    server.intercept = (request, response) => {
      if (request.headers.authorization === 'Bearer good-token-1') return false
      response.writeHead(401).end(String(request.headers.authorization))
      return true
    }
    try {
      const refused = await test([server.url, '--token', 'wrong-token-canary'])
      expect(refused).toMatchObject({
        code: 1,
        report: {
          steps: [{ step: 'connect', ok: false, message: expect.stringMatching(/rejected the token.*HTTP 401/) }],
        },
      })
      expect(JSON.stringify(refused)).not.toContain('canary')
      expect((await test([server.url], { HALLPASS_TOKEN: 'good-token-1' })).code).toBe(0)
    } finally {
      server.intercept = null
    }
  })

  it('exits 2 for an unexpected result', async () => {
    expect(await test([server.url, '--expect-tools', 'echo,missing'])).toMatchObject({
      code: 2,
      report: {
        ok: false,
        steps: [{ ok: true }, { ok: true }, { step: 'expected tools', ok: false, message: 'missing: missing' }],
      },
    })
    expect(await test([both.url, '--tool', 'test_error_handling'])).toMatchObject({
      code: 2,
      report: { steps: [{}, {}, { ok: false, message: expect.stringContaining('the tool returned an error') }] },
    })
    expect((await test([server.url, '--args', '{}'])).code).toBe(2)
    expect((await test([server.url, '--tool', 'echo', '--args', '[]'])).code).toBe(2)
    expect((await test(['not a url'])).code).toBe(2)
    expect((await test([server.url, '--timeout', 'soon'])).code).toBe(2)
  })

  it('exits 0 when every check passes, in either era', async () => {
    expect(await test([server.url, '--expect-tools', 'echo', '--tool', 'echo', '--args', '{"a":1}'])).toMatchObject({
      code: 0,
      report: { ok: true, tools: ['echo'], protocol_version: '2025-11-25' },
    })
    expect(await test([both.url, '--tool', 'test_simple_text'])).toMatchObject({
      code: 0,
      report: { ok: true, protocol_version: '2026-07-28' },
    })
  })
})
