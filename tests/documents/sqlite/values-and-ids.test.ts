import { describe, expect, it } from 'vitest'
import { foreignFile, linesOf, openDocument, contextOf } from './documents.ts'

const BIG = '1234567890123456789'

describe('values of other programs', () => {
  it('rejects a filter value of a form that no cell has', async () => {
    const { call } = openDocument({ path: foreignFile('CREATE TABLE t (a INT)') })
    for (const value of [{ a: 1 }, [[1]]])
      await expect(call('get_records', { table: 't', filter: { a: value } })).rejects.toMatchObject({
        code: 'INVALID_REQUEST',
        field: 'filter',
      })
  })

  it('finds every value that get_records shows', async () => {
    const { call } = openDocument({
      path: foreignFile(`CREATE TABLE t(k INTEGER PRIMARY KEY, active BOOLEAN, qty INTEGER, price DECIMAL(10,2), code VARCHAR(10), d DATE, b BLOB, u UUID, big BIGINT);
        INSERT INTO t(active,qty,price,code,d,b,u,big) VALUES ('t', 1.5, 'N/A', 7, '2024-05-01', x'00ff', 'aa-bb', ${BIG}), ('f', 'many', 9.99, 'x', 1714521600, x'01', 'cc', 'no'), (1, 3, 10, 'y', NULL, NULL, NULL, NULL);`),
    })
    const { records } = await call('get_records', { table: 't' })
    let tried = 0
    for (const record of records)
      for (const [column, value] of Object.entries(record)) {
        const found = (await call('get_records', { table: 't', filter: { [column]: [value] } })).records
        expect(
          found.map(({ id }: { id: number }) => id),
          `${column} = ${JSON.stringify(value)}`,
        ).toContain(record.id)
        tried += 1
      }
    expect(tried).toBe(30)
  })

  it('names the column behind "id", and filters, adds and updates by it', async () => {
    const { call } = openDocument({
      path: foreignFile(
        `CREATE TABLE users(id TEXT NOT NULL PRIMARY KEY, email TEXT); INSERT INTO users VALUES('cl9-a','a@example.test')`,
      ),
    })
    await expect(call('get_records', { table: 'users', filter: { id: 'cl9-a' } })).rejects.toMatchObject({
      field: 'filter',
      message: expect.stringContaining('"id_2"'),
    })
    await expect(call('add_records', { table: 'users', records: [{ id: 'cl9-c' }] })).rejects.toMatchObject({
      field: 'records[0]',
      message: expect.stringContaining('"id_2"'),
    })
    await call('add_records', { table: 'users', records: [{ id_2: 'cl9-c', email: 'c@example.test' }] })
    expect((await call('get_records', { table: 'users', filter: { id_2: 'cl9-c' } })).records).toHaveLength(1)
  })

  it('keeps record IDs beyond 2^53 exact in reads, writes and streams', async () => {
    const document = openDocument({
      path: foreignFile(`CREATE TABLE big(id INTEGER PRIMARY KEY, n TEXT); INSERT INTO big VALUES(${BIG},'snow')`),
    })
    const { call } = document
    expect((await call('get_records', { table: 'big', filter: { id: [BIG] } })).records).toEqual([
      { id: BIG, n: 'snow' },
    ])
    expect(await call('update_records', { table: 'big', records: [{ id: BIG, fields: { n: 'ice' } }] })).toEqual({
      updated: 1,
    })
    expect(await call('add_records', { table: 'big', records: [{ n: 'next' }] })).toEqual({
      record_ids: ['1234567890123456790'],
    })
    for await (const _step of document.connector.writeStream(
      { method: 'delete_records', table: 'big' },
      linesOf(`"${BIG}"`),
      contextOf(),
    ));
    expect(await call('sql_query', { query: 'SELECT n FROM big WHERE id = ?', params: [BIG] })).toEqual([])
    expect((await call('delete_records', { table: 'big', record_ids: ['1234567890123456790'] })).deleted).toBe(1)
  })

  it('rejects numbers that a JSON parser rounded', async () => {
    const { call, connector } = openDocument({ path: foreignFile('CREATE TABLE t (n NUMERIC, i INT, x)') })
    const rounded = 2 ** 53 + 2
    for (const record of [{ n: rounded }, { i: rounded }, { x: rounded }])
      await expect(call('add_records', { table: 't', records: [record] })).rejects.toMatchObject({
        field: 'records[0]',
      })
    await expect(call('sql_query', { query: 'SELECT ?', params: [rounded] })).rejects.toMatchObject({
      field: 'params[0]',
    })
    const load = connector.writeStream({ method: 'add_records', table: 't' }, linesOf(`{"n":${BIG}}`), contextOf())
    await expect(load[Symbol.asyncIterator]().next()).rejects.toMatchObject({ details: { failed_line: 1, stored: 0 } })
    await call('add_records', { table: 't', records: [{ n: BIG, i: BIG, x: 1e300 }] })
    expect((await call('get_records', { table: 't' })).records).toEqual([{ id: 1, n: BIG, i: BIG, x: 1e300 }])
  })
})

describe('a date column', () => {
  const columns = [
    { id: 'Day', type: 'Date' },
    { id: 'At', type: 'DateTime:UTC' },
    { id: 'There', type: 'DateTime:Europe/Paris' },
  ]

  it('rejects milliseconds and a time whose zone is unclear', async () => {
    const { call } = openDocument()
    await call('create_table', { table_id: 'T', columns })
    for (const record of [{ Day: 1_751_414_400_000 }, { At: 1_751_414_400_000 }, { There: '2025-07-02T00:00:00.000' }])
      await expect(call('add_records', { table: 'T', records: [record] })).rejects.toMatchObject({
        field: 'records[0]',
      })
  })

  it('reads the pandas form and writes ISO 8601 on request', async () => {
    const { call } = openDocument()
    await call('create_table', { table_id: 'T', columns })
    const value = '2025-07-02T00:00:00.000'
    await call('add_records', { table: 'T', records: [{ Day: value, At: value }] })
    expect((await call('get_records', { table: 'T' })).records[0]).toMatchObject({ Day: 1751414400, At: 1751414400 })
    expect((await call('get_records', { table: 'T', dates: 'iso' })).records[0]).toMatchObject({
      Day: '2025-07-02',
      At: '2025-07-02T00:00:00.000Z',
    })
  })
})

describe('repeatable writes', () => {
  const columns = [
    { id: 'Sku', type: 'Text' },
    { id: 'Stock', type: 'Int' },
  ]

  it('upsert all entries or none of them', async () => {
    const { call } = openDocument()
    await call('create_table', { table_id: 'T', columns })
    const entries = [
      { require: { Sku: 'a' }, fields: { Stock: 1 } },
      { require: { Sku: 'b' }, fields: { Stock: 2 } },
    ]
    await expect(
      call('upsert_records', { table: 'T', records: [...entries, { require: {}, fields: {} }] }),
    ).rejects.toMatchObject({ field: 'records[2]' })
    expect((await call('get_records', { table: 'T' })).records).toEqual([])
    expect(await call('upsert_records', { table: 'T', records: entries })).toEqual({
      added: 2,
      updated: 0,
      record_ids: [1, 2],
    })
    expect(await call('upsert_records', { table: 'T', records: entries })).toEqual({
      added: 0,
      updated: 2,
      record_ids: [1, 2],
    })
  })

  it('reject an upsert that matches several records', async () => {
    const { call } = openDocument()
    await call('create_table', { table_id: 'T', columns })
    await call('add_records', { table: 'T', records: [{ Sku: 'a' }, { Sku: 'a' }] })
    await expect(
      call('upsert_records', { table: 'T', records: [{ require: { Sku: 'a' }, fields: { Stock: 3 } }] }),
    ).rejects.toMatchObject({ reason: 'several_matches' })
  })

  it('update only if the record has the values of "where"', async () => {
    const { call } = openDocument()
    await call('create_table', { table_id: 'T', columns })
    await call('add_records', { table: 'T', records: [{ Sku: 'a', Stock: 5 }] })
    const take = { id: 1, fields: { Stock: 4 }, where: { Stock: 5 } }
    expect(await call('update_records', { table: 'T', records: [take] })).toEqual({ updated: 1 })
    await expect(call('update_records', { table: 'T', records: [take] })).rejects.toMatchObject({
      reason: 'condition_failed',
      field: 'records[0]',
    })
  })
})

describe('a table', () => {
  it('is renamed and deleted, and an offset skips records', async () => {
    const { call } = openDocument()
    await call('create_table', { table_id: 'A', columns: [{ id: 'N', type: 'Int' }] })
    await call('create_table', { table_id: 'B', columns: [{ id: 'R', type: 'Ref:A' }] })
    await expect(call('rename_table', { table: 'A', table_id: 'b' })).rejects.toMatchObject({ field: 'table_id' })
    await expect(call('delete_table', { table: 'C' })).rejects.toMatchObject({ field: 'table' })
    expect((await call('describe_table', { table: 'B' })).columns[0]).toEqual({
      id: 'R',
      type: 'Ref:A',
      references: 'A',
    })
    await call('add_records', { table: 'A', records: [{ N: 1 }, { N: 2 }, { N: 3 }] })
    expect((await call('get_records', { table: 'A', offset: 1, limit: 1 })).records).toEqual([{ id: 2, N: 2 }])
    expect((await call('get_records', { table: 'A', offset: 2 })).records).toEqual([{ id: 3, N: 3 }])
    expect(await call('rename_table', { table: 'A', table_id: 'C' })).toEqual({ table_id: 'C' })
    expect(await call('delete_table', { table: 'C' })).toEqual({ deleted: 'C' })
    expect(await call('list_tables')).toEqual({ tables: ['B'] })
  })

  it('counts the values that do not fit a new column type', async () => {
    const { call } = openDocument()
    await call('create_table', { table_id: 'A', columns: [{ id: 'N', type: 'Text' }] })
    await call('add_records', { table: 'A', records: [{ N: '1' }, { N: 'many' }] })
    expect(await call('modify_column', { table: 'A', column_id: 'N', type: 'Int' })).toEqual({
      column_id: 'N',
      unconverted: 1,
    })
  })
})
