import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GristStandIn, startGristStandIn } from '../support/grist-stand-in/start-grist-stand-in.ts'
import { TEST_VAULT_KEY } from '../support/prepare-home.ts'

const root = join(import.meta.dirname, '..', '..')
const KEY = 'canary-of-the-grist-key-0123456789'

/** What users run is the bundle: late imports and workers that work from source can break in it. */
describe.skipIf(!existsSync(join(root, 'dist', 'cli.js')))('bin/hallpass, as built', () => {
  let home: string
  let grist: GristStandIn
  let engine: ChildProcess
  let said = ''

  const start = (words: string[]) =>
    spawn(process.execPath, [join(root, 'bin', 'hallpass'), ...words], {
      env: {
        ...process.env,
        HALLPASS_HOME: home,
        HALLPASS_PORT: '0',
        HALLPASS_VAULT_KEY: TEST_VAULT_KEY,
        TEST_OF_HALLPASS_GRIST_KEY: 'wrong-key-in-the-environment',
      },
    })
  async function hallpass(words: string[], input = ''): Promise<{ code: number | null; out: string; err: string }> {
    const child = start(words)
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk) => (out += String(chunk)))
    child.stderr.on('data', (chunk) => (err += String(chunk)))
    child.stdin.end(input)
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, out, err }
  }
  const crm = (...rest: string[]) => ['create', 'connection', 'crm', '-p', 'demo', '--type', 'grist', ...rest]

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'hallpass-built-'))
    grist = await startGristStandIn({ key: KEY })
    const child = start(['serve'])
    engine = child
    child.stdout.on('data', (chunk) => (said += String(chunk)))
    child.stderr.on('data', (chunk) => (said += String(chunk)))
    while (!said.includes('Press Ctrl-C')) await once(child.stdout, 'data')
  })
  afterAll(async () => {
    engine.kill('SIGTERM')
    await once(engine, 'exit')
    await grist.close()
    await rm(home, { recursive: true, force: true })
  })

  test.each([
    [
      'address',
      () => ['--url', 'http://127.0.0.1:1', '--doc', grist.docId, '--secret-stdin'],
      KEY,
      /127\.0\.0\.1:1|address|server/i,
    ],
    [
      'document',
      () => ['--url', grist.url, '--doc', 'noSuchDocument', '--secret-stdin'],
      KEY,
      /noSuchDocument|document/i,
    ],
    ['key', () => ['--url', grist.url, '--doc', grist.docId, '--secret-stdin'], 'a-wrong-key', /key/i],
    [
      'key reference',
      () => ['--url', grist.url, '--doc', grist.docId, '--secret-ref', 'env:TEST_OF_HALLPASS_GRIST_KEY'],
      '',
      /key/i,
    ],
  ])('a wrong Grist %s is reported, and nothing is stored', async (_what, flags, input, words) => {
    const { code, err } = await hallpass(crm(...flags()), input)
    expect(code).not.toBe(0)
    expect(err).toMatch(words)
    expect(err).not.toMatch(/request id/)
    expect((await hallpass(['get', 'connections', '-o', 'json'])).out).not.toContain('crm')
  })

  test('a Grist document is connected, gets a table, and is listed through a session', async () => {
    const made = await hallpass(crm('--url', grist.url, '--doc', grist.docId, '--secret-stdin'), `${KEY}\n`)
    expect([made.code, made.err]).toEqual([0, expect.not.stringContaining(KEY)])
    const token = (
      await hallpass(['session', '-p', 'demo', '--document', 'crm', '--permissions', 'read,write,schema'])
    ).out.trim()
    const proxy = /HTTP proxy\s+(\S+)/.exec(said)?.[1] ?? ''
    const call = async (body: object) =>
      (
        await fetch(proxy, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
      ).json()
    expect(
      await call({ method: 'create_table', table_id: 'People', columns: [{ id: 'Name', type: 'Text' }] }),
    ).toMatchObject({ success: true })
    expect(
      await call({ method: 'add_records', table: 'People', records: [{ Name: 'Ada' }, { Name: 'Bo' }] }),
    ).toMatchObject({ success: true })
    expect(await call({ method: 'sql_query', query: 'select Name from People order by Name' })).toMatchObject({
      data: [{ Name: 'Ada' }, { Name: 'Bo' }],
    })
  })

  test('prints lists as YAML', async () => {
    expect((await hallpass(['get', 'connections', '-o', 'yaml'])).out).toContain('name: crm')
  })

  test('stdio prints nothing but the protocol', async () => {
    const hello = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
    }
    const { code, out } = await hallpass(['stdio', '--project', 'demo'], `${JSON.stringify(hello)}\n`)
    expect(code).toBe(0)
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: number }).id),
    ).toEqual([1])
  })

  test('the key is in no file of the data folder and in no output', async () => {
    expect(said).not.toContain(KEY)
    expect((await hallpass(['logs', '-o', 'json'])).out).not.toContain(KEY)
    for (const entry of await readdir(home, { recursive: true, withFileTypes: true })) {
      if (entry.isFile())
        expect((await readFile(join(entry.parentPath, entry.name), 'latin1')).includes(KEY), entry.name).toBe(false)
    }
  })

  test('no internal error occurred', () => {
    expect(said).not.toContain('internal error')
  })
})
