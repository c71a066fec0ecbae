import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DocumentMethod } from '../../../src/contract/methods/document-methods.ts'
import { systemClock } from '../../../src/engine/clock.ts'
import type { DocumentAttachments } from '../../../src/engine/documents/attachments.ts'
import type { DocumentConnector } from '../../../src/engine/documents/document-connector.ts'
import { createGristConnector } from '../../../src/engine/documents/grist/create-grist-connector.ts'
import { Secret } from '../../../src/engine/secrets/secret.ts'
import { startGristStandIn } from '../../support/grist-stand-in/start-grist-stand-in.ts'

/**
 * Runs against the stand-in, and against a real server if GRIST_TEST_URL and GRIST_TEST_KEY are set: both must answer alike.
 * On a real server each run creates a document in the first workspace and deletes it afterwards.
 */
const realUrl = process.env['GRIST_TEST_URL']
const key = process.env['GRIST_TEST_KEY'] ?? 'canary0key1of2the3stand4in5'

let connector: DocumentConnector
let end: () => Promise<unknown>

async function realDocument(url: string): Promise<{ doc: string; end(): Promise<unknown> }> {
  const ask = async (method: string, path: string, body?: object): Promise<any> => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const reply = await fetch(`${url}/api${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`)
    return reply.json()
  }
  const [workspace] = await ask('GET', '/orgs/current/workspaces')
  const doc: string = await ask('POST', `/workspaces/${workspace.id}/docs`, { name: 'connector suite' })
  return { doc, end: () => ask('DELETE', `/docs/${doc}`) }
}

beforeAll(async () => {
  const { url, doc, close } =
    realUrl === undefined
      ? await startGristStandIn({ key, docs: { sTandInDoc1234567890Ab: {} } }).then((grist) => ({
          url: grist.url,
          doc: grist.docId,
          close: () => grist.close(),
        }))
      : await realDocument(realUrl).then((made) => ({ url: realUrl, doc: made.doc, close: () => made.end() }))
  connector = createGristConnector({
    dial: { rules: { pinned: false, plainHttp: false, ownPort: () => null } },
    url,
    doc,
    clock: systemClock,
  })
  end = async () => {
    await connector.close()
    await close()
  }
}, 60_000)
afterAll(() => end())

const context = { signal: new AbortController().signal, secret: async () => new Secret(key) }
const call = (method: DocumentMethod, fields: object = {}): Promise<any> =>
  connector.call(method, fields as never, context)

describe(`the Grist connector with ${realUrl === undefined ? 'the stand-in' : 'a real server'}`, () => {
  let table: string
  beforeAll(async () => {
    table = (
      await call('create_table', {
        table_id: 'orders',
        columns: [
          { id: 'Sku', type: 'Text' },
          { id: 'Stock', type: 'Int' },
          { id: 'Day', type: 'Date' },
        ],
      })
    ).table_id
  }, 60_000)

  test('stores files and returns them unchanged', async () => {
    const attachments = connector.attachments as DocumentAttachments
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251))
    async function* pieces(): AsyncIterable<Uint8Array> {
      for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
    }
    const one = { contentType: 'image/png', fileName: 'a "b" ü.png', length: bytes.length, body: pieces() }
    const [id = 0] = await attachments.upload(one, context)
    const [second = 0] = await attachments.upload({ ...one, length: null, body: pieces() }, context)
    expect(second).not.toBe(id)
    for (const stored of [id, second]) {
      const file = await attachments.download(stored, context)
      expect(file.headers).toMatchObject({
        'content-type': 'image/png',
        'content-length': String(bytes.length),
        'content-disposition': expect.stringMatching(/^attachment/),
      })
      const parts: Uint8Array[] = []
      for await (const part of file) parts.push(part)
      expect(Buffer.concat(parts).equals(bytes)).toBe(true)
    }
    await expect(attachments.download(99_999, context)).rejects.toMatchObject({ code: 'GRIST_ERROR' })
    const boundary = 'multipart/form-data; boundary=x'
    const body = Buffer.from('--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhi\r\n--x--\r\n')
    await expect(
      attachments.upload(
        {
          contentType: boundary,
          fileName: null,
          length: body.length,
          body: (async function* () {
            yield body
          })(),
        },
        context,
      ),
    ).rejects.toMatchObject({ code: 'INVALID_REQUEST', field: 'upload' })
  })

  test('counts the values that a new column type leaves as text', async () => {
    const { table_id } = await call('create_table', { table_id: 'misfits', columns: [{ id: 'V', type: 'Text' }] })
    await call('add_records', { table: table_id, records: [{ V: '12' }, { V: 'twelve' }, { V: 'x' }, { V: null }] })
    expect(await call('modify_column', { table: table_id, column_id: 'V', type: 'Numeric' })).toEqual({
      column_id: 'V',
      unconverted: 2,
    })
    expect(await call('modify_column', { table: table_id, column_id: 'V', type: 'Text' })).toEqual({ column_id: 'V' })
  })

  test('reports that a query compares a date column with a text', async () => {
    const columns = [
      { id: 'Sku', type: 'Text' },
      { id: 'Day', type: 'Date' },
    ]
    const { table_id: dates } = await call('create_table', { table_id: 'dates', columns })
    await call('add_records', { table: dates, records: [{ Sku: 'dated', Day: '2025-07-02' }] })
    await expect(
      call('sql_query', { query: `SELECT id FROM ${dates} WHERE Day = '2025-07-02'` }),
    ).rejects.toMatchObject({ code: 'INVALID_REQUEST', field: 'query', reason: 'date_as_text' })
    expect(await call('sql_query', { query: `SELECT Sku FROM ${dates} WHERE Day = unixepoch('2025-07-02')` })).toEqual([
      { Sku: 'dated' },
    ])
    expect(await call('sql_query', { query: `SELECT id FROM ${dates} WHERE Sku = '2025-07-02'` })).toEqual([])
  })

  test('keeps the names that Grist reduces to ASCII as labels', async () => {
    const created = await call('create_table', {
      table_id: '注文',
      columns: [
        { id: '顧客', type: 'Text' },
        { id: '数量', type: 'Int', label: 'Amount of it' },
      ],
    })
    expect(created.columns).toEqual([
      { id: 'A', label: '顧客' },
      { id: 'B', label: 'Amount of it' },
    ])
    expect((await call('describe_table', { table: created.table_id })).columns).toMatchObject([
      { id: 'A', type: 'Text', label: '顧客' },
      { id: 'B', type: 'Int', label: 'Amount of it' },
    ])
    expect(await call('modify_column', { table: created.table_id, column_id: 'A', label: 'Customer' })).toEqual({
      column_id: 'A',
    })
    expect((await call('describe_table', { table: created.table_id })).columns[0]).toMatchObject({
      id: 'A',
      label: 'Customer',
    })
    expect(await call('delete_table', { table: created.table_id })).toEqual({ deleted: created.table_id })
    expect((await call('list_tables')).tables).not.toContain(created.table_id)
    await expect(call('delete_table', { table: created.table_id })).rejects.toMatchObject({ field: 'table' })
  })

  test('names the record that Grist rejects by its own position', async () => {
    await expect(
      call('add_records', { table, records: [{ Sku: 'x' }, { Sku: 'y' }, { Sku: { not: 'a cell' } }] }),
    ).rejects.toMatchObject({ code: 'GRIST_ERROR', field: 'records[2]' })
    expect((await call('get_records', { table })).records).toEqual([])
  })

  test('upserts, repeats, and updates on a condition', async () => {
    const records = [
      { require: { Sku: 'a' }, fields: { Stock: 1 } },
      { require: { Sku: 'b' }, fields: { Stock: 2 } },
    ]
    expect(await call('upsert_records', { table, records })).toEqual({ added: 2, updated: 0, record_ids: [1, 2] })
    expect(await call('upsert_records', { table, records })).toEqual({ added: 0, updated: 2, record_ids: [1, 2] })
    const take = [{ id: 1, fields: { Stock: 0 }, where: { Stock: 1 } }]
    expect(await call('update_records', { table, records: take })).toEqual({ updated: 1 })
    await expect(call('update_records', { table, records: take })).rejects.toMatchObject({
      reason: 'condition_failed',
      field: 'records[0]',
    })
    expect((await call('get_records', { table, sort: 'id' })).records).toMatchObject([{ Stock: 0 }, { Stock: 2 }])
  })

  test('pages with an offset and writes dates in ISO 8601', async () => {
    await call('update_records', { table, records: [{ id: 2, fields: { Day: '2025-07-02' } }] })
    expect((await call('get_records', { table, offset: 1, limit: 1 })).records).toMatchObject([
      { id: 2, Day: 1_751_414_400 },
    ])
    expect((await call('get_records', { table, offset: 1, dates: 'iso' })).records).toMatchObject([
      { id: 2, Day: '2025-07-02' },
    ])
  })

  test('explains why a filter of the wrong form finds nothing', async () => {
    await expect(call('get_records', { table, filter: { Day: '2025-07-02' } })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      field: 'filter',
      reason: 'filter_format',
    })
    expect((await call('get_records', { table, filter: { Sku: 'none' } })).records).toEqual([])
    expect((await call('get_records', { table, filter: { Day: 1_751_414_400 } })).records).toHaveLength(1)
  })

  test('rejects rounded numbers and IDs that are not numbers', async () => {
    await expect(call('sql_query', { query: 'select ?', params: [2 ** 53 + 2] })).rejects.toMatchObject({
      field: 'params[0]',
    })
    await expect(call('delete_records', { table, record_ids: ['1234567890123456789'] })).rejects.toMatchObject({
      field: 'record_ids[0]',
    })
  })

  test('streams the records that it loads', async () => {
    async function* lines(): AsyncIterable<Uint8Array> {
      for (let n = 0; n < 20; n += 1)
        yield Buffer.from(`${JSON.stringify({ require: { Sku: `s${n}` }, fields: { Stock: n } })}\n`)
    }
    for await (const _step of connector.writeStream({ method: 'upsert_records', table }, lines(), context));
    let text = ''
    const stream = await connector.openReadStream('get_records', { table, offset: 2 }, context)
    for await (const chunk of stream) text += Buffer.from(chunk).toString()
    expect(text.trim().split('\n')).toHaveLength(20)
  })

  test('renames a table and reports the ID that Grist chose', async () => {
    const renamed = await call('rename_table', { table, table_id: 'stock list' })
    expect(renamed.table_id).toBe('Stock_list')
    table = renamed.table_id
    expect((await call('list_tables')).tables).toContain(table)
  })

  test.skipIf(realUrl === undefined)('reports a failing formula and decodes values in the binary format', async () => {
    expect(await call('add_column', { table, column_id: 'Broken', column_type: 'Any', formula: '1/0' })).toMatchObject({
      column_id: 'Broken',
      note: 'The formula fails with ZeroDivisionError.',
    })
    expect((await call('get_records', { table, limit: 1 })).records[0]).toMatchObject({
      Broken: null,
      errors: { Broken: 'ZeroDivisionError' },
    })
    await call('add_column', { table, column_id: 'Lists', column_type: 'Any', formula: '[1, "two"]' })
    expect((await call('sql_query', { query: `select Broken, Lists from ${table} limit 1` }))[0]).toMatchObject({
      Broken: null,
    })
  })
})
