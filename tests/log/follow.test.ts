import { promisify } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { rowsOf, type LogEvent } from '../../src/contract/owner-api/log-events.ts'
import type { RequestFilter } from '../../src/contract/owner-api/requests-api.ts'
import type { RequestRecord } from '../../src/contract/records.ts'
import { createFeed } from '../../src/engine/log/feed.ts'
import { rowOf } from '../renderer/support/log-stand-in.ts'
import { dataFolders } from '../store/support/data-folders.ts'
import { opening, openLog } from './support/open-log.ts'

const turn = promisify(setImmediate)

const { folder, open } = dataFolders()

function follow(filter: RequestFilter = {}) {
  const { log, add } = openLog(open(folder()))
  const cancel = new AbortController()
  const events = log.follow(filter, cancel.signal)
  /** The rows of the next event. */
  const next = async (): Promise<RequestRecord[]> => rowsOf((await events.next()).value as LogEvent)
  return { add, cancel, log, events, next }
}

const idsOf = (rows: readonly RequestRecord[]): number[] => rows.map(({ id }) => id)

describe('following a quiet log', () => {
  it('ends immediately when its reader leaves, also while it waits for a row', async () => {
    const { events, add } = follow()
    const waiting = events.next()
    expect(await events.return?.()).toEqual({ done: true, value: undefined })
    expect(await waiting).toEqual({ done: true, value: undefined })
    add()
    expect(await events.next()).toEqual({ done: true, value: undefined })
  })

  it('ends immediately when it is canceled while it waits', async () => {
    const { events, cancel } = follow()
    const waiting = events.next()
    cancel.abort()
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  it('ends with the log, after the unread rows', async () => {
    const { events, next, log, add } = follow()
    add()
    log.close()
    expect(await next()).toMatchObject([{ id: 1, status: 200 }])
    expect((await events.next()).done).toBe(true)
  })
})

describe('following a busy log', () => {
  it('sends a row that starts and ends quickly once, as it ended', async () => {
    const { add, next } = follow()
    for (let index = 0; index < 1000; index += 1) add()
    const rows = await next()
    expect(idsOf(rows)).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1))
    expect(new Set(rows.map(({ status }) => status))).toEqual(new Set([200]))
  })

  it('sends a row when it starts and when it ends, and nothing else', async () => {
    const { log, next, add } = follow()
    const running = log.open(opening)
    expect(await next()).toMatchObject([{ id: 1, status: null }])
    running.close({ status: 502 })
    add()
    expect(await next()).toMatchObject([
      { id: 1, status: 502 },
      { id: 2, status: 200 },
    ])
  })

  it('sends only rows that match at the time of sending', async () => {
    const { log, add, next } = follow({ status: 'failed', token: 'agent' })
    add({ token: 'other' }, { status: 500 })
    add({}, { status: 200 })
    const failing = log.open(opening)
    failing.close({ status: 403 })
    expect(idsOf(await next())).toEqual([3])
  })

  it('sends nothing that happened before it', async () => {
    const { log, add, next } = follow()
    add()
    const later = log.follow({}, new AbortController().signal)
    add()
    const { value } = await later.next()
    expect(idsOf(rowsOf(value as LogEvent))).toEqual([2])
    expect(idsOf(await next())).toEqual([1, 2])
  })

  it('sends at most ten events per second, for any number of rows', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const feed = createFeed()
      const events = feed.subscribe(() => true, new AbortController().signal)
      const got: number[] = []
      void (async () => {
        for await (const event of events) got.push(rowsOf(event).length)
      })()
      for (let millisecond = 0; millisecond < 1000; millisecond += 1) {
        feed.publish(rowOf({ id: millisecond }))
        await vi.advanceTimersByTimeAsync(1)
      }
      await turn()
      expect(got.length).toBeLessThanOrEqual(10)
      expect(got.length).toBeGreaterThanOrEqual(9)
      expect(got.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(900)
    } finally {
      vi.useRealTimers()
    }
  })

  it('serializes a row once, for any number of readers', async () => {
    const feed = createFeed()
    const readers = Array.from({ length: 5 }, () => feed.subscribe(() => true, new AbortController().signal))
    const waiting = readers.map((reader) => reader.next())
    let serialized = 0
    const row = rowOf({ id: 1 })
    feed.publish(Object.defineProperty(row, 'toJSON', { value: () => ((serialized += 1), { ...row }) }))
    const got = await Promise.all(waiting)
    expect(got.map(({ value }) => idsOf(rowsOf(value as LogEvent)))).toEqual(Array.from({ length: 5 }, () => [1]))
    expect(serialized).toBe(1)
  })
})

describe('a reader that stops reading', () => {
  const NEVER = new AbortController().signal

  it('gets the number of missed rows instead of them, and then rows again', async () => {
    const feed = createFeed()
    const slow = feed.subscribe(() => true, NEVER)
    const quick = feed.subscribe(() => true, NEVER)
    let quickRows = 0
    let id = 0
    while (id < 2500) {
      for (let count = 0; count < 500; count += 1) {
        const row = rowOf({ id: (id += 1), status: null })
        feed.publish(row)
        row.status = 200
        feed.publish(row)
      }
      quickRows += rowsOf((await quick.next()).value as LogEvent).length
    }
    expect(quickRows).toBe(2500)
    expect((await slow.next()).value).toEqual({ rows: '[]', skipped: 2500 })
    feed.publish(rowOf({ id: 2501 }))
    const { value } = await slow.next()
    expect(value?.skipped).toBe(0)
    expect(idsOf(rowsOf(value as LogEvent))).toEqual([2501])
  })

  it('counts a missed row once, though it starts and ends in different events', async () => {
    const feed = createFeed()
    const slow = feed.subscribe(() => true, NEVER)
    const quick = feed.subscribe(() => true, NEVER)
    const rows = Array.from({ length: 2100 }, (_, index) => rowOf({ id: index + 1, status: null }))
    for (const row of rows) feed.publish(row)
    await quick.next()
    for (const row of rows) {
      row.status = 200
      feed.publish(row)
    }
    await quick.next()
    expect((await slow.next()).value).toEqual({ rows: '[]', skipped: 2100 })
  })

  it('gets a row that changed since in its current state, once', async () => {
    const feed = createFeed()
    const slow = feed.subscribe(() => true, NEVER)
    const quick = feed.subscribe(() => true, NEVER)
    const row = rowOf({ id: 1, status: null })
    feed.publish(row)
    expect(rowsOf((await quick.next()).value as LogEvent)).toMatchObject([{ id: 1, status: null }])
    row.status = 404
    feed.publish(row)
    expect(rowsOf((await quick.next()).value as LogEvent)).toMatchObject([{ id: 1, status: 404 }])
    expect(rowsOf((await slow.next()).value as LogEvent)).toMatchObject([{ id: 1, status: 404 }])
  })
})
