import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { dataFolders } from '../../store/support/data-folders.ts'
import { repeats } from '../../support/repeats.ts'
import { all, opening } from '../support/open-log.ts'
import { closeThreadedLogs, threadedLog, turn } from '../support/threaded-log.ts'

const { folder, open } = dataFolders()
afterEach(closeThreadedLogs)
afterEach(() => void vi.useRealTimers())
const LONG = { timeout: 60_000 }

describe('batches on the thread', () => {
  it('write, seal and count each row once, also those that end while they are being written', LONG, async () => {
    const { log, add, batches, expectWhole } = await threadedLog(folder())
    const ids: number[] = []
    const running: ReturnType<typeof log.open>[] = []
    const end = batches() + repeats(15, 60)
    while (batches() < end) {
      ids.push(...add(40))
      for (let index = 0; index < 20; index += 1) running.push(log.open(opening))
      await turn()
      for (const row of running.splice(0, 25)) {
        row.close({ status: 200 })
        ids.push(row.record.id)
      }
      if (Math.random() < 0.05) log.flush()
    }
    for (const row of running) {
      row.close({ status: 500 })
      ids.push(row.record.id)
    }
    await expectWhole(ids)
  })

  it('are on disk within 100 ms, in order, without anybody asking', LONG, async () => {
    const { add, onDisk, batches } = await threadedLog(folder())
    const before = batches()
    const ids = add(300)
    await expect.poll(() => onDisk().size, { timeout: 5000 }).toBe(301)
    expect(batches()).toBe(before + 1)
    expect([...onDisk().keys()]).toEqual([1, ...ids])
  })

  it('have at most 1,000 rows each', LONG, async () => {
    const { add, batches, fault, expectWhole } = await threadedLog(folder())
    const before = batches()
    fault('held before')
    const ids = add(2400)
    expect(batches()).toBe(before + 1)
    fault('none')
    // 500, 1,000 and 900 rows.
    await expect.poll(batches, { timeout: 5000 }).toBe(before + 3)
    await expectWhole(ids)
  })

  it('are seen by every read that follows the request', LONG, async () => {
    const { log, add, fault, store } = await threadedLog(folder())
    fault('slow before')
    const [id = 0] = add(500)
    expect(await log.get(id)).toMatchObject({ status: 200 })
    add(1)
    expect((await log.list({ limit: 1000 })).length).toBe(502)
    add(500)
    expect((await log.scan({ limit: 2000 })).rows.length).toBe(1002)
    add(500)
    expect((await log.bounds())?.rows).toBe(1502)
    add(500)
    expect((await log.summary({ since: '1h', steps: 1 })).requests).toBe(2002)
    add(500)
    expect((await all(log.verify(new AbortController().signal))).at(-1)).toMatchObject({ problem: null, rows: 2502 })
    add(500)
    let exported = ''
    for await (const piece of log.export({}, 'jsonl', new AbortController().signal)) exported += piece.text
    expect(exported.trim().split('\n')).toHaveLength(3002)
    fault('none')
    expect(store.requests.settle()).toBe(true)
  })

  it('leave a backup alone, and it contains what was logged before it', LONG, async () => {
    const home = folder()
    const { store, log, add, batches, expectWhole } = await threadedLog(home)
    const ids = add(2000)
    log.flush()
    const backUp = store.backUp(join(home, 'copy.backup'))
    const before = batches()
    let after: number | null = null
    void backUp.then(() => (after = batches()))
    while (after === null) {
      ids.push(...add(100))
      await turn()
    }
    expect((await backUp).bytes).toBeGreaterThan(100_000)
    expect(after).toBe(before)
    await expectWhole(ids)
  })

  it('alternate with writes of the main thread, of which none fails', LONG, async () => {
    const { store, log, add, batches, expectWhole } = await threadedLog(folder())
    const ids: number[] = []
    const end = batches() + repeats(10, 40)
    for (let round = 0; batches() < end; round += 1) {
      ids.push(...add(250))
      const project = store.write.createProject(`project-${round}`, 1)
      store.write.setSetting('round', String(round))
      if (round % 3 === 0) store.write.deleteProject(project.id)
      store.payloads.prune(0)
      await store.requests.prune(0, 1_000_000)
      await turn()
    }
    log.flush()
    await expectWhole(ids)
  })

  it('are finished before the main thread writes', LONG, async () => {
    const { store, add, fault, onDisk } = await threadedLog(folder())
    fault('held before')
    add(500)
    expect(onDisk().size).toBe(1)
    fault('none')
    store.write.createProject('other', 1)
    expect(onDisk().size).toBe(501)
  })

  it('are pruned as if they were written on the main thread', LONG, async () => {
    const { store, log, add } = await threadedLog(folder())
    for (let round = 0; round < 4; round += 1) {
      add(500)
      await expect.poll(() => store.requests.canStart).toBe(true)
    }
    add(500)
    while ((await store.requests.prune(0, 300)) > 0) await turn()
    log.flush()
    const rows = await log.list({ limit: 10_000 })
    expect(await log.bounds()).toEqual({ first_id: rows.at(-1)?.id, last_id: 2501, rows: rows.length })
    expect((await all(log.verify(new AbortController().signal))).at(-1)?.problem).toBeNull()
  })

  it('hold up requests once they are late, so that no row waits for more than 100 ms', LONG, async () => {
    const { add, fault, onDisk } = await threadedLog(folder())
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    fault('held before')
    add(500)
    vi.advanceTimersByTime(49)
    add(1)
    expect(onDisk().size).toBe(1)
    fault('none')
    vi.advanceTimersByTime(1)
    add(1)
    expect(onDisk().size).toBe(501)
    vi.advanceTimersByTime(50)
    await expect.poll(() => onDisk().size, { timeout: 10_000 }).toBe(503)
  })

  it('hold up requests that come faster than they are written', LONG, async () => {
    const { add, fault, log, batches, expectWhole } = await threadedLog(folder())
    fault('slow after')
    const before = batches()
    // Without a turn of the event loop.
    const ids = add(12_000)
    expect(log.healthy).toBe(true)
    expect(batches()).toBeGreaterThan(before + 3)
    fault('none')
    await expectWhole(ids)
  })

  it('are written before the log is closed', LONG, async () => {
    const home = folder()
    const { add, fault, close } = await threadedLog(home)
    fault('slow before')
    add(500)
    add(20)
    close()
    const store = open(home)
    const bounds = await store.requests.requestBounds()
    expect(bounds?.rows).toBe(521)
    expect(store.requests.closeInterrupted()).toBe(0)
    expect((await all(store.requests.verify(new AbortController().signal))).at(-1)?.problem).toBeNull()
  })

  it('are not used in strict mode, in which each row is on disk when open returns', LONG, async () => {
    const { log, batches, onDisk } = await threadedLog(folder(), { strict: true })
    for (let index = 0; index < 100; index += 1) {
      const row = log.open(opening)
      expect(onDisk().has(row.record.id)).toBe(true)
      row.close({ status: 200 })
      await turn()
    }
    expect(batches()).toBe(0)
  })
})
