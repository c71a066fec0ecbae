import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { PayloadPart } from '../../src/contract/request-details.ts'
import { HallpassError } from '../../src/contract/errors.ts'
import { openLog } from '../log/support/open-log.ts'
import { dataFolders, movableClock, seedProject } from './support/data-folders.ts'

const { folder, open } = dataFolders()
const DAY = 86_400_000

function recorded(options: { pageLimit?: number } = {}) {
  const clock = movableClock()
  const home = folder()
  const store = open(home, { clock, ...options })
  const { projectId } = seedProject(store)
  store.write.updateProject(projectId, { payloads: { since: clock.now(), until: clock.now() + 30 * DAY } })
  const { log, add } = openLog(store, { clock, days: 10 })
  const write = (ids: readonly number[], body = 'x') =>
    store.payloads.write(
      ids.map((id) => ({
        id,
        projectId,
        recordedAt: clock.now(),
        payload: { request: part(body), response: part('y') },
      })),
    )
  return { store, home, clock, log, add, write, projectId }
}

function part(body: string): PayloadPart {
  return { head: null, body, bytes: body.length, cut: false, binary: false }
}

describe('payloads in the store', () => {
  it('belong to rows on disk, and are deleted with them', async () => {
    const { store, clock, log, add, write } = recorded()
    for (let index = 0; index < 3; index += 1) add()
    log.flush()
    expect(write([1, 2, 99])).toEqual([1, 2])
    expect(store.payloads.read(1, clock.now())).toMatchObject({ request: { body: 'x' }, response: { body: 'y' } })
    expect((await log.list({})).map((row) => [row.id, row.has_payload])).toEqual([
      [3, false],
      [2, true],
      [1, true],
    ])
    clock.move(11 * DAY)
    while ((await store.requests.prune(clock.now() - 10 * DAY, 1_000_000)) > 0);
    expect([store.payloads.read(1, clock.now()), await log.get(1)]).toEqual([null, null])
  })

  it('leave nothing in the file once they are deleted', async () => {
    const { store, home, log, add, write, projectId } = recorded()
    add()
    log.flush()
    const planted = 'recorded-and-deleted '.repeat(2000)
    write([1], planted)
    store.write.updateProject(projectId, { payloads: null })
    while (store.payloads.prune(0) > 0);
    store.close()
    expect(readFileSync(join(home, 'hallpass.db')).includes('recorded-and-deleted')).toBe(false)
  })

  it("don't break a seal when they are added or deleted", async () => {
    const { store, log, add, write } = recorded()
    add()
    log.flush()
    write([1])
    const reports = []
    for await (const report of store.requests.verify(new AbortController().signal)) reports.push(report)
    expect(reports.at(-1)).toMatchObject({ problem: null, rows: 1 })
  })

  it('are deleted in steps once their project stops recording or is deleted', async () => {
    const { store, clock, log, add, write, projectId } = recorded()
    for (let index = 0; index < 120; index += 1) add()
    log.flush()
    write(Array.from({ length: 120 }, (_, index) => index + 1))
    expect(store.payloads.prune(clock.now())).toBe(0)
    store.write.updateProject(projectId, { payloads: null })
    expect(store.payloads.read(1, clock.now())).toBeNull()
    const steps = [1, 2, 3, 4].map(() => store.payloads.prune(clock.now()))
    expect(steps).toEqual([50, 50, 20, 0])
    store.write.updateProject(projectId, { payloads: { since: clock.now(), until: clock.now() + DAY } })
    write([1])
    store.write.deleteProject(projectId)
    expect([store.payloads.prune(clock.now()), store.payloads.read(1, clock.now())]).toEqual([1, null])
  })

  it('fail alone on a full disk, and rows are still written once there is space', async () => {
    const { store, log, add, write } = recorded({ pageLimit: 140 })
    add()
    log.flush()
    expect(() => write([1], 'x'.repeat(64 * 1024 * 8))).toThrow(HallpassError)
    add()
    log.flush()
    expect(log.healthy).toBe(true)
    expect((await log.list({})).map((row) => row.has_payload)).toEqual([false, false])
    expect(store.payloads.prune(0)).toBe(0)
  })
})
