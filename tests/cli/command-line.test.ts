import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const home = mkdtempSync(join(tmpdir(), 'hallpass-cli-'))
const environment = { ...process.env, HALLPASS_HOME: home, HALLPASS_PORT: '0', HALLPASS_VAULT_KEY: 'a key for tests only' }
const start = (args: string[]) => spawn(process.execPath, ['src/cli/index.ts', ...args], { env: environment })

function hallpass(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = start(args)
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk) => { out += String(chunk) })
    child.stderr.on('data', (chunk) => { err += String(chunk) })
    child.on('close', (code) => resolve({ code, out, err }))
    child.stdin.end()
  })
}

describe('without an engine', () => {
  it('exits 2 for a wrong verb, flag or format', async () => {
    expect((await hallpass('conquer')).code).toBe(2)
    expect((await hallpass('status', '--loud')).code).toBe(2)
    expect((await hallpass('get', 'tokens', '-o', 'xml')).code).toBe(2)
  })
  it('refuses a secret on an argument without repeating it', async () => {
    const { code, err } = await hallpass('create', 'connection', 'c', '--type', 'grist', '--secret=canary')
    expect([code, err.includes('canary')]).toEqual([2, false])
  })
  it('exits 1 and says how to start one', async () => {
    const { code, err } = await hallpass('status')
    expect([code, err.includes('hallpass serve')]).toEqual([1, true])
  })
})

describe('with an engine', () => {
  let engine: ChildProcess
  beforeAll(async () => {
    const child = start(['serve'])
    engine = child
    await new Promise<void>((resolve) => { child.stdout.on('data', (chunk) => { if (String(chunk).includes('Stop with')) resolve() }) })
  })
  afterAll(async () => {
    const ended = new Promise((resolve) => { engine.once('exit', resolve) })
    engine.kill('SIGTERM')
    expect(await ended).toBe(0)
    rmSync(home, { recursive: true, force: true })
  })

  it('refuses a second engine of the same home', async () => {
    expect(await hallpass('serve')).toMatchObject({ code: 1, err: expect.stringContaining(`pid ${engine.pid}`) })
  })
  it('prints the secret of a token on stdout, alone and once', async () => {
    const { out, err } = await hallpass('create', 'token', 'bot', '-p', 'demo', '--clone')
    expect(out).toMatch(/^hp_pat_[A-Za-z0-9]{49}\n$/)
    expect(err).not.toContain(out.trim())
    expect((await hallpass('get', 'tokens', '-o', 'json')).out).not.toContain(out.trim())
  })
  it('prints lists as JSON', async () => {
    expect(JSON.parse((await hallpass('get', 'projects', '-o', 'json')).out)).toMatchObject([{ name: 'demo' }])
  })
  it('prints a session token alone on stdout', async () => {
    const { out } = await hallpass('session', '-p', 'demo', '--document', 'sales', '--permissions', 'read')
    expect(out).toMatch(/^sess_[A-Za-z0-9_-]{43}\n$/)
  })
  it('passes on the exit code of a command and ends its token', async () => {
    const script = 'test -n "$HALLPASS_TOKEN" && test -z "$HALLPASS_VAULT_KEY" && exit 7'
    const before = JSON.parse((await hallpass('get', 'sessions', '-o', 'json')).out) as unknown[]
    expect((await hallpass('run', '-p', 'demo', '--document', 'sales', '--permissions', 'read', '--', 'sh', '-c', script)).code).toBe(7)
    expect(JSON.parse((await hallpass('get', 'sessions', '-o', 'json')).out)).toHaveLength(before.length)
  })
  it('passes on the exit code of a command that outlives its token, without a word', async () => {
    const args = ['run', '-p', 'demo', '--document', 'sales', '--permissions', 'read', '--ttl', '1s', '--', 'sh', '-c', 'sleep 1.3; exit 7']
    expect(await hallpass(...args)).toEqual({ code: 7, out: '', err: '' })
  })
})
