import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGristStandIn } from '../../support/grist-stand-in/start-grist-stand-in.ts'
import type { GristStandIn } from '../../support/grist-stand-in/start-grist-stand-in.ts'

const DOC = 'sTandInDoc1234567890Ab'
let grist: GristStandIn

beforeAll(async () => {
  const columns = {
    A: { type: 'Text' },
    N: { type: 'Int' },
    B: { type: 'Bool' },
    D: { type: 'Date' },
    F: { type: 'Any', isFormula: true, formula: '1' },
  }
  grist = await startGristStandIn({
    key: 'key',
    docs: {
      [DOC]: {
        T: { columns },
        Rows: {
          columns,
          rows: [
            { A: 'x', N: 1, B: true },
            { A: 'y', N: 2 },
          ],
        },
      },
    },
  })
})
afterAll(() => grist.close())

async function ask(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = { authorization: 'Bearer key' },
): Promise<[number, unknown]> {
  const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
  const response = await fetch(`${grist.url}/api/docs/${path}`, { method, headers, ...sent })
  return [response.status, await response.json()]
}

test('checks the key before the document', async () => {
  expect(await ask('GET', 'nope/tables', undefined, { authorization: 'Bearer bad' })).toEqual([
    401,
    { error: 'Bad request: invalid API key' },
  ])
  expect(await ask('GET', `${DOC}/tables`, undefined, { authorization: 'bearer key' })).toMatchObject([401, {}])
  expect(await ask('GET', `${DOC}/tables`, undefined, {})).toEqual([403, { error: 'No view access' }])
  expect(await ask('GET', 'nope/tables')).toEqual([404, { error: 'document not found' }])
  expect(
    await ask('GET', `${DOC}/tables`, undefined, { authorization: 'Bearer key', origin: 'http://a.example' }),
  ).toMatchObject([403, {}])
})

test('adds an empty row for a record without "fields", and rejects an empty list', async () => {
  expect(await ask('POST', `${DOC}/tables/T/records`, { records: [{ A: 'lost' }] })).toEqual([
    200,
    { records: [{ id: 1 }] },
  ])
  expect(await ask('GET', `${DOC}/tables/T/records`)).toMatchObject([
    200,
    { records: [{ id: 1, fields: { A: '', N: 0 } }] },
  ])
  expect(await ask('POST', `${DOC}/tables/T/records`, { records: [] })).toMatchObject([
    400,
    { error: 'Invalid payload', details: { userError: expect.any(String) } },
  ])
})

test('stores null for a key missing in a mixed request, and assigns the last ID again', async () => {
  expect(await ask('POST', `${DOC}/tables/T/data/delete`, [1, 999])).toEqual([200, null])
  expect(
    await ask('POST', `${DOC}/tables/T/records`, { records: [{ fields: { A: 'a' } }, { fields: { N: 1.9 } }] }),
  ).toEqual([200, { records: [{ id: 1 }, { id: 2 }] }])
  expect(await ask('GET', `${DOC}/tables/T/records`)).toMatchObject([
    200,
    { records: [{ fields: { A: 'a', N: null } }, { fields: { A: null, N: 1 } }] },
  ])
})

test('stores values that do not fit as text', async () => {
  const fields = { N: 'abc', B: 'yes', D: '2024-02-30', A: true }
  const [, added] = (await ask('POST', `${DOC}/tables/T/records`, {
    records: [{ fields }, { fields: { ...fields, N: 2_147_483_648, D: '2024-02-29' } }],
  })) as [number, { records: { id: number }[] }]
  const filter = encodeURIComponent(JSON.stringify({ id: added.records.map(({ id }) => id) }))
  expect(await ask('GET', `${DOC}/tables/T/records?filter=${filter}`)).toMatchObject([
    200,
    {
      records: [
        { fields: { N: 'abc', B: true, D: '2024-02-30', A: 'True' } },
        { fields: { N: '2147483648.0', D: 1_709_164_800 } },
      ],
    },
  ])
})

test('rejects changes of different fields, unknown rows and unknown columns with 400', async () => {
  const change = (records: unknown) => ask('PATCH', `${DOC}/tables/Rows/records`, { records })
  expect(
    await change([
      { id: 1, fields: { A: '' } },
      { id: 2, fields: { N: 1 } },
    ]),
  ).toEqual([400, { error: 'PATCH requires all records to have same fields' }])
  expect(await change([{ id: 9999, fields: { A: '' } }])).toEqual([400, { error: 'Invalid row id 9999' }])
  expect(await change([{ id: 1, fields: { ZZ: '' } }])).toEqual([400, { error: 'Invalid column "ZZ"' }])
  expect(await change([{ id: 1, fields: { F: 2 } }])).toMatchObject([
    400,
    { error: expect.stringMatching(/formula column F/) },
  ])
  expect(await change([{ id: 1, fields: { A: 'x' } }])).toEqual([200, null])
})

test('returns all rows for limit 0, drops the last one for -1, and rejects an invalid sort, filter or limit with 500', async () => {
  const rows = async (query: string) =>
    ((await ask('GET', `${DOC}/tables/Rows/records?${query}`))[1] as { records: unknown[] }).records.length
  expect([await rows('limit=0'), await rows('limit=-1'), await rows('limit=1'), await rows('offset=1')]).toEqual([
    2, 1, 1, 2,
  ])
  for (const query of ['sort=ZZ', 'filter={', 'limit=abc'])
    expect((await ask('GET', `${DOC}/tables/Rows/records?${query}`))[0]).toBe(500)
  expect((await ask('GET', `${DOC}/tables/Rows/records?filter={"A":"x"}`))[0]).toBe(400)
})

test('accepts exactly one MiB and rejects one byte more with 413', async () => {
  const body = (bytes: number) => `{"records":[{"fields":{"A":"${'x'.repeat(bytes - 40)}"}}]}`.padEnd(bytes)
  expect((await ask('POST', `${DOC}/tables/T/records`, body(1_048_576)))[0]).toBe(200)
  expect(await ask('POST', `${DOC}/tables/T/records`, body(1_048_577))).toEqual([
    413,
    { error: 'request entity too large' },
  ])
})

test('rejects more than ten requests at once with 429, without Retry-After', async () => {
  grist.delay(1000)
  const statuses = await Promise.all(Array.from({ length: 12 }, async () => (await ask('GET', `${DOC}/tables`))[0]))
  grist.delay(0)
  expect(statuses.filter((status) => status === 429)).toHaveLength(2)
})

test('assigns IDs, and renames a column with its label', async () => {
  expect(await ask('POST', `${DOC}/tables`, { tables: [{ id: 'rows', columns: [{ id: 'A', fields: {} }] }] })).toEqual([
    200,
    { tables: [{ id: 'Rows2' }] },
  ])
  expect(
    await ask('POST', `${DOC}/tables/Rows2/columns`, { columns: [{ id: 'A', fields: { type: 'Text' } }] }),
  ).toEqual([200, { columns: [{ id: 'A_2' }] }])
  expect(
    await ask('PATCH', `${DOC}/tables/Rows2/columns`, { columns: [{ id: 'A_2', fields: { label: 'Named' } }] }),
  ).toEqual([200, null])
  expect(await ask('GET', `${DOC}/tables/Rows2/columns`)).toMatchObject([
    200,
    { columns: [{ id: 'A' }, { id: 'Named' }] },
  ])
})

test('returns raw stored values to queries, and rejects a query that does not fit between brackets', async () => {
  const sql = (text: string, args?: unknown) =>
    ask('POST', `${DOC}/sql`, { sql: text, ...(args === undefined ? {} : { args }) })
  expect(await sql('select id, B from Rows where N = ?;', [1])).toMatchObject([
    200,
    { records: [{ fields: { id: 1, B: 1 } }] },
  ])
  expect((await sql('select 1 -- done'))[0]).toBe(400)
  expect(await sql('delete from Rows')).toEqual([400, { error: 'only select statements are supported' }])
  expect((await sql('select 1', [1, 2]))[0]).toBe(500)
  expect((await sql('select 1', { a: 1 }))[0]).toBe(400)
})
