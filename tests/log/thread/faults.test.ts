import SqliteDatabase from 'better-sqlite3'
import { afterEach, describe, expect, it } from 'vitest'
import { createRequestLog } from '../../../src/engine/log/create-request-log.ts'
import { openStore } from '../../../src/engine/store/open-store.ts'
import { batchWriter } from '../../../src/engine/store/requests/writing/batch-writer.ts'
import { createLogChain } from '../../../src/engine/store/requests/writing/log-chain.ts'
import { dataFolders, movableClock } from '../../store/support/data-folders.ts'
import { all, opening } from '../support/open-log.ts'
import { closeThreadedLogs, threadedLog, turn } from '../support/threaded-log.ts'

const { folder, open } = dataFolders()
afterEach(closeThreadedLogs)
const LONG = { timeout: 60_000 }

describe('a full disk', () => {
  it('rejects requests, loses no row that waits, and accepts requests again when there is space', LONG, async () => {
    const { store, log, batches, onDisk } = await threadedLog(folder(), { pageLimit: 120 })
    const ids: number[] = [1]
    let refused = ''
    while (refused === '') {
      try {
        const row = log.open({ ...opening, resource: 'x'.repeat(400) })
        row.close({ status: 200 })
        ids.push(row.record.id)
      } catch (thrown) {
        refused = (thrown as { code: string }).code
      }
      if (ids.length % 100 === 0) await expect.poll(() => onDisk().size >= ids.length || !log.healthy).toBe(true)
    }
    expect(refused).toBe('LOG_UNAVAILABLE')
    expect(batches()).toBeGreaterThan(0)
    expect(log.healthy).toBe(false)
    // What waits is still listed.
    const listed = await log.list({ limit: 100_000 })
    expect(listed.map((row) => row.id)).toEqual(ids.toReversed())
    while ((await store.requests.prune(0, 0)) > 0) await turn()
    await expect.poll(() => log.healthy, { timeout: 10_000 }).toBe(true)
    log.open(opening).close({ status: 200 })
    expect((await log.list({ limit: 1 }))[0]?.status).toBe(200)
    expect((await all(log.verify(new AbortController().signal))).at(-1)?.problem).toBeNull()
  })
})

describe('another program that locks the database', () => {
  it('makes the log unavailable, loses no row, and is waited for', LONG, async () => {
    const { store, log, add, expectWhole, onDisk, batches } = await threadedLog(folder())
    const before = batches()
    const blocker = new SqliteDatabase(store.file)
    blocker.exec('BEGIN IMMEDIATE')
    const ids = add(500)
    ids.push(...add(5))
    expect(batches()).toBe(before + 1)
    await expect.poll(() => log.healthy, { timeout: 10_000 }).toBe(false)
    expect(() => log.open(opening)).toThrow(expect.objectContaining({ code: 'LOG_UNAVAILABLE' }))
    blocker.exec('ROLLBACK')
    blocker.close()
    await expect.poll(() => onDisk().size, { timeout: 20_000 }).toBe(506)
    expect(log.healthy).toBe(true)
    await expectWhole(ids)
  })
})

describe('counts that fail', () => {
  it('undo only themselves', () => {
    const store = open(folder())
    const database = new SqliteDatabase(store.file)
    const write = batchWriter(database, Buffer.alloc(32))
    const log = createRequestLog({
      store,
      clock: movableClock(),
      strict: () => true,
      retention: { days: 30, rows: 1000 },
    })
    const { record } = log.open(opening)
    log.close()
    const row = { ...record, id: 100, status: 200 }
    database.exec('DROP TABLE request_key_counts')
    const heads = createLogChain(database, Buffer.alloc(32)).heads()
    expect(write({ opened: [row], closed: [], counted: [] }, heads)).toMatchObject({ isCounted: false })
    expect(database.prepare('SELECT id FROM requests WHERE id = 100').get()).toEqual({ id: 100 })
    expect(database.prepare('SELECT * FROM request_counts').all()).toEqual([])
    database.close()
  })
})

describe('a thread that fails', () => {
  it.each(['die before', 'die after'] as const)(
    'loses and doubles no row, and the main thread writes on: %s',
    LONG,
    async (fault) => {
      const { log, add, fault: set, expectWhole, store, onDisk } = await threadedLog(folder())
      const long = log.open(opening)
      log.flush()
      await expect.poll(() => store.requests.canStart).toBe(true)
      set(fault)
      // A row that ends while its batch is in doubt, one that was open before, and new ones.
      const during = log.open(opening)
      long.close({ status: 200 })
      const ids = [...add(500), during.record.id, long.record.id]
      during.close({ status: 200 })
      ids.push(...add(10))
      await expect.poll(() => onDisk().size, { timeout: 10_000 }).toBe(ids.length + 1)
      expect(log.healthy).toBe(true)
      expect(store.requests.canStart).toBe(false)
      ids.push(...add(600))
      await expectWhole(ids)
    },
  )

  it('is noticed by a read that waits for it', LONG, async () => {
    const { log, add, fault, expectWhole } = await threadedLog(folder())
    fault('die after')
    const ids = add(500)
    // Nothing else has run since.
    expect((await log.list({ limit: 1000 })).length).toBe(501)
    await expect.poll(() => log.healthy, { timeout: 10_000 }).toBe(true)
    await expectWhole(ids)
  })

  it.each(['hang before', 'hang after'] as const)(
    'makes the log unavailable after a second, and gives its rows back: %s',
    LONG,
    async (fault) => {
      const { log, store, add, fault: set, expectWhole } = await threadedLog(folder())
      set(fault)
      const ids = add(500)
      ids.push(...add(5))
      expect(log.healthy).toBe(true)
      await expect.poll(() => log.healthy, { timeout: 5000 }).toBe(false)
      expect(() => log.open(opening)).toThrow(expect.objectContaining({ code: 'LOG_UNAVAILABLE' }))
      // They wait in memory, and are listed.
      expect((await log.list({ limit: 1000 })).length).toBe(506)
      expect(() => store.requests.write({ opened: [], closed: [] })).toThrow(
        expect.objectContaining({ code: 'LOG_UNAVAILABLE' }),
      )
      // What was perhaps written must not be deleted: it would be written again, in another place of the chain.
      await expect(store.requests.prune(Date.now() + 60_000, 10)).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
      await expect.poll(() => log.healthy, { timeout: 20_000 }).toBe(true)
      ids.push(...add(5))
      await expectWhole(ids)
    },
  )

  it('holds up a revocation for a few seconds at most', LONG, async () => {
    const { store, add, fault, log } = await threadedLog(folder())
    fault('hang before')
    add(500)
    store.write.setRevokingSetting('revoked', 'yes')
    expect(store.read.setting('revoked')).toBe('yes')
    await expect.poll(() => log.healthy, { timeout: 20_000 }).toBe(true)
  })

  it('keeps the rows of a log that is closed meanwhile', LONG, async () => {
    const home = folder()
    const { add, fault, close } = await threadedLog(home)
    fault('die before')
    add(500)
    add(5)
    close()
    expect((await open(home).requests.requestBounds())?.rows).toBe(506)
  })

  it('is never needed', LONG, async () => {
    const logThread = { minWaitMs: 0, code: { name: 'no-such-file', from: import.meta.url } }
    const store = openStore({ home: folder(), clock: movableClock(), logThread })
    const row = { request_id: 'r', transport: 'proxy', method: 'm' } as const
    const log = createRequestLog({
      store,
      clock: movableClock(),
      strict: () => false,
      retention: { days: 30, rows: 1000 },
    })
    for (let round = 0; round < 5; round += 1) {
      for (let index = 0; index < 500; index += 1) log.open(row)
      await turn()
    }
    expect(await log.bounds()).toMatchObject({ rows: 2500 })
    expect(store.requests.canStart).toBe(false)
    log.close()
    store.close()
  })
})
