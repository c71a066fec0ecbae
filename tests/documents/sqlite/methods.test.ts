import { describe, expect, it } from 'vitest'
import { foreignFile, openDocument, type Document } from './documents.ts'

const COLUMNS = [
  { id: 'Name', type: 'Text' },
  { id: 'Amount', type: 'Numeric' },
  { id: 'Count', type: 'Int' },
  { id: 'Paid', type: 'Bool' },
  { id: 'Day', type: 'Date' },
  { id: 'At', type: 'DateTime:Europe/Paris' },
  { id: 'Kind', type: 'Choice' },
  { id: 'Tags', type: 'ChoiceList' },
  { id: 'Who', type: 'Ref:Orders' },
  { id: 'All', type: 'RefList:Orders' },
  { id: 'Any', type: 'Any' },
]

async function orders(): Promise<Document> {
  const document = openDocument()
  await document.call('create_table', { table_id: 'Orders', columns: COLUMNS })
  return document
}

const invalid = (field?: string): object => ({ code: 'INVALID_REQUEST', field })

describe('SQLite document methods', () => {
  it('rejects an unknown table everywhere and names similar ones', async () => {
    const { call } = await orders()
    for (const [method, fields] of [
      ['describe_table', {}],
      ['get_records', {}],
      ['add_records', { records: [] }],
      ['update_records', { records: [] }],
      ['delete_records', { record_ids: [] }],
      ['add_column', { column_id: 'A', column_type: 'Int' }],
      ['modify_column', { column_id: 'A', type: 'Int' }],
      ['delete_column', { column_id: 'A' }],
    ] as const) {
      await expect(call(method, { table: 'orders', ...fields }), method).rejects.toMatchObject({
        ...invalid('table'),
        message: 'Table "orders" not found (did you mean "Orders"?).',
      })
    }
  })

  it('rejects an unknown column and names the field or record', async () => {
    const { call } = await orders()
    await expect(
      call('add_records', { table: 'Orders', records: [{ Name: 'a' }, { Nane: 'b' }] }),
    ).rejects.toMatchObject(invalid('records[1]'))
    await expect(call('get_records', { table: 'Orders', filter: { Nane: 1 } })).rejects.toMatchObject(invalid('filter'))
    await expect(call('get_records', { table: 'Orders', sort: '-Nane' })).rejects.toMatchObject(invalid('sort'))
    await expect(call('delete_column', { table: 'Orders', column_id: 'Nane' })).rejects.toMatchObject(
      invalid('column_id'),
    )
    expect(await call('get_records', { table: 'Orders' })).toEqual({ records: [] })
  })

  it.each([
    ['Name', 5],
    ['Amount', '5'],
    ['Count', 1.5],
    ['Count', '12x'],
    ['Count', '99999999999999999999'],
    ['Paid', 1],
    ['Day', '2024-02-30'],
    ['At', '2024-01-01T00:00:00'],
    ['Tags', ['a']],
    ['Tags', ['L', 1]],
    ['Who', 'a'],
    ['Who', -1],
    ['All', ['L', 'x']],
    ['Any', { a: 1 }],
    ['id', 7],
  ])('rejects a value that does not fit %s: %j', async (column, value) => {
    const { call } = await orders()
    await expect(call('add_records', { table: 'Orders', records: [{}, { [column]: value }] })).rejects.toMatchObject(
      invalid('records[1]'),
    )
    expect(await call('get_records', { table: 'Orders' })).toEqual({ records: [] })
  })

  it('rejects deeply nested values, and the next call works', async () => {
    const { call } = await orders()
    let deep: unknown = 1
    for (let level = 0; level < 200_000; level += 1) deep = [deep]
    await expect(call('add_records', { table: 'Orders', records: [{ Any: deep }] })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    })
    await expect(call('get_records', { table: 'Orders', filter: { Any: deep } })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    })
    expect(await call('get_records', { table: 'Orders' })).toEqual({ records: [] })
  })

  it('returns what was stored, in the types of the columns', async () => {
    const { call } = await orders()
    expect(await call('describe_table', { table: 'Orders' })).toEqual({
      columns: COLUMNS.map((column) => (column.type.startsWith('Ref') ? { ...column, references: 'Orders' } : column)),
    })
    const record = {
      Name: 'Ann',
      Amount: 1.5,
      Count: '9007199254740993',
      Paid: true,
      Day: '2024-02-29',
      At: '2024-01-01T02:00:00+02:00',
      Kind: '12',
      Tags: ['L', 'a', 'b'],
      Who: 1,
      All: ['L', 1],
      Any: 'x',
    }
    expect(await call('add_records', { table: 'Orders', records: [record, {}] })).toEqual({ record_ids: [1, 2] })
    const empty = Object.fromEntries(COLUMNS.map(({ id }) => [id, null]))
    expect(await call('get_records', { table: 'Orders' })).toEqual({
      records: [
        { id: 1, ...record, Day: 1_709_164_800, At: 1_704_067_200 },
        { id: 2, ...empty },
      ],
    })
  })

  it('filters, sorts and limits', async () => {
    const { call } = await orders()
    await call('add_records', {
      table: 'Orders',
      records: [{ Name: 'b', Count: 1 }, { Name: 'a', Count: 1 }, { Name: 'c', Count: 2 }, { Name: null }],
    })
    const ids = async (fields: object): Promise<number[]> =>
      (await call('get_records', { table: 'Orders', ...fields })).records.map((row: { id: number }) => row.id)
    expect(await ids({ filter: { Count: [1] }, sort: 'Name' })).toEqual([2, 1])
    expect(await ids({ filter: { Count: 1, Name: 'b' } })).toEqual([1])
    expect(await ids({ sort: '-Count,Name', limit: 2 })).toEqual([3, 2])
    expect(await ids({ filter: { Name: [null] } })).toEqual([4])
    expect(await ids({ filter: { Name: [] } })).toEqual([])
    expect(await ids({ filter: { Count: ['1'] } })).toEqual([])
    expect(await ids({ filter: { id: [1, 3] }, sort: '-id' })).toEqual([3, 1])
    expect(await ids({ filter: { Name: ["x' OR '1'='1"] } })).toEqual([])
  })

  it('changes all records or none, and names the missing one', async () => {
    const { call } = await orders()
    await call('add_records', { table: 'Orders', records: [{ Name: 'a' }, { Name: 'b' }] })
    await expect(
      call('update_records', {
        table: 'Orders',
        records: [
          { id: 1, fields: { Name: 'x' } },
          { id: 9, fields: {} },
        ],
      }),
    ).rejects.toMatchObject(invalid('records[1]'))
    expect((await call('get_records', { table: 'Orders', limit: 1 })).records[0].Name).toBe('a')
    expect(
      await call('update_records', {
        table: 'Orders',
        records: [
          { id: 1, fields: { Name: 'x' } },
          { id: 2, fields: { Paid: false } },
        ],
      }),
    ).toEqual({ updated: 2 })
    expect(await call('delete_records', { table: 'Orders', record_ids: [1, 1, 77] })).toEqual({ deleted: 1 })
  })

  it('adds 20,000 records in one call, and none of 20,000 if the last one is invalid', async () => {
    const { call } = await orders()
    const records = Array.from({ length: 20_000 }, (_, n) => ({ Name: `n${n}` }))
    await expect(call('add_records', { table: 'Orders', records: [...records, { Name: 1 }] })).rejects.toMatchObject(
      invalid('records[20000]'),
    )
    expect((await call('add_records', { table: 'Orders', records })).record_ids).toHaveLength(20_000)
    expect(await call('sql_query', { query: 'SELECT count(*) AS n FROM Orders' })).toEqual([{ n: 20_000 }])
  })

  it('rejects formulas, invalid names, unknown types and names that exist', async () => {
    const { call } = await orders()
    const table = 'Orders'
    await expect(
      call('add_column', { table, column_id: 'F', column_type: 'Int', formula: '$A' }),
    ).rejects.toMatchObject(invalid('formula'))
    await expect(call('modify_column', { table, column_id: 'Name', formula: '' })).rejects.toMatchObject(
      invalid('formula'),
    )
    await expect(call('add_column', { table, column_id: 'a b', column_type: 'Int' })).rejects.toMatchObject(
      invalid('column_id'),
    )
    await expect(call('add_column', { table, column_id: 'NAME', column_type: 'Int' })).rejects.toMatchObject(
      invalid('column_id'),
    )
    await expect(call('add_column', { table, column_id: 'F', column_type: 'Attachments' })).rejects.toMatchObject(
      invalid('column_type'),
    )
    await expect(call('add_column', { table, column_id: 'F', column_type: 'DateTime:Nowhere' })).rejects.toMatchObject(
      invalid('column_type'),
    )
    await expect(
      call('create_table', { table_id: 'ORDERS', columns: [{ id: 'A', type: 'Int' }] }),
    ).rejects.toMatchObject(invalid('table_id'))
    await expect(call('create_table', { table_id: 'T', columns: [{ id: 'Id', type: 'Int' }] })).rejects.toMatchObject(
      invalid('columns[0].id'),
    )
    await expect(
      call('create_table', { table_id: 'x"; DROP TABLE Orders; --', columns: [{ id: 'A', type: 'Int' }] }),
    ).rejects.toMatchObject(invalid('table_id'))
    expect(await call('list_tables')).toEqual({ tables: ['Orders'] })
  })

  it("changes a column's type and keeps rows, order, indexes and triggers", async () => {
    const path = foreignFile(`
      CREATE TABLE "odd ""name" (Ref INTEGER PRIMARY KEY, "a,b" TEXT NOT NULL DEFAULT ('x,(y'), Born text /* , */ COLLATE NOCASE, N int CHECK (N < 100));
      CREATE INDEX born ON "odd ""name" (Born);
      CREATE TABLE log (what TEXT);
      CREATE TRIGGER tell AFTER INSERT ON "odd ""name" BEGIN INSERT INTO log VALUES (new.Born); END;
      INSERT INTO "odd ""name" VALUES (5, 'q', '2024-02-29', 1), (9, 'r', 'soon', 2);`)
    const { call } = openDocument({ path })
    const table = 'odd "name'
    expect(await call('modify_column', { table, column_id: 'Born', type: 'Date' })).toEqual({
      column_id: 'Born',
      unconverted: 1,
    })
    expect(
      (await call('describe_table', { table })).columns.map(
        (column: { id: string; type: string }) => `${column.id}:${column.type}`,
      ),
    ).toEqual(['Ref:Int', 'a,b:Text', 'Born:Date', 'N:Int'])
    expect((await call('get_records', { table })).records).toEqual([
      { id: 5, Ref: 5, 'a,b': 'q', Born: 1_709_164_800, N: 1 },
      { id: 9, Ref: 9, 'a,b': 'r', Born: 'soon', N: 2 },
    ])
    expect(
      await call('sql_query', {
        query: "SELECT name FROM sqlite_schema WHERE type IN ('index', 'trigger') ORDER BY 1",
      }),
    ).toEqual([{ name: 'born' }, { name: 'tell' }])
    await expect(call('add_records', { table, records: [{ N: 500 }] })).rejects.toMatchObject(invalid())
    await call('add_records', { table, records: [{ Born: 0 }] })
    expect(await call('get_records', { table: 'log' })).toMatchObject({ records: [{ id: 1 }, { id: 2 }, { id: 3 }] })
    await expect(call('delete_column', { table, column_id: 'Born' })).rejects.toMatchObject(invalid())
    await expect(call('delete_column', { table, column_id: 'Ref' })).rejects.toMatchObject(invalid('column_id'))
    expect(await call('delete_column', { table, column_id: 'N' })).toEqual({ deleted: 'N' })
  })
})
