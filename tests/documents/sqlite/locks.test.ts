import { copyFileSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it, vi } from 'vitest'
import { createTestClock } from '../../support/test-clock.ts'
import { contextOf, foreignFile, folder, openDocument } from './documents.ts'

const TABLE = 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)'

describe('locks of other programs', () => {
  it("don't delay reads while a write waits, and are reported as DOCUMENT_BUSY for the write", async () => {
    const path = foreignFile(`${TABLE}; INSERT INTO t (a) VALUES ('x')`)
    const { call } = openDocument({ path })
    await call('list_tables')
    const other = new Database(path)
    other.exec('BEGIN IMMEDIATE')
    const write = call('add_records', { table: 't', records: [{}] }).catch((error: unknown) => error)
    let isWaiting = true
    void write.then(() => {
      isWaiting = false
    })
    expect((await call('get_records', { table: 't' })).records).toHaveLength(1)
    expect(isWaiting).toBe(true)
    expect(await write).toMatchObject({ code: 'DOCUMENT_BUSY', details: { retry_after_s: 2 } })
    other.exec('COMMIT')
    other.close()
    expect(await call('add_records', { table: 't', records: [{}] })).toEqual({ record_ids: [2] })
  })

  it('end a stalled reader, so that the other program can save', async () => {
    const path = foreignFile(
      `${TABLE}; WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 20000) INSERT INTO t (a) SELECT hex(randomblob(200)) FROM c`,
    )
    const clock = createTestClock()
    const { connector } = openDocument({ path, clock, limits: { idleReaderMs: 5_000 } })
    const stream = await connector.openReadStream('get_records', { table: 't' }, contextOf())
    const pieces = stream[Symbol.asyncIterator]()
    await pieces.next()
    const other = new Database(path, { timeout: 0 })
    const save = (): unknown => other.prepare("INSERT INTO t (a) VALUES ('saved')").run()
    expect(save).toThrow(/locked/)
    // The reader's time starts again with each chunk that arrives, until its window is full.
    const waitAndSave = (): unknown => {
      clock.advance(5_000)
      return save()
    }
    await vi.waitFor(waitAndSave, 20_000)
    other.close()
    await expect(
      (async () => {
        for (;;) if ((await pieces.next()).done === true) return
      })(),
    ).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' })
  })
})

describe('files that are replaced', () => {
  it('are opened again after another program saved by renaming', async () => {
    const path = foreignFile(TABLE)
    const { call } = openDocument({ path })
    await call('add_records', { table: 't', records: [{ a: 'old' }] })
    const next = foreignFile(`${TABLE}; INSERT INTO t (a) VALUES ('new')`, join(folder(), 'next.db'))
    renameSync(next, path)
    expect((await call('get_records', { table: 't' })).records).toEqual([{ id: 1, a: 'new' }])
    expect(await Promise.all([call('list_tables'), call('list_tables')])).toHaveLength(2)
  })

  it('are opened again after they were missing for a while', async () => {
    const path = foreignFile(TABLE)
    const { call } = openDocument({ path })
    await call('list_tables')
    copyFileSync(path, `${path}.copy`)
    rmSync(path)
    await expect(call('list_tables')).rejects.toMatchObject({ reason: 'file_replaced' })
    renameSync(`${path}.copy`, path)
    expect(await call('list_tables')).toEqual({ tables: ['t'] })
  })

  it('are rejected as a link in place of the file, or in a folder that leads elsewhere', async () => {
    const path = foreignFile(TABLE)
    const secret = foreignFile('CREATE TABLE secrets (a)', join(folder(), 'document.db'))
    const { call } = openDocument({ path })
    await call('list_tables')
    rmSync(path)
    symlinkSync(secret, path)
    await expect(call('list_tables')).rejects.toMatchObject({ reason: 'file_replaced' })
    rmSync(path)
    linkSync(secret, path)
    await expect(call('list_tables')).rejects.toMatchObject({ reason: 'file_replaced' })

    const root = folder()
    mkdirSync(join(root, 'real'))
    const inside = foreignFile(TABLE, join(root, 'real', 'document.db'))
    symlinkSync(join(root, 'real'), join(root, 'way'))
    const other = openDocument({ path: join(root, 'way', 'document.db') })
    expect(await other.call('list_tables')).toEqual({ tables: ['t'] })
    rmSync(inside)
    rmSync(join(root, 'way'))
    rmSync(`${secret}-wal`, { force: true })
    rmSync(path)
    symlinkSync(dirname(secret), join(root, 'way'))
    for (const _try of [1, 2])
      await expect(other.call('list_tables')).rejects.toMatchObject({ reason: 'file_replaced' })
  })
})
