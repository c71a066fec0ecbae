import { describe, expect, it } from 'vitest'
import SqliteDatabase from 'better-sqlite3'
import {
  bucketOf,
  encodeHistogram,
  addEncoded,
  percentileOf,
} from '../../src/engine/store/requests/counts/duration-histogram.ts'
import { dataFolders, movableClock, seedProject } from '../store/support/data-folders.ts'
import { openLog } from './support/open-log.ts'
import { repeats } from '../support/repeats.ts'

const { folder, open } = dataFolders()
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describe('durations in buckets', () => {
  it('have an error of at most 10% at any size', async () => {
    for (let ms = 0.02; ms < 10_000_000; ms *= 1.037) {
      const read = percentileOf(new Map([[bucketOf(ms), 1]]), 0.95) ?? 0
      // Figures are rounded to hundredths of a millisecond.
      expect(Math.abs(read - ms)).toBeLessThanOrEqual(ms * 0.1 + 0.005)
    }
    expect(bucketOf(0)).toBe(0)
    expect(bucketOf(Number.NaN)).toBe(0)
    expect(percentileOf(new Map(), 0.95)).toBeNull()
  })

  it('add up when they are stored', async () => {
    const one = new Map([
      [3, 2],
      [200, 70_000],
    ])
    const sum = new Map([[3, 1]])
    addEncoded(sum, encodeHistogram(one))
    addEncoded(sum, encodeHistogram(one))
    expect(sum).toEqual(
      new Map([
        [3, 5],
        [200, 140_000],
      ]),
    )
    expect(addEncoded(sum, Buffer.from([1, 2]))).toBeUndefined()
  })
})

describe('summary', () => {
  function seeded() {
    const store = open(folder())
    seedProject(store)
    return { store, ...openLog(store) }
  }

  it.each(['soon', '', '2999-01-01T00:00:00Z'])('rejects since %j', async (since) => {
    const { log } = seeded()
    await expect(log.summary({ since, steps: 10 })).rejects.toMatchObject({ code: 'INVALID_REQUEST', field: 'since' })
  })

  it('has all its steps when there are no requests', async () => {
    const { log } = seeded()
    const found = await log.summary({ since: '1h', steps: 61 })
    expect(found).toMatchObject({ step_ms: MINUTE, requests: 0, errors: 0, p95_ms: null })
    expect(found.steps).toHaveLength(61)
  })

  it('counts requests, errors and p95 by the minute in which they began', async () => {
    const { log, add, clock } = seeded()
    for (let index = 1; index <= 100; index += 1) add({}, { ms: index, status: index % 10 === 0 ? 502 : 200 })
    clock.move(2 * MINUTE)
    add({}, { ms: 40, status: 404 })
    const found = await log.summary({ since: '5m', steps: 10 })
    expect(found).toMatchObject({ step_ms: MINUTE, requests: 101, errors: 11 })
    expect(found.steps.map((step) => step.requests)).toEqual([0, 0, 0, 100, 0, 1])
    expect(found.steps.map((step) => step.errors)).toEqual([0, 0, 0, 10, 0, 1])
    expect(Math.abs((found.steps[3]?.p95_ms ?? 0) - 95)).toBeLessThan(9.5)
    expect(found.steps[1]?.p95_ms).toBeNull()
    expect(found.to).toBe(new Date(clock.now() + 1).toISOString())
  })

  it('separates a project, a connection, and both from the rest', async () => {
    const { log, add, store } = seeded()
    store.write.createProject('other', 1)
    add()
    add({ connection: null })
    add({ project: 'other' })
    add({ project: 'invented', connection: 'invented' })
    const count = async (only: { project?: string; connection?: string }) =>
      (await log.summary({ ...only, since: '1h', steps: 60 })).requests
    expect([
      await count({}),
      await count({ project: 'sales' }),
      await count({ connection: 'crm' }),
      await count({ project: 'sales', connection: 'crm' }),
    ]).toEqual([4, 2, 2, 1])
    expect([
      await count({ project: 'other' }),
      await count({ project: 'invented' }),
      await count({ connection: 'invented' }),
    ]).toEqual([1, 0, 0])
  })

  it('does not grow with names that callers invent', async () => {
    const { log, add, store } = seeded()
    for (let index = 0; index < 50; index += 1) add({ project: `made-up-${index}`, connection: `made-up-${index}` })
    await log.summary({ since: '1h', steps: 1 })
    const raw = new SqliteDatabase(store.file, { readonly: true })
    const rows = raw.prepare<[], number>('SELECT count(*) FROM request_counts').pluck().get()
    raw.close()
    expect(rows).toBe(4)
  })

  it.each([
    ['1h', 61, MINUTE, 61],
    ['1h', 7, 15 * MINUTE, 5],
    ['24h', 61, 30 * MINUTE, 49],
    ['7d', 61, 3 * HOUR, 57],
    ['30d', 61, 12 * HOUR, 61],
    ['2d', 1, 2 * DAY + 1, 1],
    ['400d', 60, 7 * DAY, 59],
  ])('of %s in at most %d steps has steps of %d ms', async (since, steps, step, count) => {
    const { log } = seeded()
    const found = await log.summary({ since, steps, timeZone: 'UTC' })
    expect(found.step_ms).toBe(step)
    expect(found.steps).toHaveLength(count)
    const first = Date.parse(found.steps[0]?.at ?? '')
    expect(first).toBeLessThanOrEqual(Date.parse(found.from))
    expect(found.steps.map(({ at }) => Date.parse(at))).toEqual(
      Array.from({ length: count }, (_, index) => first + index * step),
    )
  })

  it('counts the same rows with any number of steps', async () => {
    const { log, add, clock } = seeded()
    for (let index = 0; index < 300; index += 1) {
      add({}, { ms: 20, status: index % 3 === 0 ? 500 : 200 })
      clock.move(3 * MINUTE)
    }
    for (const [since, steps] of [
      ['20h', 500],
      ['20h', 60],
      ['3d', 60],
      ['20d', 60],
      ['29d', 10],
      ['200d', 500],
      ['3650d', 500],
    ] as const) {
      expect(await log.summary({ since, steps })).toMatchObject({ requests: 300, errors: 100 })
    }
  })

  it('counts exactly the rows between its times, in every zone and step, also for the busiest connections', async () => {
    const { log, add, clock, store } = seeded()
    for (const name of ['weather', 'ledger'])
      store.write.createConnection({
        name,
        kind: 'sqlite',
        config: { path: `${name}.sqlite` },
        secret_location: null,
        secret_account: `account-of-${name}`,
        created_at: 1,
      })
    const rows: { time: number; connection: string }[] = []
    let seed = 7
    const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below
    for (let index = 0; index < 3000; index += 1) {
      const connection = ['crm', 'weather', 'ledger'][random(3)] ?? 'crm'
      rows.push({ time: clock.now(), connection })
      add({ connection }, { ms: 1 })
      clock.move(random(30 * MINUTE))
    }
    const zones = ['UTC', 'Asia/Kolkata', 'Asia/Kathmandu', 'America/St_Johns', 'Europe/Berlin', 'Pacific/Auckland']
    for (let index = 0; index < repeats(40, 120); index += 1) {
      const age = 1 + random(30 * DAY)
      const since = new Date(clock.now() - age).toISOString()
      const until = index % 2 === 0 ? undefined : new Date(clock.now() - random(age)).toISOString()
      const span = until === undefined ? { since } : { since, until }
      const found = await log.summary({ ...span, steps: 1 + random(100), timeZone: zones[index % zones.length] })
      const [from, to] = [Date.parse(found.from), until === undefined ? Infinity : Date.parse(found.to)]
      const within = rows.filter(({ time }) => time >= from && time < to)
      expect(found.requests).toBe(within.length)
      expect(Date.parse(since) - from).toBeLessThan(15 * MINUTE)
      found.steps.forEach((step, at) => {
        const [start, end] = [Date.parse(step.at), Date.parse(found.steps[at + 1]?.at ?? '') || Infinity]
        expect(step.requests).toBe(within.filter(({ time }) => time >= start && time < end).length)
      })
      const expected = Map.groupBy(within, ({ connection }) => connection)
      const top = await log.top({ ...span, by: 'connection', limit: 10 })
      expect(Object.fromEntries(top.rows.map(({ name, requests }) => [name, requests]))).toEqual(
        Object.fromEntries([...expected].map(([name, all]) => [name, all.length])),
      )
    }
  })

  it('begins days at midnight in the zone, also when clocks change', async () => {
    const { log, clock } = seeded()
    clock.move(Date.parse('2026-03-31T10:00:00Z') - clock.now())
    const found = await log.summary({ since: '2026-03-27T23:00:00Z', steps: 7, timeZone: 'Europe/Berlin' })
    expect(found.step_ms).toBe(DAY)
    expect(found.steps.map(({ at }) => at)).toEqual([
      '2026-03-27T23:00:00.000Z',
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
      '2026-03-30T22:00:00.000Z',
    ])
    await expect(log.summary({ since: '1h', steps: 7, timeZone: 'Mars/Olympus' })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      field: 'time_zone',
    })
    await expect(log.summary({ since: '1h', until: '2h', steps: 7 })).rejects.toMatchObject({ field: 'until' })
  })

  it('counts a request once if it is written open and ended later, or could not be written at first', async () => {
    const { log, store } = seeded()
    const long = log.open({ request_id: 'r', transport: 'proxy', method: 'get_records' })
    log.flush()
    expect((await log.summary({ since: '1h', steps: 1 })).requests).toBe(0)
    const write = store.requests.write
    store.requests.write = () => {
      throw new Error('no space')
    }
    long.close({ status: 200 })
    log.flush()
    store.requests.write = write
    expect((await log.summary({ since: '1h', steps: 1 })).requests).toBe(1)
    log.flush()
    expect(await log.summary({ since: '1h', steps: 1 })).toMatchObject({ requests: 1, errors: 0 })
  })

  it('counts requests interrupted by a crash as never ended', async () => {
    const { log, store } = seeded()
    log.open({ request_id: 'r', transport: 'proxy', method: 'get_records' })
    log.flush()
    const { log: next } = openLog(store)
    expect((await next.list({}))[0]?.code).toBe('INTERRUPTED')
    expect(await next.summary({ since: '1h', steps: 1 })).toMatchObject({
      requests: 1,
      failed: 1,
      errors: 1,
      p95_ms: null,
    })
  })

  it('counts ended requests within a few seconds, without a reader', async () => {
    const { log, add, store } = seeded()
    add()
    // Writes the row, and counts nothing.
    expect((await log.bounds())?.rows).toBe(1)
    const counted = async () =>
      (await store.requests.requestCounts({ step: DAY, from: 0, to: Date.UTC(2026, 1, 1) })).length
    expect(await counted()).toBe(0)
    await expect.poll(counted, { timeout: 10_000 }).toBe(1)
  })

  it("waits while the store can't be written, without rejecting requests", async () => {
    const { log, add, store } = seeded()
    const count = store.requests.count
    store.requests.count = () => {
      throw new Error('no space')
    }
    for (let index = 0; index < 1200; index += 1) add()
    expect((await log.summary({ since: '1h', steps: 1 })).requests).toBe(0)
    expect((await log.bounds())?.rows).toBe(1200)
    store.requests.count = count
    expect((await log.summary({ since: '1h', steps: 1 })).requests).toBe(1200)
  })

  it('is deleted after the retention time, and its fine steps earlier', async () => {
    const clock = movableClock()
    const store = open(folder(), { clock })
    const { add, log } = openLog(store, { clock })
    add()
    log.close()
    const steps = () => {
      const raw = new SqliteDatabase(store.file, { readonly: true })
      const found = raw.prepare<[], number>('SELECT step FROM request_counts ORDER BY step').pluck().all()
      raw.close()
      return found
    }
    expect(steps()).toEqual([MINUTE, 15 * MINUTE, HOUR, DAY])
    clock.move(3 * DAY)
    await store.requests.pruneCounts(clock.now(), clock.now() - 60 * DAY)
    expect(steps()).toEqual([15 * MINUTE, HOUR, DAY])
    clock.move(33 * DAY)
    await store.requests.pruneCounts(clock.now(), clock.now() - 60 * DAY)
    expect(steps()).toEqual([HOUR, DAY])
    clock.move(30 * DAY)
    await store.requests.pruneCounts(clock.now(), clock.now() - 60 * DAY)
    expect(steps()).toEqual([])
  })
})
