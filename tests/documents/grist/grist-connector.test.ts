import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/engine/clock.ts'
import { createGristConnector } from '../../../src/engine/documents/grist/create-grist-connector.ts'
import type { GristLimits } from '../../../src/engine/documents/grist/grist-limits.ts'
import type { BulkProgress, DocumentConnector } from '../../../src/engine/documents/document-connector.ts'
import type { HallpassError } from '../../../src/contract/errors.ts'
import { Secret } from '../../../src/engine/secrets/secret.ts'
import { startGristStandIn } from '../../support/grist-stand-in/start-grist-stand-in.ts'
import type { GristStandIn } from '../../support/grist-stand-in/start-grist-stand-in.ts'

const KEY = 'canary0key1of2the3stand4in5'
const DOC = 'sTandInDoc1234567890Ab'
let grist: GristStandIn
let open: DocumentConnector[]

beforeEach(async () => {
  open = []
  grist = await startGristStandIn({
    key: KEY,
    docs: {
      [DOC]: {
        People: {
          columns: {
            Name: { type: 'Text' },
            Age: { type: 'Int' },
            Upper: { type: 'Any', isFormula: true, formula: '$Name.upper()' },
          },
          rows: [
            { Name: 'Ann', Age: 40 },
            { Name: 'Bob', Age: 30 },
          ],
        },
        Broken: { columns: { Bad: { type: 'Any' } }, rows: [{ Bad: ['E', 'ZeroDivisionError'] }] },
      },
    },
  })
})
afterEach(async () => {
  await Promise.all(open.map((one) => one.close()))
  await grist.close()
})

function connect(options: { url?: string; doc?: string; limits?: Partial<GristLimits> } = {}): DocumentConnector {
  const connector = createGristConnector({
    dial: { rules: { pinned: false, plainHttp: false, ownPort: () => null } },
    url: options.url ?? grist.url,
    doc: options.doc ?? DOC,
    clock: systemClock,
    limits: options.limits ?? {},
  })
  open.push(connector)
  return connector
}
const context = (key = KEY, signal = new AbortController().signal) => ({ signal, secret: async () => new Secret(key) })
const failure = (promise: Promise<unknown>): Promise<HallpassError> =>
  promise.then(
    () => {
      throw new Error('did not fail')
    },
    (error) => error,
  )
async function* body(...lines: string[]): AsyncIterable<Uint8Array> {
  yield Buffer.from(lines.join('\n'))
}
async function load(progress: AsyncIterable<BulkProgress>): Promise<BulkProgress[]> {
  const all: BulkProgress[] = []
  for await (const step of progress) all.push(step)
  return all
}

describe('a Grist error', () => {
  test('distinguishes a wrong key, an unknown document, a closed port and a server that is not Grist', async () => {
    expect(await failure(connect().probe(context('wrong')))).toMatchObject({ code: 'GRIST_ERROR', field: 'secret' })
    expect((await failure(connect({ doc: 'unknownDoc12' }).probe(context()))).field).toBe('config.url')
    expect(await failure(connect({ url: 'http://127.0.0.1:1' }).probe(context()))).toMatchObject({
      field: 'config.url',
      reason: 'unreachable',
    })
    expect(await failure(connect({ url: grist.url.replace('http:', 'https:') }).probe(context()))).toMatchObject({
      field: 'config.url',
      reason: 'unreachable',
    })
    grist.intercept((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')
      return true
    })
    expect(await failure(connect().probe(context()))).toMatchObject({ code: 'GRIST_ERROR', field: 'config.url' })
  })

  test.each([
    ['{"records":[{}]}'],
    ['{"records":[{"id":1,"fields":null}]}'],
    ['{"records":[{"id":1 "fields":{"Name":"private"}}]}'],
    ['{"columns":[{"id":"A"}],"tables":null}'],
    ['{"statement":"x"}'],
  ])("about JSON that is not Grist's, %s, quotes none of it", async (answer) => {
    grist.intercept((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(answer)
      return true
    })
    const connector = connect()
    const read = async (method: 'get_records' | 'sql_query'): Promise<void> => {
      for await (const _bytes of await connector.openReadStream(
        method,
        { table: 'People', query: 'SELECT 1' },
        context(),
      ))
        continue
    }
    const failures = await Promise.all(
      [
        connector.call('describe_table', { table: 'People' }, context()),
        connector.call('get_records', { table: 'People' }, context()),
        connector.call('sql_query', { query: 'SELECT 1' }, context()),
        read('get_records'),
        read('sql_query'),
      ].map(failure),
    )
    expect(failures.map(({ code }) => code)).toEqual(Array.from({ length: 5 }, () => 'GRIST_ERROR'))
    expect(failures.map(({ message }) => message).join()).not.toContain('private')
  })

  test('says that a write may have succeeded if Grist returns no valid IDs', async () => {
    for (const answer of ['{"records":[{}]}', '{"records":[]}', '{"records":[{"id":"1"}]}']) {
      grist.intercept((_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(answer)
        return true
      })
      const refused = await failure(
        connect().call('add_records', { table: 'People', records: [{ Name: 'Cy' }] }, context()),
      )
      expect(refused).toMatchObject({
        code: 'GRIST_ERROR',
        message: expect.stringMatching(/may have succeeded/),
      })
    }
  })

  test("is a timeout if the server sends nothing for the caller's timeout, during a request and between retries", async () => {
    grist.delay(2_000)
    expect(await failure(connect().probe(context(KEY, AbortSignal.timeout(200))))).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
    })
    grist.delay(0)
    grist.intercept((_request, response) => {
      response.writeHead(429, { 'content-type': 'application/json' }).end('{"error":"Too many backlogged requests"}')
      return true
    })
    expect(await failure(connect().probe(context(KEY, AbortSignal.timeout(300))))).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
    })
  })

  test('stops at a redirect, and the key is not sent on', async () => {
    grist.intercept((_request, response) => {
      response.writeHead(302, { location: `${grist.url}/elsewhere` }).end()
      return true
    })
    expect(await failure(connect().probe(context()))).toMatchObject({
      code: 'GRIST_ERROR',
      message: expect.stringMatching(/redirects/),
    })
    expect(grist.requests).toHaveLength(1)
  })

  test('masks an echoed key, also in base64', async () => {
    const echo = `${KEY} ${Buffer.from(`Bearer ${KEY}`).toString('base64')} ${encodeURIComponent(KEY)}`
    grist.intercept((_request, response) => {
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error: echo }))
      return true
    })
    const { message } = await failure(connect().call('list_tables', {}, context()))
    expect(message).not.toContain(KEY)
    expect(message).not.toContain(Buffer.from(KEY).toString('base64').slice(4, 16))
    expect(message).toContain('[secret]')
  })

  test('names an unknown table, column, record or type', async () => {
    const grist = connect()
    expect((await failure(grist.call('get_records', { table: 'Nope' }, context()))).message).toMatch(
      /Table not found "Nope"/,
    )
    expect((await failure(grist.call('get_records', { table: '../sql' }, context()))).message).toMatch(
      /Invalid table ID "\.\.\/sql"/,
    )
    expect((await failure(grist.call('get_records', { table: 'People', sort: '-ZZ' }, context()))).message).toMatch(
      /"ZZ" in the sort.*"People"/,
    )
    expect(
      (await failure(grist.call('get_records', { table: 'People', filter: { ZZ: 1 } }, context()))).message,
    ).toMatch(/"ZZ" in the filter/)
    expect(
      (
        await failure(
          grist.call('add_records', { table: 'People', records: [{ Name: 'x' }, { Name: 'y', ZZ: 1 }] }, context()),
        )
      ).field,
    ).toBe('records[1]')
    expect(
      (
        await failure(
          grist.call('update_records', { table: 'People', records: [{ id: 99, fields: { Age: 1 } }] }, context()),
        )
      ).field,
    ).toBe('records[0]')
    expect(
      (await failure(grist.call('add_column', { table: 'People', column_id: 'X', column_type: 'Nonsense' }, context())))
        .message,
    ).toMatch(/Unknown column type "Nonsense"/)
    expect(
      (await failure(grist.call('delete_column', { table: 'People', column_id: 'ZZ' }, context()))).message,
    ).toMatch(/People\.ZZ/)
    expect(
      (await failure(grist.call('delete_column', { table: 'People', column_id: 'manualSort' }, context()))).message,
    ).toMatch(/can't be changed/)
    expect(
      (await failure(grist.call('add_records', { table: '_grist_ACLRules', records: [{}] }, context()))).message,
    ).toMatch(/can't be changed/)
    expect(
      await failure(grist.call('add_records', { table: 'People', records: [{ id: 5 }] }, context())),
    ).toMatchObject({ code: 'INVALID_REQUEST' })
  })

  test('is UPSTREAM_TIMEOUT for a silent server, and an abort ends the call', async () => {
    grist.delay(3_000)
    expect(await failure(connect({ limits: { responseMs: 50 } }).call('list_tables', {}, context()))).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
    })
    const gone = new AbortController()
    const call = failure(connect().call('list_tables', {}, context(KEY, gone.signal)))
    gone.abort(new Error('gone'))
    expect((await call).message).toBe('gone')
  })

  test('does not repeat an interrupted write, or anything after a 500', async () => {
    grist.intercept((_request, response) => {
      response.destroy()
      return true
    })
    expect(
      (await failure(connect().call('add_records', { table: 'People', records: [{}] }, context()))).message,
    ).toMatch(/may have succeeded/)
    expect(grist.requests).toHaveLength(1)
    grist.intercept((_request, response) => {
      response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":"boom"}')
      return true
    })
    expect((await failure(connect().call('list_tables', {}, context()))).message).toMatch(/boom/)
    expect(grist.requests).toHaveLength(2)
  })
})

describe('a method', () => {
  test('reads what is stored', async () => {
    const grist = connect()
    await grist.probe(context())
    expect(await grist.call('list_tables', {}, context())).toEqual({ tables: ['People', 'Broken'] })
    expect(await grist.call('describe_table', { table: 'People' }, context())).toEqual({
      columns: [
        { id: 'Name', type: 'Text' },
        { id: 'Age', type: 'Int' },
        { id: 'Upper', type: 'Any', formula: '$Name.upper()' },
      ],
    })
    expect(
      await grist.call('get_records', { table: 'People', filter: { Age: [30, 40] }, sort: 'Age', limit: 1 }, context()),
    ).toEqual({ records: [{ id: 2, Name: 'Bob', Age: 30, Upper: null }] })
    expect(await grist.call('get_records', { table: 'People', filter: { Name: 'Ann' } }, context())).toMatchObject({
      records: [{ id: 1 }],
    })
    expect(await grist.call('get_records', { table: 'Broken' }, context())).toEqual({
      records: [{ id: 1, Bad: null, errors: { Bad: 'ZeroDivisionError' } }],
    })
    expect(
      await grist.call(
        'get_records',
        { table: 'People', filter: { id: Array.from({ length: 5_000 }, (_, i) => i) } },
        context(),
      ),
    ).toMatchObject({ records: [{ id: 1 }, { id: 2 }] })
    expect(
      await grist.call('sql_query', { query: 'select Name from People where Age > ?; ', params: [35] }, context()),
    ).toEqual([{ Name: 'Ann' }])
    expect(await grist.call('sql_query', { query: 'select 1 as one -- done' }, context())).toEqual([{ one: 1 }])
    expect(await grist.call('sql_query', { query: 'select Bad from Broken' }, context())).toEqual([{ Bad: null }])
  })

  test('writes with defaults, in order, and applies the last of two changes', async () => {
    const grist = connect()
    const { record_ids: ids } = await grist.call(
      'add_records',
      { table: 'People', records: [{ Name: 'C' }, { Age: 1 }, { Name: 'D' }] },
      context(),
    )
    const { records } = await grist.call('get_records', { table: 'People', filter: { id: ids } }, context())
    expect(ids.map((id) => records.find((record) => record.id === id))).toMatchObject([
      { Name: 'C', Age: 0 },
      { Name: '', Age: 1 },
      { Name: 'D', Age: 0 },
    ])
    const changes = [
      { id: 1, fields: { Age: 1 } },
      { id: 1, fields: { Age: 2, Name: 'Z' } },
      { id: 2, fields: { Age: 7 } },
      { id: 1, fields: { Age: 3 } },
    ]
    expect(await grist.call('update_records', { table: 'People', records: changes }, context())).toEqual({ updated: 4 })
    expect(await grist.call('get_records', { table: 'People', filter: { id: [1, 2] } }, context())).toMatchObject({
      records: [{ Name: 'Z', Age: 3 }, { Age: 7 }],
    })
    expect(await grist.call('delete_records', { table: 'People', record_ids: [1, 1, 999] }, context())).toEqual({
      deleted: 1,
    })
  })

  test('splits large writes into requests below a MiB', async () => {
    const records = Array.from({ length: 30 }, (_, i) => ({ Name: `é${i}`.padEnd(100_000, 'x') }))
    const { record_ids: ids } = await connect().call('add_records', { table: 'People', records }, context())
    expect(ids).toEqual(Array.from({ length: 30 }, (_, i) => i + 3))
    const sent = grist.requests
      .filter(({ method }) => method === 'POST')
      .map((request) => Buffer.byteLength(request.body))
    expect(sent.length).toBeGreaterThan(2)
    expect(Math.max(...sent)).toBeLessThanOrEqual(1_048_576)
  })

  test('rolls back what a load stored before it was rejected', async () => {
    const connector = connect({ limits: { batchRows: 1 } })
    const records = [{ Name: 'ok' }, { Name: { not: 'a cell' } }]
    expect((await failure(connector.call('add_records', { table: 'People', records }, context()))).message).toMatch(
      /not a CellValue.*removed again/,
    )
    expect((await connector.call('get_records', { table: 'People' }, context())).records).toHaveLength(2)
  })

  test('changes the schema by the IDs that Grist assigns', async () => {
    const grist = connect()
    expect(
      await grist.call('create_table', { table_id: 'people', columns: [{ id: 'A', type: 'Text' }] }, context()),
    ).toEqual({ table_id: 'People2', columns: [{ id: 'A' }] })
    expect(await grist.call('add_column', { table: 'People2', column_id: 'A', column_type: 'Int' }, context())).toEqual(
      { column_id: 'A_2' },
    )
    expect(await grist.call('modify_column', { table: 'People2', column_id: 'A', formula: '1' }, context())).toEqual({
      column_id: 'A',
    })
    expect(await grist.call('delete_column', { table: 'People2', column_id: 'A_2' }, context())).toEqual({
      deleted: 'A_2',
    })
    expect(await grist.call('describe_table', { table: 'People2' }, context())).toEqual({
      columns: [{ id: 'A', type: 'Text', formula: '1' }],
    })
  })

  test('sends at most five requests and one query at once, and waits after a 429', async () => {
    grist.delay(10)
    const connector = connect()
    await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        i % 2 === 0
          ? connector.call('list_tables', {}, context())
          : connector.call('sql_query', { query: 'select 1' }, context()),
      ),
    )
    expect(grist.peak.requests).toBeLessThanOrEqual(5)
    expect(grist.peak.queries).toBe(1)
    let refusals = 2
    grist.intercept((_request, response) => {
      if (refusals-- <= 0) return false
      response.writeHead(429, { 'content-type': 'application/json' }).end('{"error":"Too many backlogged requests"}')
      return true
    })
    expect(await connector.call('add_records', { table: 'People', records: [{}] }, context())).toEqual({
      record_ids: [3],
    })
  })
})

describe('a filter that is too long for a URL', () => {
  const ids = Array.from({ length: 3000 }, (_, index) => index + 1)
  const old = (): void =>
    grist.intercept((request, response) => {
      if (!request.path.endsWith('/records/list')) return false
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not found: /records/list"}')
      return true
    })

  test('is sent in parts to an older server, in the order of the IDs', async () => {
    old()
    const filter = { id: ids.toReversed(), Age: [30, 40] }
    const get = (more: object = {}) => connect().call('get_records', { table: 'People', filter, ...more }, context())
    expect((await get()).records.map(({ id }) => id)).toEqual([1, 2])
    expect((await get({ offset: 1, limit: 5 })).records.map(({ id }) => id)).toEqual([2])
    expect(
      grist.requests.filter(({ path }) => path.includes('/records?')).every(({ path }) => path.length < 7000),
    ).toBe(true)
    const stream = await connect().openReadStream('get_records', { table: 'People', filter }, context())
    const parts: Uint8Array[] = []
    for await (const part of stream) parts.push(part)
    expect(Buffer.concat(parts).toString().trim().split('\n')).toHaveLength(2)
    expect(await failure(get({ sort: 'Age' }))).toMatchObject({ code: 'INVALID_REQUEST', field: 'filter' })
  })

  test('is sent as a body to a newer server, with a sort', async () => {
    const fields = { table: 'People', filter: { id: ids }, sort: 'Age' }
    const { records } = await connect().call('get_records', fields, context())
    expect(records.map(({ id }) => id)).toEqual([2, 1])
  })
})

describe('streams', () => {
  test('an atomic load stores nothing for an invalid line, or if it needs several requests', async () => {
    const atomic = { table: 'People', atomic: true }
    const small = connect({ limits: { batchRows: 2 } })
    const lines = ['{"Name":"a"}', '{"Name":"b"}', '{"Name":"c"}']
    const add = { ...atomic, method: 'add_records' } as const
    expect(await failure(load(connect().writeStream(add, body(...lines, 'oops'), context())))).toMatchObject({
      details: { failed_line: 4, stored: 0, line: 0 },
    })
    expect(await failure(load(small.writeStream(add, body(...lines), context())))).toMatchObject({
      code: 'INVALID_REQUEST',
      field: 'atomic',
    })
    const update = { ...atomic, method: 'update_records' } as const
    const mixed = body('{"id":1,"fields":{"Name":"x"}}', '{"id":2,"fields":{"Age":1}}')
    expect(await failure(load(small.writeStream(update, mixed, context())))).toMatchObject({ field: 'atomic' })
    expect(grist.requests.every(({ method }) => method === 'GET')).toBe(true)
    expect(await load(connect().writeStream(add, body(...lines), context()))).toEqual([{ stored: 3, line: 3 }])
  })

  test('an invalid line leaves earlier records stored, and says so', async () => {
    const steps: BulkProgress[] = []
    const run = async () => {
      for await (const step of connect().writeStream(
        { method: 'add_records', table: 'People' },
        body('{"Name":"a"}', '', '{"Name":"b"}', 'oops'),
        context(),
      ))
        steps.push(step)
    }
    expect(await failure(run())).toMatchObject({
      message: 'Line 4: not valid JSON. Lines 1–3 were stored.',
      details: { failed_line: 4, line: 3, stored: 2 },
    })
    expect(steps).toEqual([{ stored: 2, line: 3 }])
  })

  test('a rejected batch names its line and what was stored', async () => {
    const stream = connect({ limits: { batchRows: 2 } }).writeStream(
      { method: 'add_records', table: 'People' },
      body('{"Name":"a"}', '{"Name":"b"}', '{"Name":"c"}', '{"ZZ":1}'),
      context(),
    )
    expect((await failure(load(stream))).details).toEqual({ failed_line: 4, line: 2, stored: 2 })
    expect((await connect().call('get_records', { table: 'People' }, context())).records).toHaveLength(4)
  })

  test('loaded records read back as in get_records', async () => {
    const connector = connect({ limits: { batchRows: 1_000 } })
    const lines = Array.from({ length: 2_500 }, (_, i) => JSON.stringify({ Name: `"{[é${i}\\`, Age: i }))
    const steps = await load(
      connector.writeStream({ method: 'add_records', table: 'People' }, body(...lines), context()),
    )
    expect(steps).toEqual([
      { stored: 1000, line: 1000 },
      { stored: 2000, line: 2000 },
      { stored: 2500, line: 2500 },
    ])
    const stream = await connector.openReadStream('get_records', { table: 'People', sort: '-Age' }, context())
    let text = ''
    for await (const chunk of stream) text += Buffer.from(chunk).toString()
    const { records } = await connector.call('get_records', { table: 'People', sort: '-Age' }, context())
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(records)
    expect(stream.records).toBe(2502)
    const query = await connector.openReadStream('sql_query', { query: 'select count(*) as n from People' }, context())
    for await (const chunk of query) expect(Buffer.from(chunk).toString()).toBe('{"n":2502}\n')
    expect(
      await load(
        connector.writeStream(
          { method: 'update_records', table: 'People' },
          body('{"id":1,"fields":{"Age":5}}'),
          context(),
        ),
      ),
    ).toEqual([{ stored: 1, line: 1 }])
    expect(
      await load(
        connector.writeStream({ method: 'delete_records', table: 'People' }, body('1', '{"id":2}'), context()),
      ),
    ).toEqual([{ stored: 2, line: 2 }])
  })

  test('an abandoned, interrupted or unread stream releases its connection', async () => {
    const connector = connect({ limits: { concurrency: 1 } })
    await connector.call(
      'add_records',
      { table: 'People', records: Array.from({ length: 3_000 }, (_, i) => ({ Name: 'x'.repeat(500), Age: i })) },
      context(),
    )
    for await (const chunk of await connector.openReadStream('get_records', { table: 'People' }, context())) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }
    for (const [method, fields] of [
      ['get_records', { table: 'People' }],
      ['sql_query', { query: 'select * from People' }],
    ] as const) {
      const gone = new AbortController()
      const stream = await connector.openReadStream(method, fields, context(KEY, gone.signal))
      gone.abort(new Error('gone'))
      expect(await connector.call('list_tables', {}, context())).toMatchObject({ tables: ['People', 'Broken'] })
      expect(
        (
          await failure(
            (async () => {
              for await (const _chunk of stream);
            })(),
          )
        ).message,
      ).toBe('gone')
    }
  })

  test('an unknown column fails before the stream opens', async () => {
    expect(
      (await failure(connect().openReadStream('get_records', { table: 'People', sort: 'ZZ' }, context()))).message,
    ).toMatch(/"ZZ" in the sort/)
  })
})

describe('a filter that finds nothing', () => {
  const columnReads = (): number => grist.requests.filter(({ path }) => path.includes('/columns')).length

  test('sends one more request for its table, and none for a filter without a text', async () => {
    const connector = connect()
    for (const Name of ['Zoe', 'Yan', 'Xia'])
      expect(await connector.call('get_records', { table: 'People', filter: { Name } }, context())).toEqual({
        records: [],
      })
    expect(columnReads()).toBe(1)
    await connector.call('get_records', { table: 'People', filter: { Age: 1 } }, context())
    expect(columnReads()).toBe(1)
  })

  test('is explained by the current columns, also after another program changed them', async () => {
    const connector = connect()
    const other = connect()
    const filter = { Age: 'old' }
    expect(await failure(connector.call('get_records', { table: 'People', filter }, context()))).toMatchObject({
      reason: 'filter_format',
    })
    await other.call('modify_column', { table: 'People', column_id: 'Age', type: 'Text' }, context())
    expect(await connector.call('get_records', { table: 'People', filter }, context())).toEqual({ records: [] })
  })
})
