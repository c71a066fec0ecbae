import { afterEach, describe, expect, test } from 'vitest'
import { rowsOf, type LogEvent } from '../../src/contract/owner-api/log-events.ts'
import type { RequestFilter } from '../../src/contract/owner-api/requests-api.ts'
import { ORPCError } from '@orpc/client'
import { createLogSource, type LogSource } from '../../src/renderer/features/log/source/log-source.ts'
import { drainEventLoop } from '../support/until.ts'
import { createLogStandIn, type LogStandIn } from './support/log-stand-in.ts'

const started: LogSource[] = []
afterEach(() => {
  for (const source of started.splice(0)) source.stop()
})

function open(log: LogStandIn, filter: RequestFilter = {}): LogSource {
  const source = createLogSource({
    reads: log,
    filter,
    // No timers: what the view does by itself is done once the event loop is empty.
    schedule: (paint) => setImmediate(paint),
    pause: () => drainEventLoop(5),
  })
  started.push(source)
  source.start()
  return source
}

/** The stream of a reader that is too slow: numbers instead of rows. */
async function missing(log: LogStandIn, filter: RequestFilter, signal: AbortSignal): Promise<AsyncIterable<LogEvent>> {
  const stream = await log.follow(filter, signal)
  return (async function* () {
    for await (const event of stream) yield { rows: '[]', skipped: rowsOf(event).length }
  })()
}

/** The numbers of the rows in sight, newest first; a question mark for one that is not read yet. */
function shown(source: LogSource, first = 0, last = source.state().count): (number | '?')[] {
  return Array.from({ length: last - first }, (_, index) => source.row(source.idAt(first + index))?.id ?? '?')
}

async function ready(source: LogSource): Promise<void> {
  await expect.poll(() => source.state().phase).toBe('ready')
}

describe('a view of the unfiltered log', () => {
  test('does not repeat a filter that the engine rejects, and keeps its sentence', async () => {
    const log = createLogStandIn(3)
    let asked = 0
    const refusing: LogStandIn = {
      ...log,
      follow: () => {
        asked += 1
        return Promise.reject(
          new ORPCError('BAD_REQUEST', { message: 'status must be a status.', data: { code: 'INVALID_REQUEST' } }),
        )
      },
    }
    const source = open(refusing, { status: 'nonsense' })
    await expect.poll(() => source.state()).toMatchObject({ phase: 'refused', problem: 'status must be a status.' })
    await drainEventLoop()
    expect(asked).toBe(1)
  })

  test('knows the number of rows without reading them', async () => {
    const log = createLogStandIn(5000)
    const source = open(log)
    await ready(source)
    expect(source.state()).toMatchObject({ count: 5000, waiting: 0, live: true, look: null })
    expect(log.read).toBe(0)
    expect([source.idAt(0), source.idAt(4999), source.indexOf(1)]).toEqual([5000, 1, 4999])
  })

  test('reads the visible rows, and few around them', async () => {
    const log = createLogStandIn(5000)
    const source = open(log)
    await ready(source)
    source.show(2500, 2503)
    await expect.poll(() => shown(source, 2500, 2503)).toEqual([2500, 2499, 2498])
    source.show(4997, 5000)
    await expect.poll(() => shown(source, 4997, 5000)).toEqual([3, 2, 1])
    expect(log.read).toBeLessThan(600)
  })

  test('reads only the last of many positions that were scrolled past', async () => {
    const log = createLogStandIn(20_000)
    const source = open(log)
    await ready(source)
    for (let first = 0; first < 19_000; first += 500) source.show(first, first + 20)
    await expect.poll(() => shown(source, 18_500, 18_520).includes('?')).toBe(false)
    await drainEventLoop()
    expect(log.read).toBeLessThanOrEqual(400)
  })

  test('reports a row that retention deleted, and does not request it again', async () => {
    const log = createLogStandIn(1000)
    const source = open(log)
    await ready(source)
    log.prune(501)
    source.show(490, 510)
    await expect.poll(() => source.row(500)).toBe(null)
    expect(source.row(501)?.id).toBe(501)
    const { read } = log
    source.show(490, 510)
    await drainEventLoop()
    expect(log.read).toBe(read)
  })

  test('shows a row when it opens and again when it ends', async () => {
    const log = createLogStandIn(2)
    const source = open(log)
    await ready(source)
    const id = log.add({ status: null })
    await expect.poll(() => source.state().count).toBe(3)
    expect(source.row(id)?.status).toBe(null)
    log.end(id, 403)
    await expect.poll(() => source.row(id)?.status).toBe(403)
    expect(source.state().count).toBe(3)
  })

  test('while paused, counts new rows and holds them back; resuming shows all of them', async () => {
    const log = createLogStandIn(10)
    const source = open(log)
    await ready(source)
    source.hold(true)
    for (let count = 0; count < 25; count += 1) log.add()
    await expect.poll(() => source.state()).toMatchObject({ count: 10, waiting: 25 })
    expect(source.idAt(0)).toBe(10)
    source.hold(false)
    await expect.poll(() => source.state()).toMatchObject({ count: 35, waiting: 0 })
    expect(shown(source, 0, 25)).toEqual(Array.from({ length: 25 }, (_, index) => 35 - index))
  })

  test('after a lost connection to the engine, reads missed rows and rows that were running', async () => {
    const log = createLogStandIn(10)
    const source = open(log)
    await ready(source)
    const running = log.add({ status: null })
    await expect.poll(() => source.row(running)?.status).toBe(null)
    log.lose()
    await expect.poll(() => source.state().live).toBe(false)
    log.end(running, 200)
    for (let count = 0; count < 40; count += 1) log.add()
    log.recover()
    await expect.poll(() => source.state()).toMatchObject({ live: true, count: 51 })
    source.show(0, 51)
    await expect.poll(() => shown(source)).toEqual(Array.from({ length: 51 }, (_, index) => 51 - index))
    expect(source.row(running)?.status).toBe(200)
  })

  test('reads an open row again after a lost connection, even if it is out of sight', async () => {
    const log = createLogStandIn(1000)
    const source = open(log)
    await ready(source)
    const running = log.add({ status: null })
    await expect.poll(() => source.row(running)?.status).toBe(null)
    source.pin(running)
    source.show(500, 520)
    log.lose()
    await expect.poll(() => source.state().live).toBe(false)
    log.end(running, 504)
    log.recover()
    await expect.poll(() => source.row(running)?.status).toBe(504)
  })

  test('reads rows that a slow reader missed from the log', async () => {
    const log = createLogStandIn(5)
    const source = open({ ...log, follow: (filter, signal) => missing(log, filter, signal) })
    await ready(source)
    for (let count = 0; count < 100; count += 1) log.add()
    await expect.poll(() => source.state()).toMatchObject({ live: true, count: 105 })
    source.show(0, 105)
    await expect.poll(() => shown(source)).toEqual(Array.from({ length: 105 }, (_, index) => 105 - index))
  })

  test('keeps no more rows in memory than its limit, but always those in sight', async () => {
    const log = createLogStandIn(100)
    const source = open(log)
    await ready(source)
    source.show(0, 20)
    await expect.poll(() => shown(source, 0, 20).includes('?')).toBe(false)
    source.hold(true)
    for (let batch = 0; batch < 30; batch += 1) {
      for (let count = 0; count < 1000; count += 1) log.add()
      await expect.poll(() => source.state().waiting).toBe((batch + 1) * 1000)
    }
    expect(shown(source, 0, 20).includes('?')).toBe(false)
    expect(
      Array.from({ length: 30_100 }, (_, index) => source.row(index + 1)).filter((row) => row !== undefined).length,
    ).toBeLessThanOrEqual(20_000)
  })
})

describe('a filtered view', () => {
  test('scans backward in steps until a screen is filled, then stops', async () => {
    const log = createLogStandIn()
    for (let count = 0; count < 10_000; count += 1) log.add({ method: count % 10 === 0 ? 'sql_query' : 'get_records' })
    const source = open(log, { method: 'sql_query' })
    await ready(source)
    await expect.poll(() => source.state().look?.doing).toBe('resting')
    expect(source.state().count).toBeGreaterThanOrEqual(50)
    expect(source.state().count).toBeLessThan(400)
    expect(shown(source, 0, 3)).toEqual([9991, 9981, 9971])
  })

  test('continues to the end of the log as its end comes into sight', async () => {
    const log = createLogStandIn()
    for (let count = 0; count < 5000; count += 1) log.add({ method: count % 10 === 0 ? 'sql_query' : 'get_records' })
    const source = open(log, { method: 'sql_query' })
    await ready(source)
    await expect
      .poll(() => {
        source.show(Math.max(0, source.state().count - 20), source.state().count)
        return source.state().look?.doing
      })
      .toBe('done')
    expect(source.state().count).toBe(500)
    expect(source.idAt(499)).toBe(1)
  })

  test('stops a search with few matches after bounded work, says how far it got, and continues on request', async () => {
    const log = createLogStandIn(50_000)
    const source = open(log, { method: 'sql_query' })
    await ready(source)
    await expect.poll(() => source.state().look?.doing).toBe('waiting')
    const { scans } = log
    expect(scans).toBeLessThan(100)
    expect(source.state().look).toMatchObject({ scannedBackTo: expect.stringMatching(/^2023-/) })
    expect(source.state().look?.scannedRows).toBeGreaterThan(10_000)
    source.resumeScan()
    await expect.poll(() => source.state().look?.doing).toBe('done')
    expect(log.scans).toBeGreaterThan(scans)
    expect(source.state().count).toBe(0)
  })

  test('stops a search on request', async () => {
    const halfway = Promise.withResolvers<void>()
    const log = createLogStandIn(50_000)
    const source = open(
      {
        ...log,
        scan: async (filter, signal) => {
          if (log.scans === 3) await halfway.promise
          signal.throwIfAborted()
          return log.scan(filter, signal)
        },
      },
      { method: 'sql_query' },
    )
    await expect.poll(() => source.state().look?.doing).toBe('looking')
    await ready(source)
    await expect.poll(() => log.scans).toBe(3)
    source.stopScan()
    halfway.resolve()
    await expect.poll(() => source.state().look?.doing).toBe('waiting')
    await drainEventLoop()
    expect(log.scans).toBe(3)
    expect(source.state().look?.problem).toBe(null)
  })

  test('adds only matching rows, and a failure once it ends', async () => {
    const log = createLogStandIn(20)
    const source = open(log, { status: 'failed' })
    await ready(source)
    const failing = log.add({ status: null })
    log.add({ status: 200 })
    const later = log.add({ status: 502 })
    await expect.poll(() => source.state().count).toBe(1)
    log.end(failing, 403)
    await expect.poll(() => source.state().count).toBe(2)
    expect(shown(source)).toEqual([later, failing])
  })

  test('holds back a late failure below the newest row while the view is paused', async () => {
    const log = createLogStandIn(20)
    const source = open(log, { status: 'failed' })
    await ready(source)
    const failing = log.add({ status: null })
    const later = log.add({ status: 502 })
    await expect.poll(() => source.state().count).toBe(1)
    source.hold(true)
    log.end(failing, 403)
    await expect.poll(() => source.state()).toMatchObject({ count: 1, waiting: 1 })
    expect(source.idAt(0)).toBe(later)
    source.hold(false)
    await expect.poll(() => shown(source)).toEqual([later, failing])
  })

  test('reads matches that a slow reader missed from the log', async () => {
    const log = createLogStandIn(20)
    const source = open({ ...log, follow: (filter, signal) => missing(log, filter, signal) }, { status: 'failed' })
    await ready(source)
    const first = log.add({ status: 500 })
    for (let count = 0; count < 100; count += 1) log.add({ status: 200 })
    const second = log.add({ status: 404 })
    await expect.poll(() => shown(source)).toEqual([second, first])
  })

  test('after a lost connection to the engine, finds missed matches, including late ends', async () => {
    const log = createLogStandIn(20)
    const source = open(log, { status: 'failed' })
    await ready(source)
    const failing = log.add({ status: null })
    const seen = log.add({ status: 500 })
    await expect.poll(() => source.state().count).toBe(1)
    log.lose()
    await expect.poll(() => source.state().live).toBe(false)
    log.end(failing, 404)
    const missed = log.add({ status: 429 })
    for (let count = 0; count < 1500; count += 1) log.add({ status: 200 })
    log.recover()
    await expect.poll(() => source.state().live).toBe(true)
    await expect.poll(() => shown(source)).toEqual([missed, seen, failing])
  })
})
