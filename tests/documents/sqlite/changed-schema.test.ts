import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { foreignFile, openDocument } from './documents.ts'

/** Changes the file as another program would, while Hallpass has it open. */
function elsewhere(path: string, sql: string): void {
  const db = new Database(path)
  db.exec(sql)
  db.close()
}

describe('a schema that another program changes between two calls', () => {
  it('is used by every method from then on', async () => {
    const path = foreignFile('CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER); INSERT INTO t (a) VALUES (1)')
    const { call } = openDocument({ path })
    const query = { query: 'SELECT * FROM t ORDER BY id' }
    for (let twice = 0; twice < 2; twice += 1) {
      expect(await call('list_tables')).toEqual({ tables: ['t'] })
      expect(await call('sql_query', query)).toEqual([{ id: 1, a: 1 }])
      expect(await call('get_records', { table: 't' })).toEqual({ records: [{ id: 1, a: 1 }] })
      expect(await call('update_records', { table: 't', records: [{ id: 1, fields: { a: 1 } }] })).toEqual({
        updated: 1,
      })
    }
    elsewhere(path, 'ALTER TABLE t ADD COLUMN b TEXT; ALTER TABLE t DROP COLUMN a; CREATE TABLE u (a)')
    expect(await call('list_tables')).toEqual({ tables: ['t', 'u'] })
    expect(await call('sql_query', query)).toEqual([{ id: 1, b: null }])
    expect(await call('get_records', { table: 't' })).toEqual({ records: [{ id: 1, b: null }] })
    await expect(call('add_records', { table: 't', records: [{ a: 1 }] })).rejects.toMatchObject({
      field: 'records[0]',
    })
    expect(await call('add_records', { table: 't', records: [{ b: 'x' }] })).toEqual({ record_ids: [2] })
    elsewhere(path, 'DROP TABLE t')
    await expect(call('add_records', { table: 't', records: [{ b: 'x' }] })).rejects.toMatchObject({ field: 'table' })
    await expect(call('sql_query', query)).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
  })

  it('is used to check types of the new columns, not of the old ones with the same name', async () => {
    const path = foreignFile('CREATE TABLE t (a INTEGER)')
    const { call } = openDocument({ path })
    await expect(call('add_records', { table: 't', records: [{ a: 'x' }] })).rejects.toMatchObject({
      field: 'records[0]',
    })
    elsewhere(path, 'DROP TABLE t; CREATE TABLE t (a TEXT)')
    expect(await call('add_records', { table: 't', records: [{ a: 'x' }] })).toEqual({ record_ids: [1] })
    await expect(call('add_records', { table: 't', records: [{ a: 1 }] })).rejects.toMatchObject({
      field: 'records[0]',
    })
  })
})

describe('statements that are prepared once', () => {
  it('check a query again for each number of values', async () => {
    const { call } = openDocument({ path: foreignFile('CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)') })
    const query = 'SELECT a FROM t WHERE a = ?'
    expect(await call('sql_query', { query, params: [1] })).toEqual([{ a: 1 }])
    await expect(call('sql_query', { query, params: [1, 2] })).rejects.toMatchObject({ field: 'params' })
    await expect(call('sql_query', { query })).rejects.toMatchObject({ field: 'params' })
    expect(await call('sql_query', { query, params: [2] })).toEqual([{ a: 2 }])
  })

  it('reject a forbidden query every time', async () => {
    const { call } = openDocument({ path: foreignFile('CREATE TABLE t (a)') })
    for (let twice = 0; twice < 2; twice += 1)
      await expect(call('sql_query', { query: 'DELETE FROM t' })).rejects.toMatchObject({ field: 'query' })
  })

  it('explain a date compared with epoch seconds each time, also for a value', async () => {
    const path = foreignFile('CREATE TABLE t ("Day" NUMERIC "Date"); INSERT INTO t VALUES (1751414400)')
    const { call } = openDocument({ path })
    await call('create_table', { table_id: 'Days', columns: [{ id: 'Day', type: 'Date' }] })
    await call('add_records', { table: 'Days', records: [{ Day: '2025-07-02' }] })
    for (let twice = 0; twice < 2; twice += 1) {
      await expect(call('sql_query', { query: "SELECT Day FROM Days WHERE Day = '2025-07-02'" })).rejects.toMatchObject(
        {
          reason: 'date_as_text',
        },
      )
      const query = 'SELECT Day FROM Days WHERE Day = ?'
      expect(await call('sql_query', { query, params: [1_751_414_400] })).toEqual([{ Day: 1_751_414_400 }])
      await expect(call('sql_query', { query, params: ['2025-07-02'] })).rejects.toMatchObject({
        reason: 'date_as_text',
      })
    }
  })

  it('store and delete with foreign keys enforced after a column was changed without them', async () => {
    const { call } = openDocument({
      path: foreignFile(
        'CREATE TABLE parent (id INTEGER PRIMARY KEY); CREATE TABLE child (p INTEGER REFERENCES parent(id))',
      ),
    })
    const orphan = { table: 'child', records: [{ p: 7 }] }
    await expect(call('add_records', orphan)).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
    await call('add_column', { table: 'parent', column_id: 'note', column_type: 'Text' })
    await expect(call('add_records', orphan)).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
    expect(await call('add_records', { table: 'parent', records: [{ note: 'x' }] })).toEqual({ record_ids: [1] })
    expect(await call('add_records', { table: 'child', records: [{ p: 1 }] })).toEqual({ record_ids: [1] })
  })
})
