import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { collect, contextOf, foreignFile, openDocument } from './documents.ts'

/** Names as a program stored them that wrote the encoding of its system: Müller, naïve and €5 in Windows-1252. */
const FILE = `
  CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, city TEXT, n INTEGER);
  INSERT INTO people VALUES (7, CAST(x'4DFC6C6C6572' AS TEXT), 'Köln', 1), (8, 'Müller', CAST(x'6E61EF7665' AS TEXT), 2),
    (9, CAST(x'8035' AS TEXT), 'a � in it', 3);
  CREATE VIEW v AS SELECT name FROM people;`
const ROWS = [
  { id: 7, name: 'Müller', city: 'Köln', n: 1 },
  { id: 8, name: 'Müller', city: 'naïve', n: 2 },
  { id: 9, name: '€5', city: 'a � in it', n: 3 },
]

describe('texts in an encoding other than UTF-8', () => {
  it('are read, in results and in streams', async () => {
    const { call, connector } = openDocument({ path: foreignFile(FILE) })
    expect(await call('get_records', { table: 'people' })).toEqual({ records: ROWS })
    expect(await collect(await connector.openReadStream('get_records', { table: 'people' }, contextOf()))).toEqual(ROWS)
  })

  it('are unchanged in a file whose own encoding is UTF-16', async () => {
    const rows = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO t VALUES (1, 'caf� ok')"
    const { call } = openDocument({ path: foreignFile(`PRAGMA encoding = 'UTF-16le'; ${rows}`) })
    expect(await call('get_records', { table: 't' })).toEqual({ records: [{ id: 1, name: 'caf� ok' }] })
  })

  it('are found by a filter as they are displayed, in any encoding', async () => {
    const { call } = openDocument({ path: foreignFile(FILE) })
    const ids = async (filter: object): Promise<unknown[]> =>
      (await call('get_records', { table: 'people', filter })).records.map(({ id }: { id: number }) => id)
    expect(await ids({ name: 'Müller' })).toEqual([7, 8])
    expect(await ids({ name: ['€5', 'nobody'] })).toEqual([9])
    expect(await ids({ city: ['naïve', 'Köln'], n: [1, 2] })).toEqual([7, 8])
    expect(await ids({ name: 'Müller', city: 'Köln' })).toEqual([7])
    expect(await ids({ name: '中' })).toEqual([])
  })

  it('stay unchanged when another column of the record changes', async () => {
    const path = foreignFile(FILE)
    const { call } = openDocument({ path })
    await call('update_records', { table: 'people', records: [{ id: 7, fields: { n: 5 }, where: { n: 1 } }] })
    const db = new Database(path, { readonly: true })
    expect(db.prepare('SELECT hex(name) FROM people WHERE id = 7').pluck().get()).toBe('4DFC6C6C6572')
    db.close()
  })

  it('in a view are read as far as possible', async () => {
    const { call } = openDocument({ path: foreignFile(FILE) })
    expect((await call('get_records', { table: 'v' })).records[1]).toEqual({ id: 2, name: 'Müller' })
  })
})
