import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findPython } from '../support/python.ts'
import { post, startTestEngine, type TestEngine } from '../support/start-test-engine.ts'

const run = promisify(execFile)
const python = findPython()
const SCRIPT = join(import.meta.dirname, '..', '..', 'examples', 'bulk-load.py')

describe.skipIf(python === null)('examples/bulk-load.py', () => {
  let engine: TestEngine
  let folder: string
  let token: string
  let proxyUrl: string
  let tables = 0

  beforeAll(async () => {
    engine = await startTestEngine()
    folder = await mkdtemp(join(tmpdir(), 'hallpass-csv-'))
    const minted = await engine.owner.sessions.mint({
      project: 'demo',
      document: 'sales',
      permissions: ['read', 'write', 'schema'],
    })
    token = minted.token
    proxyUrl = minted.proxy_url
  })
  afterAll(async () => {
    await engine[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  const call = async (method: string, fields: object) => (await post(proxyUrl, token, { method, ...fields })).body

  async function newTable(): Promise<string> {
    const table = `Csv${(tables += 1)}`
    const columns = Object.entries({ Code: 'Text', Amount: 'Numeric', N: 'Int', Ok: 'Bool', Day: 'Date' })
    await call('create_table', { table_id: table, columns: columns.map(([id, type]) => ({ id, type })) })
    return table
  }

  async function load(table: string, data: string | Buffer, ...more: string[]) {
    const file = join(folder, `${table}.csv`)
    await writeFile(file, data)
    const env = { ...process.env, HALLPASS_TOKEN: token, HALLPASS_PROXY_URL: proxyUrl }
    return run(python ?? '', [SCRIPT, file, table, ...more], { env }).then(
      ({ stdout }) => ({ code: 0, text: stdout }),
      (error: { code: number; stderr: string }) => ({ code: error.code, text: error.stderr }),
    )
  }

  test('loads dates as German Excel writes them, and rejects ambiguous ones', async () => {
    const table = await newTable()
    expect(await load(table, 'Code;Day\na;02.07.2025\nb;1.2.2025\n')).toMatchObject({ code: 0 })
    const { records } = (await call('get_records', { table, dates: 'iso' })).data
    expect(records.map(({ Day }: { Day: string }) => Day)).toEqual(['2025-07-02', '2025-02-01'])
    expect(await load(table, 'Code;Day\na;02/07/2025\n')).toMatchObject({ code: 1 })
  })

  test('loads what Excel saves: byte order mark, semicolons, decimal commas, quoted line breaks, leading zeros', async () => {
    const table = await newTable()
    const data =
      '\uFEFFCode;Amount;N;Ok;Day\r\n007;1.234,50;3;yes;2025-07-02\r\n"a\nb";;;;\r\nx;1,5;1234567890123456789;no;\r\n'
    expect(await load(table, data)).toEqual({ code: 0, text: `loaded 3 rows into ${table}\n` })
    expect((await call('get_records', { table })).data.records).toEqual([
      { id: 1, Code: '007', Amount: 1234.5, N: 3, Ok: true, Day: 1_751_414_400 },
      { id: 2, Code: 'a\nb', Amount: null, N: null, Ok: null, Day: null },
      { id: 3, Code: 'x', Amount: 1.5, N: '1234567890123456789', Ok: false, Day: null },
    ])
  })

  test.each([
    ['Latin-1 with tabs', Buffer.from('Code\tN\nÄpfel\t1\n', 'latin1')],
    ['UTF-16', Buffer.from('\uFEFFCode,N\nÄpfel,1\n', 'utf16le')],
    ['a row that is too short', Buffer.from('N,Code,Amount\n1,Äpfel\n')],
  ])('loads %s', async (_what, data) => {
    const table = await newTable()
    expect((await load(table, data)).code).toBe(0)
    expect((await call('get_records', { table })).data.records).toMatchObject([{ Code: 'Äpfel', N: 1 }])
  })

  test.each([
    ['a value that does not fit', 'Code,N\n"x\ny",1\nb,many\n', 'line 4', 1],
    ['a row that is too long', 'Code,N\na,1\nb,2,3\n', 'line 3', 1],
    ['an open quote', 'Code,N\na,1\n"b,2\n', 'line 3', 1],
    ['an unknown column', 'Code,Nr\na,1\n', 'line 1', 0],
    ['an empty file', '', 'is empty', 0],
  ])('names file, line and what to do for %s', async (_what, data, place, stored) => {
    const table = await newTable()
    const { code, text } = await load(table, data)
    expect(code).toBe(1)
    expect(text).toContain(`${table}.csv`)
    expect(text).toContain(place)
    expect((await call('get_records', { table })).data.records).toHaveLength(stored)
    if (stored > 0) expect(text).toContain(`--resume ${stored}`)
  })

  test('continues a load where it stopped', async () => {
    const table = await newTable()
    const rows = (bad: string) =>
      `Code,N\n${Array.from({ length: 50 }, (_, n) => `r${n},${n === 30 ? bad : n}\n`).join('')}`
    const { text } = await load(table, rows('oops'))
    const stored = /--resume (\d+)/.exec(text)?.[1] ?? ''
    expect(stored).toBe('30')
    expect((await load(table, rows('30'), '--resume', stored)).code).toBe(0)
    const { data } = await call('sql_query', { query: `SELECT count(*) AS n, count(DISTINCT Code) AS d FROM ${table}` })
    expect(data).toEqual([{ n: 50, d: 50 }])
  })
})
