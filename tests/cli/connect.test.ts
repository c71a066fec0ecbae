import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectControl } from '../../src/control/control-client.ts'
import { commandLineOf, type ServingEngine } from '../support/command-line.ts'

const CANARY = 'sk-canary-4f1e9c7b'
const root = mkdtempSync(join(tmpdir(), 'hallpass-connect-'))
const [home, user] = [join(root, 'data'), join(root, 'user')]
const config = join(user, '.cursor', 'mcp.json')
const ORIGINAL = `{\n  "mcpServers": {\n    "a": { "command": "x", "env": { "KEY": "${CANARY}" } } // mine\n  }\n}\n`
/** Only these child processes use another home folder. */
const { hallpass, serve } = commandLineOf(home, {
  PATH: process.env['PATH'] ?? '',
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
  HOME: user,
  USERPROFILE: user,
})
let engine: ServingEngine

beforeAll(async () => {
  mkdirSync(join(user, '.cursor'), { recursive: true })
  writeFileSync(config, ORIGINAL)
  engine = await serve()
})
afterAll(async () => {
  await engine.stop()
  rmSync(root, { recursive: true, force: true })
})

describe('an invalid connect or disconnect exits 2 and changes nothing', () => {
  it.each<[string[], RegExp]>([
    [['connect', 'nope', '-p', 'demo'], /Unknown client "nope". Supported clients: claude-desktop/],
    [['disconnect', 'nope'], /Unknown client "nope". Supported clients: claude-desktop/],
    [['connect', 'cursor'], /-p, --project/],
    [['connect', 'cursor', '-p', 'none'], /Project "none" not found/],
    [['connect', 'cursor', '-p', 'demo', '--as', 'none'], /Token "none" not found/],
    [['connect', 'zed', '-p', 'demo'], /Zed doesn't seem to be installed/],
    [['disconnect', 'cursor'], /isn't connected to any project/],
    [['disconnect', 'cursor', '-p', 'demo'], /isn't connected to project "demo"/],
    [['get', 'clients'], /Missing required option: -p, --project/],
  ])('%j', async (args, sentence) => {
    const { code, err, out } = await hallpass(...args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(sentence)
    expect(readFileSync(config, 'utf8')).toBe(ORIGINAL)
  })
})

describe('a client', () => {
  it('is shown the planned change without the secrets of its other servers', async () => {
    const { code, out } = await hallpass('connect', 'cursor', '-p', 'demo', '--dry-run')
    expect([code, out.startsWith(`--- ${config}\n+++ ${config}\n@@ `)]).toEqual([0, true])
    expect(out).toContain('+    "hp-demo": {')
    expect(out).not.toContain('canary')
    expect(readFileSync(config, 'utf8')).toBe(ORIGINAL)
  })

  it('is connected, starts Hallpass with an empty PATH, and is disconnected without a trace', async () => {
    const { code, out } = await hallpass('connect', 'cursor', '-p', 'demo')
    expect([code, out]).toEqual([
      0,
      `Connected Cursor to project demo (${config}).\nRestart Cursor to load the change.\n`,
    ])
    expect((await hallpass('get', 'clients', '-p', 'demo')).out).toMatch(/^cursor +connected +/m)
    expect((await hallpass('connect', 'cursor', '-p', 'demo')).out).toContain(
      'already connected to project demo. Nothing was changed.',
    )

    const text = readFileSync(config, 'utf8')
    const { command, args, env } = (
      JSON.parse(text.replace('// mine', '')) as {
        mcpServers: Record<string, { command: string; args: string[]; env: Record<string, string> }>
      }
    ).mcpServers['hp-demo'] ?? { command: '', args: [], env: {} }
    expect(args.slice(1)).toEqual(['stdio', '--project', 'demo', '--as', 'local-agent'])
    expect([args[0]?.endsWith(join('bin', 'hallpass')), env]).toEqual([true, { HALLPASS_HOME: home }])
    expect(text).not.toMatch(/hp_pat_|sess_/)
    const child = spawn(command, args, { env: { PATH: '', ...env } })
    const reply = new Promise<string>((resolve) => child.stdout.once('data', (chunk) => resolve(String(chunk))))
    child.stdin.write(
      `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'client', version: '1' } } })}\n`,
    )
    expect(JSON.parse(await reply)).toMatchObject({
      id: 1,
      result: { serverInfo: { name: expect.stringMatching(/hallpass/i) } },
    })
    const ended = new Promise((resolve) => child.once('close', resolve))
    child.stdin.end()
    await ended

    expect((await hallpass('disconnect', 'cursor', '--dry-run')).out).toContain('-    "hp-demo": {')
    expect((await hallpass('disconnect', 'cursor')).out).toBe(`Disconnected Cursor from project demo (${config})\n`)
    expect(readFileSync(config, 'utf8')).toBe(ORIGINAL)
  })

  it('leaves an owner action in the log when it is connected or rejected', async () => {
    const client = await connectControl({ home })
    try {
      const rows = await client.api.requests.list({ project: 'demo', limit: 50 })
      const acts = rows
        .filter(({ method }) => method.startsWith('clients.'))
        .map(({ method, resource, connection, token_kind, status }) => [
          method,
          resource,
          connection,
          token_kind,
          status,
        ])
      expect(acts).toContainEqual(['clients.connect', 'cursor', null, 'owner', 200])
      expect(acts).toContainEqual(['clients.disconnect', 'cursor', null, 'owner', 200])
      expect(JSON.stringify(rows)).not.toContain('canary')
    } finally {
      client.close()
    }
  })
})
