import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandLineOf, PROGRAM, type ServingEngine } from '../support/command-line.ts'

const home = mkdtempSync(join(tmpdir(), 'hallpass-may-'))
const { environment, here: hallpass, serve } = commandLineOf(home)

let engine: ServingEngine
beforeAll(async () => {
  engine = await serve()
  await hallpass('create', 'token', 'reader', '-p', 'demo', '--bind', 'role:viewer,connection:sales,table:Orders')
  await hallpass('create', 'token', 'none', '-p', 'demo')
})
afterAll(async () => {
  await engine.stop()
  rmSync(home, { recursive: true, force: true })
})

describe('hallpass may', () => {
  it.each<[string, string[], number, string]>([
    ['denies a write to a reader', ['add_records', 'sales', 'Orders'], 1, 'the write permission for "sales"'],
    ['denies another table', ['get_records', 'sales', 'Customers'], 1, 'the read permission for table "Customers"'],
    ['denies SQL, which reads around tables', ['sql_query', 'sales'], 1, 'limited to certain tables'],
    ['allows what a grant covers, and names it', ['get_records', 'sales', 'Orders'], 0, 'sales: read (tables: Orders)'],
  ])('%s', async (_, args, code, text) => {
    const ran = await hallpass('may', '-p', 'demo', '--token', 'reader', ...args)
    expect([ran.code, ran.out]).toEqual([code, expect.stringContaining(text)])
    const advice =
      'To allow it, run hallpass update token reader -p demo --bind role:viewer,connection:sales,table:Orders --bind role:'
    expect(ran.err.includes(advice)).toBe(code === 1)
  })
  it('suggests a command that preserves the secret and the access of the token', async () => {
    await hallpass('create', 'token', 'grower', '-p', 'demo', '--bind', 'role:viewer,connection:sales,table:Orders')
    const may = (...words: string[]) => hallpass('may', '-p', 'demo', '--token', 'grower', ...words)
    const [, advice = ''] = /run hallpass (.+)/.exec((await may('add_records', 'sales', 'Customers')).err) ?? []
    const prefix = async () =>
      JSON.parse((await hallpass('describe', 'token', 'grower', '-p', 'demo', '-o', 'json')).out)
    const { prefix: before } = (await prefix()) as { prefix: string }
    expect(await hallpass(...advice.split(' '))).toMatchObject({ code: 0 })
    expect(await prefix()).toMatchObject({ prefix: before, status: 'active' })
    expect((await may('add_records', 'sales', 'Customers')).code).toBe(0)
    expect((await may('get_records', 'sales', 'Orders')).code).toBe(0)
    expect((await may('add_records', 'sales', 'Orders')).code).toBe(1)
  })
  it('denies everything to a token without grants, and rejects methods that do not exist', async () => {
    expect(await hallpass('may', '-p', 'demo', '--token', 'none', 'list_tables', 'sales')).toMatchObject({ code: 1 })
    const unknown = await hallpass('may', '-p', 'demo', '--token', 'none', 'get_record', 'sales')
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('The closest method is get_records')])
  })
  it('denies for a paused token, and says how to resume it', async () => {
    await hallpass('create', 'token', 'resting', '-p', 'demo', '--clone')
    await hallpass('update', 'token', 'resting', '-p', 'demo', '--pause')
    const may = () => hallpass('may', '-p', 'demo', '--token', 'resting', 'list_tables', 'sales')
    const paused = await may()
    expect(paused).toMatchObject({ code: 1, out: 'no: Token "resting" is paused.\n' })
    const [, advice = ''] = /run hallpass (.+)/.exec(paused.err) ?? []
    await hallpass(...advice.split(' '))
    expect((await may()).code).toBe(0)
  })
  it('denies everything for a revoked token', async () => {
    await hallpass('create', 'token', 'old', '-p', 'demo', '--clone')
    await hallpass('revoke', 'token', 'old', '-p', 'demo')
    const { out } = await hallpass('may', '-p', 'demo', '--token', 'old', 'list_tables', 'sales', '-o', 'json')
    expect(JSON.parse(out)).toMatchObject({ allowed: false, reason: 'Token "old" is revoked.' })
  })
})

describe('commands over a running engine', () => {
  it('hallpass test connection reports whether it is up', async () => {
    expect(await hallpass('test', 'connection', 'sales')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^sales is up/),
    })
    expect((await hallpass('test', 'connection', 'nothing')).code).toBe(2)
  })
  it('hallpass rotate token prints a secret that differs from the old one', async () => {
    const first = (await hallpass('create', 'token', 'rotated', '-p', 'demo', '--clone')).out
    const { out } = await hallpass('rotate', 'token', 'rotated', '-p', 'demo')
    expect(out).toMatch(/^hp_pat_[A-Za-z0-9]{49}\n$/)
    expect(out).not.toBe(first)
  })
  it('hallpass update sets the maximum length of results of a token and of a project', async () => {
    const lengths = async () =>
      [
        (await hallpass('describe', 'token', 'reader', '-p', 'demo', '-o', 'json')).out,
        (await hallpass('describe', 'project', 'demo', '-o', 'json')).out,
      ].map((text) => JSON.parse(text).answer_chars as unknown)
    expect((await hallpass('update', 'token', 'reader', '-p', 'demo', '--answer-chars', '8,000')).code).toBe(0)
    expect((await hallpass('update', 'project', 'demo', '--answer-chars', 'off')).code).toBe(0)
    expect(await lengths()).toEqual([8000, 'off'])
    expect((await hallpass('update', 'token', 'reader', '-p', 'demo', '--answer-chars', 'default')).code).toBe(0)
    expect((await hallpass('update', 'project', 'demo', '--answer-chars', 'default')).code).toBe(0)
    expect(await lengths()).toEqual([null, null])
    for (const wrong of ['many', '100']) {
      const { code, err } = await hallpass('update', 'token', 'reader', '-p', 'demo', '--answer-chars', wrong)
      expect([code, err.includes('--answer-chars')]).toEqual([2, true])
    }
  })

  it('hallpass update token changes its expiry', async () => {
    expect((await hallpass('update', 'token', 'reader', '-p', 'demo', '--ttl', '90d')).code).toBe(0)
    expect((await hallpass('update', 'token', 'reader', '-p', 'demo')).code).toBe(2)
  })
  it('hallpass status and hallpass describe label their values', async () => {
    const status = (await hallpass('status')).out
    for (const label of ['Access:', 'Active tokens:', 'Secret store:', 'Data folder:']) expect(status).toContain(label)
    const token = (await hallpass('describe', 'token', 'reader', '-p', 'demo')).out
    expect(token).toMatch(/Permissions: +sales: read \(tables: Orders\)/)
  })
  it('hallpass delete requires --yes without a terminal, and says what it would affect', async () => {
    await hallpass('create', 'project', 'gone')
    await hallpass('create', 'token', 'one', '-p', 'gone')
    for (const args of [
      ['project', 'gone'],
      ['token', 'one', '-p', 'gone'],
      ['connection', 'sales'],
    ])
      expect(await hallpass('delete', ...args)).toMatchObject({
        code: 2,
        out: '',
        err: expect.stringMatching(/--yes\. (?:Affects .*\d|Nothing else)/),
      })
    expect(await hallpass('delete', 'project', 'nowhere')).toMatchObject({
      code: 2,
      err: expect.stringContaining('nowhere'),
    })
    expect(await hallpass('get', 'tokens', '-p', 'gone')).toMatchObject({
      code: 0,
      out: expect.stringContaining('one'),
    })
    expect(await hallpass('delete', 'project', 'gone', '--yes')).toMatchObject({ out: 'Deleted project gone.\n' })
  })
})

describe('completion candidates', () => {
  const complete = async (...words: string[]) => (await hallpass('__complete', ...words)).out.trim().split('\n')
  it('are commands, options, choices and live names', async () => {
    expect(await complete('sta')).toEqual(['status'])
    expect(await complete('create', '')).toEqual(['connection', 'project', 'token'])
    expect(await complete('session', '--perm')).toEqual(['--permissions'])
    expect(await complete('get', 'tokens', '-o', '')).toEqual(['json', 'table', 'yaml'])
    expect(await complete('get', 'tokens', '-p', '')).toEqual(['demo'])
    expect(await complete('session', '-p', 'demo', '--document', 's')).toEqual(['sales'])
    expect(await complete('describe', 'token', 'rea')).toEqual(['reader'])
    expect(await complete('session', '-p', 'demo', '--document', 'sales', '--resource', 'O')).toEqual(['Orders'])
    expect(await complete('may', '-p', 'demo', '--token', 'reader', 'get_records', 'sales', 'Cus')).toEqual([
      'Customers',
    ])
    expect(await complete('connect', 'curs')).toEqual(['cursor'])
  })
})

describe('the completion script of bash', () => {
  it('completes commands in a real bash', async () => {
    const script = `hallpass() { "$NODE" "$PROGRAM" "$@"; }
source <(hallpass completions bash)
COMP_WORDS=(hallpass create t); COMP_CWORD=2; _hallpass; printf '%s\\n' "\${COMPREPLY[@]}"
COMP_WORDS=(hallpass get tokens -p d); COMP_CWORD=4; _hallpass; printf '%s\\n' "\${COMPREPLY[@]}"`
    const child = spawn('bash', ['-c', script], { env: { ...environment, NODE: process.execPath, PROGRAM } })
    let out = ''
    child.stdout.on('data', (chunk) => {
      out += String(chunk)
    })
    await new Promise((resolve) => child.once('close', resolve))
    expect(out).toBe('token\ndemo\n')
  })
})
