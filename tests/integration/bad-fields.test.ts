import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DOCUMENT_METHODS } from '../../src/contract/methods/document-methods.ts'
import { post, startTestEngine, type TestEngine } from '../support/start-test-engine.ts'

/** A valid call of each method. Each case below makes one field invalid. */
const GOOD: Record<keyof typeof DOCUMENT_METHODS, Record<string, unknown>> = {
  list_tables: {},
  describe_table: { table: 'Orders' },
  get_records: { table: 'Orders', filter: { Status: ['open'] }, sort: '-Amount', limit: 3 },
  sql_query: { query: 'select ? as one', params: [1] },
  add_records: { table: 'Orders', records: [{ Quantity: 1 }] },
  update_records: { table: 'Orders', records: [{ id: 1, fields: { Quantity: 2 } }] },
  upsert_records: { table: 'Orders', records: [{ require: { Quantity: 987_654 }, fields: { Amount: 2 } }] },
  delete_records: { table: 'Orders', record_ids: [2] },
  create_table: { table_id: 'Spare', columns: [{ id: 'A', type: 'Text' }] },
  rename_table: { table: 'Spare', table_id: 'Spare2' },
  delete_table: { table: 'Spare2' },
  add_column: { table: 'Orders', column_id: 'Note', column_type: 'Text' },
  modify_column: { table: 'Orders', column_id: 'Note', type: 'Choice' },
  delete_column: { table: 'Orders', column_id: 'Note' },
}
const OPTIONAL = new Set(['filter', 'sort', 'limit', 'params', 'type', 'formula', 'offset', 'dates', 'label'])
const LONG = 'x'.repeat(1_000_001)
const TEXT = { mistyped: [5, true, null, [], {}], empty: [''], huge: [LONG] }
const SPOILT: Record<string, { mistyped: unknown[]; empty: unknown[]; huge: unknown[] }> = {
  table: TEXT,
  table_id: TEXT,
  column_id: TEXT,
  column_type: TEXT,
  query: TEXT,
  sort: TEXT,
  type: TEXT,
  formula: { mistyped: [5, true, null, [], {}], empty: [], huge: [LONG] },
  filter: { mistyped: [5, true, null, [], 'x'], empty: [], huge: [] },
  offset: { mistyped: ['3', true, null, [], {}, 1.5, -1], empty: [''], huge: [2 ** 53] },
  dates: { mistyped: [5, true, null, [], {}, 'x'], empty: [''], huge: [] },
  label: TEXT,
  limit: { mistyped: ['3', true, null, [], {}, 1.5, -1, 0], empty: [''], huge: [2 ** 53] },
  params: { mistyped: [5, true, null, {}, 'x', [{}], [[]]], empty: [], huge: [Array.from({ length: 1001 }, () => 1)] },
  records: { mistyped: [5, true, null, {}, 'x', [5], [null], ['x']], empty: [], huge: [] },
  record_ids: { mistyped: [5, true, null, {}, 'x', ['1'], [1.5], [0], [-1], [null]], empty: [], huge: [[2 ** 53]] },
  columns: {
    mistyped: [5, true, null, {}, 'x', [5], [{}], [{ id: 'A' }], [{ id: 'A', type: 5 }]],
    empty: [[]],
    huge: [[{ id: LONG, type: 'Text' }]],
  },
}

function* cases(): Generator<[method: string, what: string, field: string, body: Record<string, unknown>]> {
  for (const [method, description] of Object.entries(DOCUMENT_METHODS)) {
    const good = GOOD[method as keyof typeof DOCUMENT_METHODS]
    for (const field of Object.keys(description.fields.shape)) {
      const { [field]: _left, ...without } = good
      if (!OPTIONAL.has(field)) yield [method, 'missing', field, without]
      for (const [what, values] of Object.entries(SPOILT[field] ?? {})) {
        for (const value of values) yield [method, what, field, { ...good, [field]: value }]
      }
    }
    yield [method, 'unknown', 'tabel', { ...good, tabel: 'x' }]
  }
}

describe('every field of every method', () => {
  let engine: TestEngine
  let token: string
  const call = (body: object) => post(`${engine.url}/api/v1/proxy`, token, body)

  beforeAll(async () => {
    engine = await startTestEngine()
    token = (
      await engine.owner.sessions.mint({ project: 'demo', document: 'sales', permissions: ['read', 'write', 'schema'] })
    ).token
  })
  afterAll(() => engine[Symbol.asyncDispose]())

  test('is covered by this test', () => {
    const fields = new Set(Object.values(DOCUMENT_METHODS).flatMap((method) => Object.keys(method.fields.shape)))
    expect([...fields].filter((field) => SPOILT[field] === undefined)).toEqual([])
  })

  test.each([...cases()].map(([method, what, field, body]) => ({ method, what, field, body })))(
    '$method rejects a $what "$field" by name',
    async ({ method, field, body }) => {
      const reply = await call({ method, ...body })
      expect(reply.status).toBe(400)
      expect(reply.body).toMatchObject({ success: false, code: 'INVALID_REQUEST' })
      expect(`${reply.body.field} ${reply.body.error}`).toContain(field)
      expect(reply.body.error.length).toBeLessThan(1000)
    },
  )

  test.each([
    ['table', { method: 'get_records', table: 'Nowhere' }, 'Nowhere'],
    ['column of a filter', { method: 'get_records', table: 'Orders', filter: { Nowhere: [1] } }, 'Nowhere'],
    ['column of a sort', { method: 'get_records', table: 'Orders', sort: 'Nowhere' }, 'Nowhere'],
    ['column of a record', { method: 'add_records', table: 'Orders', records: [{ Nowhere: 1 }] }, 'Nowhere'],
    [
      'row',
      { method: 'update_records', table: 'Orders', records: [{ id: 999_999, fields: { Quantity: 1 } }] },
      '999999',
    ],
    ['column type', { method: 'add_column', table: 'Orders', column_id: 'B', column_type: 'Nonsense' }, 'Nonsense'],
    ['column to modify', { method: 'modify_column', table: 'Orders', column_id: 'Nowhere', type: 'Text' }, 'Nowhere'],
    [
      'formula',
      { method: 'add_column', table: 'Orders', column_id: 'B', column_type: 'Int', formula: '$Quantity' },
      'formula',
    ],
  ])('an unknown %s is rejected by name', async (_what, body, name) => {
    const reply = await call(body)
    expect(reply.status).toBe(400)
    expect(reply.body.error).toContain(name)
  })

  test.each([
    ['not JSON', '{'],
    ['a list', '[]'],
    ['a word', '"list_tables"'],
    ['nothing', ''],
    ['null', 'null'],
    ['too deep', '['.repeat(100_000)],
  ])('a body that is %s is rejected', async (_what, body) => {
    const reply = await fetch(`${engine.url}/api/v1/proxy`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body,
    })
    expect(reply.status).toBe(400)
    expect(await reply.json()).toMatchObject({ code: 'INVALID_REQUEST' })
  })

  test('valid calls still succeed afterward, with empty and huge lists', async () => {
    for (const [method, fields] of Object.entries(GOOD)) {
      const reply = await call({ method, ...fields })
      expect([method, reply.status, reply.body.error]).toEqual([method, 200, undefined])
    }
    expect((await call({ method: 'add_records', table: 'Orders', records: [] })).body.data).toEqual({ record_ids: [] })
    expect((await call({ method: 'delete_records', table: 'Orders', record_ids: [] })).body.data).toEqual({
      deleted: 0,
    })
    const many = await call({
      method: 'add_records',
      table: 'Orders',
      records: Array.from({ length: 50_000 }, () => ({ Quantity: 1 })),
    })
    expect(many.body.data.record_ids).toHaveLength(50_000)
  })
})
