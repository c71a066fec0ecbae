import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectControl } from '../../src/control/control-client.ts'
import { commandLineOf, type ServingEngine } from '../support/command-line.ts'
import { signIn } from '../support/console-client.ts'

const consoleBuilt = existsSync('dist/renderer/index.html')
const LINK = /^http:\/\/127\.0\.0\.1:\d+\/console\/sign-in#[A-Za-z0-9_-]{43}$/
const home = mkdtempSync(join(tmpdir(), 'hallpass-cli-'))
const { hallpass, here, serve } = commandLineOf(home)

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

describe('hallpass without an engine', () => {
  it('exits 2 for an unknown verb, flag or format', async () => {
    expect((await hallpass('conquer')).code).toBe(2)
    expect((await hallpass('status', '--loud')).code).toBe(2)
    expect((await hallpass('get', 'tokens', '-o', 'xml')).code).toBe(2)
  })
  it('rejects a secret given as an argument without repeating it', async () => {
    const { code, err } = await hallpass('create', 'connection', 'c', '--type', 'grist', '--secret=canary')
    expect([code, err.includes('canary')]).toEqual([2, false])
  })
  it('exits 1 and says how to start an engine', async () => {
    const { code, err } = await hallpass('status')
    expect([code, err.includes('hallpass serve')]).toEqual([1, true])
  })
})

describe('an engine that another command starts', () => {
  it('writes its output to a file, without a sign-in link', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'hallpass-cli-'))
    try {
      expect((await commandLineOf(elsewhere).hallpass('stdio', '--project', 'demo')).code).toBe(0)
      const log = readFileSync(join(elsewhere, 'engine.log'), 'utf8')
      expect(log).toContain('Web console')
      expect(log).not.toContain('sign-in')
      const client = await connectControl({ home: elsewhere })
      const { pid } = await client.api.status()
      await client.api.stop()
      client.close()
      await expect.poll(() => isGone(pid), { timeout: 15_000 }).toBe(true)
    } finally {
      rmSync(elsewhere, { recursive: true, force: true })
    }
  })
})

describe('hallpass with an engine', () => {
  let engine: ServingEngine
  beforeAll(async () => {
    engine = await serve()
  })
  afterAll(async () => {
    expect(await engine.stop()).toBe(0)
    rmSync(home, { recursive: true, force: true })
  })

  it.skipIf(process.platform !== 'linux')("reports in one line that its output can't be written", async () => {
    const outcome = (redirection: string) => {
      const command = `'${process.execPath}' bin/hallpass export ${redirection}`
      const env = { ...process.env, HALLPASS_HOME: home }
      return spawnSync('bash', ['-c', `set -o pipefail; ${command}`], { encoding: 'utf8', env })
    }
    expect(outcome('>/dev/full')).toMatchObject({
      status: 1,
      stderr: "hallpass: Couldn't write the output (ENOSPC).\n",
    })
    expect(outcome('2>/dev/full')).toMatchObject({ status: 0 })
    expect(outcome('| head -1')).toMatchObject({ status: 0, stderr: '' })
  })
  it.skipIf(process.getuid?.() !== 0)("tells another user that the data folder isn't theirs", () => {
    const env = { PATH: process.env['PATH'], HALLPASS_HOME: home }
    const ran = spawnSync(process.execPath, ['bin/hallpass', 'status'], { encoding: 'utf8', env, uid: 65_534 })
    expect(ran).toMatchObject({ status: 1, stderr: expect.stringContaining("can't open the data folder") })
  })
  it('rejects a second engine with the same data folder', async () => {
    expect(await hallpass('serve')).toMatchObject({ code: 1, err: expect.stringContaining(`process ${engine.pid}`) })
  })
  it('exports the log, filters it, and verifies that it was not changed', async () => {
    await here('create', 'project', 'audited')
    await here('delete', 'project', 'audited', '--yes')
    const csv = await here('logs', '-o', 'csv', '--method', 'projects.create')
    expect(csv.out.split('\r\n')[0]).toMatch(/^id,time,.*batch,chain$/)
    expect(csv.out).toContain('audited')
    const lines = (await here('logs', '-o', 'jsonl', '--status', 'ok', '--since', '1h')).out.trimEnd().split('\n')
    const row = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .find((one) => one['project'] === 'audited')
    expect(row).toMatchObject({ method: 'projects.create', chain: expect.stringMatching(/^[0-9a-f]{64}$/) })
    const byId = await here('logs', '-o', 'json', '--request-id', String(row?.['request_id']))
    expect(JSON.parse(byId.out)).toMatchObject([{ id: row?.['id'] }])
    expect((await here('logs', '-o', 'json', '--until', '1h')).out.trim()).toBe('[]')
    expect((await here('logs', '-o', 'json', '--hash', 'ab'.repeat(32))).out.trim()).toBe('[]')
    expect(await here('logs', '--hash', 'ab')).toMatchObject({ code: 2, err: expect.stringContaining('--hash') })
    const typo = await here('get', 'requests', '-p', 'dmo')
    expect([typo.code, typo.err]).toEqual([0, 'No requests.\nNo project is called "dmo" now. The closest is demo.\n'])
    expect((await here('logs', '-f', '-o', 'csv')).code).toBe(2)
    expect(await here('logs', 'verify')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Verified \d+ requests?\n$/),
    })
    const raw = new SqliteDatabase(join(home, 'hallpass.db'))
    raw.prepare("UPDATE requests SET project = 'other' WHERE id = ?").run(row?.['id'])
    raw.close()
    expect(await here('logs', 'verify')).toMatchObject({
      code: 2,
      err: expect.stringContaining('changed outside Hallpass'),
    })
  })
  it('reports whether the console was built, and returns a link that works once if it was', async () => {
    const line = /Web console\s+(.*)/.exec(engine.output())?.[1] ?? ''
    if (!consoleBuilt) {
      expect(line).toContain('npm run build')
      expect(await hallpass('console')).toMatchObject({
        code: 2,
        out: '',
        err: expect.stringContaining('npm run build'),
      })
      return
    }
    expect(line).toMatch(LINK)
    expect(engine.output()).toMatch(/works once, within 60 seconds/)
    const { code, out, err } = await hallpass('console')
    expect([code, out.trim()]).toEqual([0, expect.stringMatching(LINK)])
    expect(err).toMatch(/once, within 60 seconds/)
    expect(out.trim()).not.toBe(line)
    await signIn(out.trim())
    await expect(signIn(out.trim())).rejects.toThrow(/already used/)
    const told = JSON.parse((await hallpass('console', '-o', 'json')).out) as { url: string; expires_at: string }
    expect(told.url).toMatch(LINK)
    expect(Date.parse(told.expires_at) - Date.now()).toBeLessThanOrEqual(60_000)
    const status = JSON.parse((await hallpass('status', '-o', 'json')).out) as { console_url: string }
    expect(line.startsWith(status.console_url)).toBe(true)
    expect((await hallpass('logs', '-o', 'json')).out).not.toContain(new URL(out.trim()).hash.slice(1))
  })
  it('prints only the secret of a token on stdout, once', async () => {
    const { out, err } = await hallpass('create', 'token', 'bot', '-p', 'demo', '--clone')
    expect(out).toMatch(/^hp_pat_[A-Za-z0-9]{49}\n$/)
    expect(err).not.toContain(out.trim())
    expect((await hallpass('get', 'tokens', '-o', 'json')).out).not.toContain(out.trim())
  })
  it('lists local tokens and how to choose one of several', async () => {
    await hallpass('create', 'token', 'second-local', '-p', 'demo', '--local', '--bind', 'role:viewer,connection:sales')
    const { code, err } = await hallpass('stdio', '-p', 'demo')
    await hallpass('delete', 'token', 'second-local', '-p', 'demo', '-y')
    expect(code).toBe(2)
    expect(err).toMatch(/local-agent, second-local|second-local, local-agent/)
    expect(err).toContain('--as')
  })
  it('says that a document has nothing to refresh, and that a document without a secret responded', async () => {
    const refreshed = await hallpass('refresh', 'sales')
    expect([refreshed.code, refreshed.err]).toEqual([2, expect.stringContaining('is a document')])
    const tested = await hallpass('test', 'connection', 'sales')
    expect([tested.code, tested.out]).toEqual([0, expect.stringMatching(/^sales is up \(\d+ ms\): It responded\.$/m)])
  })
  it('prints lists as JSON', async () => {
    expect(JSON.parse((await hallpass('get', 'projects', '-o', 'json')).out)).toMatchObject([{ name: 'demo' }])
  })
  it('prints only the session token on stdout', async () => {
    const { out } = await hallpass('session', '-p', 'demo', '--document', 'sales', '--permissions', 'read')
    expect(out).toMatch(/^sess_[A-Za-z0-9_-]{43}\n$/)
  })
  it('says so if it reduced the lifetime of a session token', async () => {
    const args = ['-p', 'demo', '--document', 'sales', '--permissions', 'read', '--ttl']
    const long = await hallpass('session', ...args, '2h')
    expect([long.code, long.err]).toEqual([0, expect.stringContaining('reduced to 1h')])
    expect((await hallpass('session', ...args, '60m')).err).not.toContain('reduced')
    const command = await hallpass('run', ...args, '90m', '--', process.execPath, '--version')
    expect([command.code, command.err]).toEqual([0, expect.stringContaining('reduced to 1h')])
  })
  it('passes on the exit code of a command and ends its token', async () => {
    const script = 'test -n "$HALLPASS_TOKEN" && test -z "$HALLPASS_VAULT_KEY" && exit 7'
    const before = JSON.parse((await hallpass('get', 'sessions', '-o', 'json')).out) as unknown[]
    expect(
      (await hallpass('run', '-p', 'demo', '--document', 'sales', '--permissions', 'read', '--', 'sh', '-c', script))
        .code,
    ).toBe(7)
    expect(JSON.parse((await hallpass('get', 'sessions', '-o', 'json')).out)).toHaveLength(before.length)
  })
  it('passes on the exit code of a command that outlives its token, without output', async () => {
    const args = [
      'run',
      '-p',
      'demo',
      '--document',
      'sales',
      '--permissions',
      'read',
      '--ttl',
      '1s',
      '--',
      'sh',
      '-c',
      'sleep 1.3; exit 7',
    ]
    expect(await hallpass(...args)).toEqual({ code: 7, out: '', err: '' })
  })
})
