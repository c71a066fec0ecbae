import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { folder, foreignFile, openDocument } from './documents.ts'

const TABLE = 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)'
const invalid = { code: 'INVALID_REQUEST', field: 'config.path', reason: 'unusable_file' }
const replaced = { code: 'UPSTREAM_ERROR', reason: 'file_replaced' }

describe('files of SQLite documents', () => {
  it('rejects anything but a file, and creates a file only on request', async () => {
    const dir = folder()
    await expect(openDocument({ path: join(dir, 'none.db') }).call('list_tables')).rejects.toMatchObject({
      ...invalid,
      reason: 'file_not_found',
    })
    expect(existsSync(join(dir, 'none.db'))).toBe(false)
    await expect(openDocument({ path: dir }).call('list_tables')).rejects.toMatchObject(invalid)
    await expect(
      openDocument({ path: join(dir, 'none', 'a.db'), create: true }).call('list_tables'),
    ).rejects.toMatchObject(invalid)
    await expect(openDocument({ path: '' }).call('list_tables')).rejects.toMatchObject(invalid)
    if (process.platform !== 'win32')
      await expect(openDocument({ path: '/dev/zero' }).call('list_tables')).rejects.toMatchObject(invalid)
  })

  it('rejects symbolic and hard links, also for the files next to it', async () => {
    const path = foreignFile(TABLE)
    symlinkSync(path, `${path}.link`)
    await expect(openDocument({ path: `${path}.link` }).call('list_tables')).rejects.toMatchObject(invalid)
    symlinkSync(join(folder(), 'elsewhere'), `${path}-journal`)
    await expect(openDocument({ path }).call('list_tables')).rejects.toMatchObject(invalid)
    const other = foreignFile(TABLE)
    linkSync(other, `${other}.second`)
    await expect(openDocument({ path: other }).call('list_tables')).rejects.toMatchObject(invalid)
  })

  it('rejects files in the forbidden folder on every path to it', async () => {
    const home = folder()
    const path = foreignFile(TABLE, join(home, 'store.db'))
    const way = join(folder(), 'way')
    symlinkSync(home, way)
    mkdirSync(join(home, 'sub'))
    for (const given of [
      path,
      join(way, 'store.db'),
      join(home, 'sub', '..', 'store.db'),
      join(home, 'sub', 'new.db'),
    ]) {
      await expect(
        openDocument({ path: given, create: true, forbiddenFolder: home }).call('list_tables'),
        given,
      ).rejects.toMatchObject(invalid)
    }
    await expect(openDocument({ path, forbiddenFolder: way }).call('list_tables')).rejects.toMatchObject(invalid)
    const beside = foreignFile(TABLE, join(folder(), '..store.db'))
    expect(await openDocument({ path: beside, forbiddenFolder: home }).call('list_tables')).toEqual({ tables: ['t'] })
  })

  it('rejects files that are truncated, damaged or no database, without changing them', async () => {
    const dir = folder()
    const junk = join(dir, 'junk.db')
    writeFileSync(
      junk,
      'not a database at all, but long enough to have a header of a hundred bytes, as one would expect of it, or so',
    )
    await expect(openDocument({ path: junk }).call('list_tables')).rejects.toMatchObject({ code: 'UPSTREAM_ERROR' })
    const whole = foreignFile(
      `${TABLE}; WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 5000) INSERT INTO t (a) SELECT hex(randomblob(20)) FROM c; CREATE INDEX i ON t (a)`,
    )
    const cut = join(dir, 'cut.db')
    copyFileSync(whole, cut)
    truncateSync(cut, Math.floor(statSync(cut).size / 2))
    await expect(openDocument({ path: cut }).call('get_records', { table: 't' })).rejects.toMatchObject({
      code: 'UPSTREAM_ERROR',
    })
    const damaged = join(dir, 'damaged.db')
    const bytes = readFileSync(whole)
    bytes.fill(0x5a, 4096 * 3, 4096 * 6)
    writeFileSync(damaged, bytes)
    await expect(openDocument({ path: damaged }).call('list_tables')).rejects.toMatchObject({ code: 'UPSTREAM_ERROR' })
    expect(readFileSync(damaged).equals(bytes)).toBe(true)
  })

  it('rejects a path that now leads to another file', async () => {
    const path = foreignFile(TABLE)
    const other = foreignFile('CREATE TABLE secrets (a)')
    const document = openDocument({ path })
    expect(await document.call('list_tables')).toEqual({ tables: ['t'] })
    renameSync(path, `${path}.old`)
    await expect(document.call('list_tables')).rejects.toMatchObject(replaced)
    symlinkSync(other, path)
    for (const method of ['list_tables', 'sql_query'] as const) {
      await expect(document.call(method, { query: 'SELECT * FROM secrets' })).rejects.toMatchObject(replaced)
    }
  })

  it('creates a file that only its owner can read, and opens it again', async () => {
    const document = openDocument()
    await document.call('create_table', { table_id: 'A', columns: [{ id: 'X', type: 'Int' }] })
    if (process.platform !== 'win32') expect(statSync(document.path).mode & 0o777).toBe(0o600)
    await document.connector.close()
    expect(await openDocument({ path: document.path, create: true }).call('list_tables')).toEqual({ tables: ['A'] })
  })

  it("keeps the journal mode of another program's file", async () => {
    const path = foreignFile(TABLE)
    const { call, connector } = openDocument({ path, create: true })
    await call('add_records', { table: 't', records: [{ a: 'x' }] })
    await connector.close()
    const db = new Database(path)
    expect(db.pragma('journal_mode', { simple: true })).toBe('delete')
    db.close()
  })

  it('reports DOCUMENT_BUSY while another program holds the file', async () => {
    const path = foreignFile(TABLE)
    const { call } = openDocument({ path })
    await call('list_tables')
    const db = new Database(path)
    db.exec('BEGIN EXCLUSIVE')
    await expect(call('add_records', { table: 't', records: [{}] })).rejects.toMatchObject({
      code: 'DOCUMENT_BUSY',
      details: { retry_after_s: 2 },
    })
    db.exec('COMMIT')
    db.close()
    expect(await call('add_records', { table: 't', records: [{}] })).toEqual({ record_ids: [1] })
  })

  it('checks the file in a connection test', async () => {
    const context = { signal: new AbortController().signal, secret: () => Promise.reject(new Error('none')) }
    await expect(openDocument({ path: join(folder(), 'none.db') }).connector.probe(context)).rejects.toMatchObject({
      ...invalid,
      reason: 'file_not_found',
    })
    await expect(openDocument({ path: foreignFile(TABLE) }).connector.probe(context)).resolves.toBeUndefined()
  })
})
