import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { contextOf, foreignFile, linesOf, openDocument } from './documents.ts'

/** Tables whose triggers broke other programs, in their smallest form: a search index that triggers keep current. */
const INDEXED = `
  CREATE TABLE licenses (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
  INSERT INTO licenses VALUES (40, 'MIT');
  CREATE VIRTUAL TABLE licenses_fts USING fts5 (name, content=licenses, content_rowid=id);
  INSERT INTO licenses_fts (licenses_fts) VALUES ('rebuild');
  CREATE TABLE history (n INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT);
  INSERT INTO history VALUES (9000, 'first');
  CREATE TRIGGER ai AFTER INSERT ON licenses BEGIN
    INSERT INTO licenses_fts (rowid, name) VALUES (new.id, new.name); INSERT INTO history (what) VALUES ('added ' || new.name); END;
  CREATE TRIGGER ad AFTER DELETE ON licenses BEGIN
    INSERT INTO licenses_fts (licenses_fts, rowid, name) VALUES ('delete', old.id, old.name); END;
  CREATE TRIGGER au AFTER UPDATE ON licenses BEGIN
    INSERT INTO licenses_fts (licenses_fts, rowid, name) VALUES ('delete', old.id, old.name);
    INSERT INTO licenses_fts (rowid, name) VALUES (new.id, new.name); END;`

describe('a table with a search index that triggers keep current', () => {
  const matches = (path: string, word: string): unknown[] => {
    const db = new Database(path)
    try {
      db.exec("INSERT INTO licenses_fts (licenses_fts) VALUES ('integrity-check')")
      return db.prepare('SELECT rowid FROM licenses_fts WHERE licenses_fts MATCH ? ORDER BY rowid').pluck().all(word)
    } finally {
      db.close()
    }
  }

  // simonw/sqlite-utils#149 and #783, WiseLibs/better-sqlite3#801
  it('returns the IDs of its own records, not those that triggers stored', async () => {
    const path = foreignFile(INDEXED)
    const { call } = openDocument({ path })
    expect(await call('add_records', { table: 'licenses', records: [{ name: 'Apache' }, { name: 'BSD' }] })).toEqual({
      record_ids: [41, 42],
    })
    expect(
      await call('upsert_records', {
        table: 'licenses',
        records: [
          { require: { name: 'MIT' }, fields: { name: 'MIT License' } },
          { require: { name: 'GPL' }, fields: {} },
        ],
      }),
    ).toEqual({ added: 1, updated: 1, record_ids: [40, 43] })
    expect([matches(path, 'License'), matches(path, 'GPL')]).toEqual([[40], [43]])
  })

  // mareforma/mareforma#31
  it('stays up to date through updates, deletions, a load and a failed load', async () => {
    const path = foreignFile(INDEXED)
    const { call, connector } = openDocument({ path })
    await call('update_records', { table: 'licenses', records: [{ id: 40, fields: { name: 'Zlib' } }] })
    expect([matches(path, 'MIT'), matches(path, 'Zlib')]).toEqual([[], [40]])
    expect(await call('delete_records', { table: 'licenses', record_ids: [40, 41] })).toEqual({ deleted: 1 })
    expect(matches(path, 'Zlib')).toEqual([])
    for await (const _ of connector.writeStream(
      { method: 'add_records', table: 'licenses' },
      linesOf(...Array.from({ length: 100 }, (_, index) => ({ name: `word w${index}` }))),
      contextOf(),
    ));
    expect(matches(path, 'word')).toHaveLength(100)
    await expect(
      call('add_records', { table: 'licenses', records: [{ name: 'new' }, { name: 'word w1' }] }),
    ).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
    expect(matches(path, 'new')).toEqual([])
    expect(matches(path, 'word')).toHaveLength(100)
  })

  // simonw/sqlite-utils#149
  it('lists the index as a table, but none of the tables behind it', async () => {
    const { call } = openDocument({ path: foreignFile(INDEXED) })
    expect(await call('list_tables', {})).toEqual({ tables: ['history', 'licenses', 'licenses_fts'] })
    await expect(call('add_records', { table: 'licenses_fts', records: [{ name: 'x' }] })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      reason: 'read_only_table',
    })
  })
})
