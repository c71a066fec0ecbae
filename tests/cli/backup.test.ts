import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { post, startTestEngine, type TestEngine } from '../support/start-test-engine.ts'
import { addApi, openCommandLine, runInProcess, type CommandLine } from './support/cli-in-process.ts'

const OLD_KEY = 'a key for tests only'
const NEW_KEY = 'another passphrase for tests'

let folder: string
let line: CommandLine
let api: Server
let keys: (string | undefined)[] = []
let secret: string
let file: string

const sessionStatus = async (engine: TestEngine, token: string, document = 'sales'): Promise<number> =>
  (await post(`${engine.url}/api/v1/sessions`, token, { document, permissions: ['read'] })).status

/** Runs a command on a data folder that no engine uses. */
async function offline(home: string, key: string, ...args: string[]) {
  process.env['HALLPASS_VAULT_KEY'] = key
  try {
    return await runInProcess(home, '', args)
  } finally {
    delete process.env['HALLPASS_VAULT_KEY']
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hallpass-backup-'))
  file = join(folder, 'all.backup')
  api = createServer((request, response) => {
    keys.push(request.headers.authorization)
    response.end('{}')
  })
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(api.address() as AddressInfo).port}`
  line = await openCommandLine()
  await addApi(line, 'stays', origin, 'the upstream key')
  secret = (
    await line.run(
      'create',
      'token',
      'ci',
      '-p',
      'demo',
      '--bind',
      'role:viewer,connection:sales,table:Orders',
      '--rate',
      '50/s',
    )
  ).out.trim()
  await line.run('create', 'token', 'desk', '-p', 'demo', '--local', '--clone')
  await line.run('create', 'token', 'gone', '-p', 'demo', '--clone')
  await line.run('revoke', 'token', 'gone', '-p', 'demo')
  expect(await line.run('backup', file)).toMatchObject({ code: 0 })
})
afterAll(async () => {
  await line[Symbol.asyncDispose]()
  await new Promise((resolve) => api.close(resolve))
  rmSync(folder, { recursive: true, force: true })
})

describe('backup', () => {
  it('writes one file that only this user can read, and never overwrites another', async () => {
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(existsSync(`${file}.partial`)).toBe(false)
    expect(await line.run('backup', file)).toMatchObject({ code: 2 })
    expect(await line.run('backup', join(folder, 'no', 'such', 'folder'))).toMatchObject({ code: 2 })
  })
})

describe('restore', () => {
  it('restores everything, and all tokens are revoked at the next start', async () => {
    const home = join(folder, 'plain')
    const ran = await offline(home, OLD_KEY, 'restore', file)
    expect([ran.code, ran.err]).toEqual([0, expect.stringContaining('--reissue')])
    await using engine = await startTestEngine({ home, sample: false })
    expect(await sessionStatus(engine, secret)).toBe(401)
    expect((await engine.owner.connections.get({ name: 'sales' })).target).toBe(join(home, 'documents', 'sales.sqlite'))
    expect(await engine.owner.connections.tables({ name: 'sales' })).toContain('Orders')
    keys = []
    expect(await engine.owner.connections.test({ name: 'stays' })).toMatchObject({ ok: true })
    expect(keys).toEqual(['Bearer the upstream key'])
    // Also the last one before the backup.
    const methods = (await engine.owner.requests.list({ limit: 20 })).map(({ method }) => method)
    expect(methods.filter((method) => method === 'tokens.create')).toHaveLength(3)
    expect(methods).toContain('tokens.revoke')
    expect(methods).toContain('backUp')
  })

  it('reissues tokens with their grants, but no ended ones', async () => {
    const home = join(folder, 'reissued')
    const tokens = join(folder, 'tokens.txt')
    const ran = await offline(home, OLD_KEY, 'restore', file, '--reissue')
    expect(ran.code).toBe(0)
    const next = /^demo\/ci (hp_pat_\w{49})$/m.exec(ran.out)?.[1] ?? ''
    expect(ran.out).toContain('Reissued local token demo/desk')
    expect(ran.out).not.toContain('gone')
    await using engine = await startTestEngine({ home, sample: false })
    expect([await sessionStatus(engine, secret), await sessionStatus(engine, next)]).toEqual([401, 200])
    expect(await engine.owner.tokens.get({ project: 'demo', name: 'ci' })).toMatchObject({
      grants: [{ connection: 'sales', permissions: ['read'], tables: ['Orders'] }],
      rate: '50/s',
    })
    expect((await engine.owner.tokens.get({ project: 'demo', name: 'gone' })).status).toBe('revoked')
    expect(existsSync(tokens)).toBe(false)
  })

  it('changes nothing for a file that is not a backup, a damaged one, or a folder in use', async () => {
    const home = join(folder, 'untouched')
    const other = join(folder, 'other')
    writeFileSync(other, 'not a database')
    expect(await offline(home, OLD_KEY, 'restore', other)).toMatchObject({ code: 2 })
    expect(await offline(home, OLD_KEY, 'restore', join(line.engine.home, 'hallpass.db'))).toMatchObject({ code: 2 })
    expect(await offline(home, OLD_KEY, 'restore', join(folder, 'none'))).toMatchObject({ code: 2 })
    expect(existsSync(join(home, 'hallpass.db'))).toBe(false)
    expect(await offline(line.engine.home, OLD_KEY, 'restore', file)).toMatchObject({ code: 2 })
    expect(await sessionStatus(line.engine, secret)).toBe(200)
    expect(await offline(join(folder, 'plain'), OLD_KEY, 'restore', file)).toMatchObject({ code: 2 })
  })
})

describe('documents in the data folder', () => {
  it('are in the backup under any name, with changes still in their write-ahead log, and without folders', async () => {
    const documents = join(line.engine.home, 'documents')
    const other = new Database(join(documents, 'My sales 2.db'))
    other.pragma('journal_mode = WAL')
    other.exec('CREATE TABLE t (a); INSERT INTO t VALUES (7)')
    mkdirSync(join(documents, 'old'))
    const backup = join(folder, 'documents.backup')
    expect(await line.run('backup', backup)).toMatchObject({ code: 0 })
    other.close()
    const home = join(folder, 'with-documents')
    mkdirSync(join(home, 'documents'), { recursive: true, mode: 0o700 })
    writeFileSync(join(home, 'documents', 'My sales 2.db-wal'), 'left by another file')
    expect(await offline(home, OLD_KEY, 'restore', backup)).toMatchObject({ code: 0 })
    expect(existsSync(join(home, 'documents', 'My sales 2.db-wal'))).toBe(false)
    const restored = new Database(join(home, 'documents', 'My sales 2.db'), { readonly: true })
    expect(restored.prepare('SELECT a FROM t').pluck().get()).toBe(7)
    restored.close()
  })

  it('are not restored next to the write-ahead log of a missing database', async () => {
    const home = join(folder, 'left-over')
    mkdirSync(home, { mode: 0o700 })
    writeFileSync(join(home, 'hallpass.db-wal'), 'left by another database')
    expect(await offline(home, OLD_KEY, 'restore', file)).toMatchObject({ code: 2 })
    expect(existsSync(join(home, 'hallpass.db'))).toBe(false)
  })
})

describe('a data folder that was copied', () => {
  it('starts although its lock names another process, and revokes its tokens', async () => {
    const home = join(folder, 'copied')
    cpSync(line.engine.home, home, { recursive: true, filter: (path) => !path.includes('/run') })
    writeFileSync(join(home, 'engine.lock'), JSON.stringify({ pid: 1, started: 'another-boot:7' }))
    await using engine = await startTestEngine({ home, sample: false })
    expect(await sessionStatus(engine, secret)).toBe(401)
    expect(engine.notices.join(' ')).toContain('revoked')
  })
})

describe('rekey', () => {
  it('accepts only the new key, and changes nothing if the old one is wrong', async () => {
    const home = join(folder, 'rekeyed')
    await offline(home, OLD_KEY, 'restore', file)
    const newKey = join(folder, 'new.key')
    writeFileSync(newKey, `${NEW_KEY}\n`, { mode: 0o600 })
    expect((await offline(home, 'a wrong key altogether', 'rekey', '--new-key-file', newKey)).code).not.toBe(0)
    expect(await offline(home, OLD_KEY, 'rekey', '--new-key-file', newKey)).toMatchObject({
      code: 0,
      out: expect.stringContaining('1 secret'),
    })
    for (const [vaultKey, isUp] of [
      [NEW_KEY, true],
      [OLD_KEY, false],
    ] as const) {
      await using engine = await startTestEngine({ home, sample: false, vaultKey })
      expect((await engine.owner.connections.test({ name: 'stays' })).ok).toBe(isUp)
    }
  })
  it('rejects a weak key, a key file that others can read, and a data folder in use', async () => {
    const home = join(folder, 'rekeyed')
    const weak = join(folder, 'weak.key')
    writeFileSync(weak, 'short', { mode: 0o600 })
    expect(await offline(home, NEW_KEY, 'rekey', '--new-key-file', weak)).toMatchObject({ code: 2 })
    const open = join(folder, 'open.key')
    writeFileSync(open, NEW_KEY, { mode: 0o644 })
    expect(await offline(home, NEW_KEY, 'rekey', '--new-key-file', open)).toMatchObject({ code: 2 })
    expect(await offline(line.engine.home, OLD_KEY, 'rekey', '--new-key-file', weak)).toMatchObject({ code: 2 })
  })
})
