import { describe, expect, it } from 'vitest'
import { createTestClock } from '../../support/test-clock.ts'
import { errorInTime, foreignFile, openDocument } from './documents.ts'

const refused = { code: 'INVALID_REQUEST' }

describe('files of other programs', () => {
  it('allow reads and no writes for tables without a row ID', async () => {
    const { call } = openDocument({
      path: foreignFile(
        "CREATE TABLE w (a TEXT PRIMARY KEY, b) WITHOUT ROWID; INSERT INTO w VALUES ('x', 1), ('y', 2); CREATE VIEW \"v; \"\" '\" AS SELECT a FROM w",
      ),
    })
    for (const table of ['w', 'v; " \'']) {
      await expect(call('add_records', { table, records: [{ a: 'z' }] })).rejects.toMatchObject({
        ...refused,
        field: 'table',
        reason: 'read_only_table',
        message: expect.stringContaining(table === 'w' ? 'WITHOUT ROWID' : 'a view'),
      })
      await expect(call('delete_records', { table, record_ids: [1] })).rejects.toMatchObject(refused)
      await expect(call('add_column', { table, column_id: 'c', column_type: 'Int' })).rejects.toMatchObject(refused)
      await expect(call('get_records', { table, filter: { id: 1 } })).rejects.toMatchObject(refused)
      expect((await call('get_records', { table, sort: '-a' })).records).toMatchObject([
        { id: 1, a: 'y' },
        { id: 2, a: 'x' },
      ])
    }
  })

  it('may give the row ID any name', async () => {
    const path = foreignFile(`
      CREATE TABLE plain (a TEXT); CREATE TABLE textid (id TEXT PRIMARY KEY, rowid TEXT); CREATE TABLE own (Nr INTEGER PRIMARY KEY, a);
      CREATE TABLE downwards (id INTEGER PRIMARY KEY DESC, a); CREATE TABLE masked (rowid, _rowid_, oid);
      INSERT INTO downwards VALUES (50, 'x')`)
    const { call } = openDocument({ path })
    expect(await call('add_records', { table: 'plain', records: [{ a: 'x' }] })).toEqual({ record_ids: [1] })
    expect(await call('add_records', { table: 'textid', records: [{ id_2: 'k', rowid: 'r' }] })).toEqual({
      record_ids: [1],
    })
    expect((await call('get_records', { table: 'textid' })).records).toEqual([{ id: 1, id_2: 'k', rowid: 'r' }])
    await expect(call('add_records', { table: 'own', records: [{ Nr: 5 }] })).rejects.toMatchObject(refused)
    expect(await call('add_records', { table: 'own', records: [{ a: 1 }] })).toEqual({ record_ids: [1] })
    expect((await call('get_records', { table: 'own', filter: { Nr: 1 } })).records).toEqual([{ id: 1, Nr: 1, a: 1 }])
    expect((await call('get_records', { table: 'downwards' })).records).toEqual([{ id: 1, id_2: 50, a: 'x' }])
    await expect(call('add_records', { table: 'masked', records: [{ rowid: 1 }] })).rejects.toMatchObject(refused)
  })

  it('may contain names of any form', async () => {
    const name = `a"b'c;--[]\`\u{1f600} DROP TABLE x`
    const { call } = openDocument({
      path: foreignFile(
        `CREATE TABLE x (a); CREATE TABLE "${name.replaceAll('"', '""')}" ("${name.replaceAll('"', '""')}" TEXT, "__proto__" TEXT)`,
      ),
    })
    const record = JSON.parse(`{"__proto__": "p"}`) as Record<string, string>
    await call('add_records', { table: name, records: [{ ...record, [name]: 'v' }] })
    expect(
      (await call('get_records', { table: name, filter: { [name]: ['v'] }, sort: `-${name}` })).records,
    ).toMatchObject([{ id: 1, [name]: 'v' }])
    expect(await call('list_tables')).toEqual({ tables: [name, 'x'].toSorted() })
  })

  it('show computed columns and reject values for them', async () => {
    const { call } = openDocument({
      path: foreignFile('CREATE TABLE g (a INT, b INT GENERATED ALWAYS AS (a * 2) VIRTUAL, c INT AS (a * 3) STORED)'),
    })
    await expect(call('add_records', { table: 'g', records: [{ a: 1, b: 5 }] })).rejects.toMatchObject(refused)
    await expect(call('delete_column', { table: 'g', column_id: 'b' })).rejects.toMatchObject(refused)
    await call('add_records', { table: 'g', records: [{ a: 1 }] })
    expect((await call('get_records', { table: 'g' })).records).toEqual([{ id: 1, a: 1, b: 2, c: 3 }])
    expect(await call('modify_column', { table: 'g', column_id: 'a', type: 'Numeric' })).toEqual({ column_id: 'a' })
    expect((await call('get_records', { table: 'g' })).records).toEqual([{ id: 1, a: 1, b: 2, c: 3 }])
  })

  it('roll back a write that a trigger rejects, and stop a trigger that never ends', async () => {
    const path = foreignFile(`
      CREATE TABLE t (a INT); CREATE TRIGGER no BEFORE INSERT ON t WHEN new.a = 3 BEGIN SELECT RAISE(ABORT, 'no threes'); END;
      CREATE TRIGGER never BEFORE DELETE ON t BEGIN SELECT (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c); END;
      CREATE VIEW endless AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) AS n FROM c`)
    const clock = createTestClock()
    const { call } = openDocument({ path, clock, limits: { callMs: 1500 } })
    await expect(call('add_records', { table: 't', records: [{ a: 1 }, { a: 3 }] })).rejects.toMatchObject({
      ...refused,
      message: expect.stringMatching(/no threes/),
    })
    expect(await call('add_records', { table: 't', records: [{ a: 1 }] })).toEqual({ record_ids: [1] })
    for (const endless of [
      () => call('delete_records', { table: 't', record_ids: [1] }),
      () => call('get_records', { table: 'endless' }),
    ])
      expect(await errorInTime(clock, 1500, endless())).toMatchObject({ code: 'UPSTREAM_TIMEOUT' })
    expect((await call('get_records', { table: 't' })).records).toEqual([{ id: 1, a: 1 }])
  })

  it("return values that JSON can't express", async () => {
    const { call } = openDocument({
      path: foreignFile(
        "CREATE TABLE t (a, d DATE, b BOOLEAN); INSERT INTO t VALUES (x'00ff', '2024-01-01', 1), (9e999, NULL, 7), (9223372036854775807, NULL, 0)",
      ),
    })
    expect((await call('get_records', { table: 't' })).records).toEqual([
      { id: 1, a: { base64: 'AP8=' }, d: '2024-01-01', b: true },
      { id: 2, a: null, d: null, b: 7 },
      { id: 3, a: '9223372036854775807', d: null, b: false },
    ])
    expect(
      (await call('describe_table', { table: 't' })).columns.map((column: { type: string }) => column.type),
    ).toEqual(['Any', 'Any', 'Bool'])
  })
})
