import { createHash } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { McpConnectionConfig } from '../../src/contract/upstreams/mcp-connection.ts'
import { eventually, fixture, openMcpRoom, quietClient, textOf, type McpRoom } from './support/mcp-room.ts'

const folder = mkdtempSync(join(tmpdir(), 'hallpass-mcp-stdio-'))
const CANARY = 'canary-7f3a91c2e5'
let room: McpRoom
beforeEach(async () => {
  room = await openMcpRoom()
})
afterEach(() => room[Symbol.asyncDispose]())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const call = (name: string, tool: string, args = {}) => {
  const session = room.mcp.openSession(name, quietClient())
  return session.request('tools/call', { name: tool, arguments: args }).finally(() => session.close())
}

describe('adding an upstream rejects', () => {
  const plain = join(folder, 'plain.txt')
  writeFileSync(plain, 'no program')
  chmodSync(plain, 0o644)
  it.each<[string, McpConnectionConfig, RegExp]>([
    [
      'a command that is not on PATH',
      { kind: 'mcp', command: 'hallpass-no-such-command' },
      /"hallpass-no-such-command" isn't on the PATH.*Install it/,
    ],
    ['a missing path', { kind: 'mcp', command: join(folder, 'nothing') }, /doesn't exist. Check the path/],
    ['a relative path', { kind: 'mcp', command: './server' }, /is a relative path. Enter the full path/],
    ['a file that is not executable', { kind: 'mcp', command: plain }, /can't be executed/],
    ['a folder', { kind: 'mcp', command: folder }, /isn't a file/],
    [
      'a shell line',
      { kind: 'mcp', command: 'npx -y server' },
      /No shell reads the command, so enter the program alone and each argument on its own/,
    ],
    [
      'a missing working folder',
      fixture('plain', '', { cwd: join(folder, 'gone') }),
      /Couldn't start .*working directory/,
    ],
    [
      'a program that is not an MCP server',
      { kind: 'mcp', command: '/bin/echo', args: ['hello'] },
      /exited with code 0 before it responded\. It wrote unexpected output to stdout: hello/,
    ],
    ['a program that fails', fixture('crash-at-start'), /exited with code 1 before it responded/],
    [
      'a program that fails on its first request',
      fixture('crash-at-list'),
      /exited with code 1, saying: no such database\.$/,
    ],
    ['a URL together with it', fixture('plain', '', { url: 'https://example.com' }), /can only be used with a URL/],
    ['headers', fixture('plain', '', { headers: { 'X-A': 'plain:b' } }), /headers can only be used with a URL/],
    ['a secret that nothing uses', fixture('plain', '', { env: { A: 'keychain' } }), /needs a secret/],
  ])('%s', async (_what, config, sentence) => {
    await expect(room.mcp.check(config, undefined)).rejects.toThrow(sentence)
  })

  it('a secret without a variable for it', async () => {
    await expect(room.add('x', fixture(), CANARY)).rejects.toThrow(/No header or variable uses the secret/)
    expect(room.store.read.connection('x')).toBeNull()
  })
})

it('arguments reach the program unchanged, without a shell or expansion', async () => {
  const odd = ['$(touch /tmp/hallpass-never)', '; exit 1', '`id`', '"quoted"', '*', '%PATH%', '']
  const { command, args } = fixture('plain')
  await room.add('up', { kind: 'mcp', command: command ?? '', args: [...(args ?? []), ...odd] })
  expect(JSON.parse(textOf(await call('up', 'argv')))).toEqual(['plain', ...odd])
})

it('the program gets the allowed variables and its own, and no other variable of Hallpass', async () => {
  process.env['TEST_OF_HALLPASS_FOREIGN'] = 'not for upstreams'
  process.env['TEST_OF_HALLPASS_REFERRED'] = CANARY
  try {
    await room.add(
      'up',
      fixture('plain', '', {
        env: {
          API_KEY: 'keychain',
          OTHER: 'env:TEST_OF_HALLPASS_REFERRED',
          MODE: 'plain:debug',
          AUTH: 'Bearer keychain',
        },
      }),
      'the-own-secret',
    )
    const environment = JSON.parse(textOf(await call('up', 'env'))) as Record<string, string>
    // The digests show that it has them. Their values are masked in the response.
    const digests = JSON.parse(textOf(await call('up', 'digests'))) as Record<string, string>
    const digest = (value: string): string => createHash('sha256').update(value).digest('base64')
    expect(digests).toMatchObject({
      API_KEY: digest('the-own-secret'),
      OTHER: digest(CANARY),
      AUTH: digest('Bearer the-own-secret'),
    })
    expect(environment).toMatchObject({
      API_KEY: '*'.repeat(14),
      OTHER: '*'.repeat(CANARY.length),
      MODE: 'debug',
      AUTH: `Bearer ${'*'.repeat(14)}`,
    })
    // The program that is found now comes first on PATH.
    expect(environment['PATH']?.startsWith(process.env['PATH'] ?? '')).toBe(true)
    expect(environment).not.toHaveProperty('TEST_OF_HALLPASS_FOREIGN')
    expect(environment).not.toHaveProperty('TEST_OF_HALLPASS_REFERRED')
    const allowed = [
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
      'HALLPASS_UPSTREAM',
      'API_KEY',
      'OTHER',
      'MODE',
      'AUTH',
    ]
    expect(Object.keys(environment).filter((name) => !allowed.includes(name))).toEqual([])
  } finally {
    delete process.env['TEST_OF_HALLPASS_FOREIGN']
    delete process.env['TEST_OF_HALLPASS_REFERRED']
  }
})

it('the end of a flood on stderr is stored without secrets, and the program keeps running', async () => {
  await room.add('up', fixture('plain', '', { env: { API_KEY: 'keychain' } }), CANARY)
  const session = room.mcp.openSession('up', quietClient())
  await session.request('tools/call', {
    name: 'loud',
    arguments: { line: `${'x'.repeat(200)} ${CANARY} ${Buffer.from(CANARY).toString('base64')}`, times: 5000 },
  })
  await session.request('tools/call', { name: 'loud', arguments: { line: 'the last line' } })
  await eventually(() => room.mcp.diagnostics('up').stderr.includes('the last line'))
  const { stderr } = room.mcp.diagnostics('up')
  expect(Buffer.byteLength(stderr)).toBeLessThanOrEqual(64 * 1024)
  expect(Buffer.byteLength(stderr)).toBeGreaterThan(50 * 1024)
  expect(stderr).not.toContain(CANARY)
  expect(stderr).not.toContain(Buffer.from(CANARY).toString('base64').replace(/=+$/, '').slice(0, -1))
  expect(textOf(await session.request('tools/call', { name: 'echo', arguments: { a: 1 } }))).toBe('{"a":1}')
})

it('text on stdout that is not JSON-RPC is skipped and reported', async () => {
  await room.add('up', fixture('stray'))
  expect(textOf(await call('up', 'echo', { a: 1 }))).toBe('{"a":1}')
  expect(room.mcp.diagnostics('up').stray_output).toBe('Welcome to the fixture')
})

it('a crash fails the running call, and the next call restarts the process', async () => {
  await room.add('up', fixture())
  const session = room.mcp.openSession('up', quietClient())
  await session.opened()
  await expect(session.request('tools/call', { name: 'crash' })).rejects.toThrow('MCP server "up" exited with code 3.')
  expect(textOf(await session.request('tools/call', { name: 'echo', arguments: { back: true } }))).toBe('{"back":true}')
  expect(room.mcp.diagnostics('up')).toMatchObject({ starts: 2, crashes: 1, state: 'running' })
})

it('a process that keeps crashing is restarted after longer and longer delays, and the error says so', async () => {
  await room.add('up', fixture())
  const session = room.mcp.openSession('up', quietClient())
  for (let crash = 0; crash < 3; crash += 1) {
    await expect(session.request('tools/call', { name: 'crash' })).rejects.toThrow('exited with code 3')
    await eventually(() => room.mcp.diagnostics('up').crashes === crash + 1)
    if (crash < 2) room.clock.advance(4000)
  }
  expect(room.mcp.diagnostics('up').state).toBe('backing_off')
  await expect(session.request('tools/call', { name: 'echo' })).rejects.toThrow(
    /keeps crashing \(3 times so far, last: exited with code 3\)\. It restarts in \d s/,
  )
  room.clock.advance(60_000)
  expect(textOf(await session.request('tools/call', { name: 'echo', arguments: { a: 1 } }))).toBe('{"a":1}')
})

it('a command that was deleted after it was added is reported as the upstream’s error, not the caller’s', async () => {
  const script = join(folder, 'server.sh')
  const { command, args } = fixture()
  writeFileSync(script, `#!/bin/sh\nexec "${command}" "${args?.[0]}" plain\n`, { mode: 0o755 })
  await room.add('up', { kind: 'mcp', command: script })
  rmSync(script)
  await expect(call('up', 'echo')).rejects.toMatchObject({
    code: 'UPSTREAM_ERROR',
    message: expect.stringContaining("doesn't exist"),
  })
})
