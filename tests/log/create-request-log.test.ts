import SqliteDatabase from 'better-sqlite3'
import { afterEach, describe, expect, it } from 'vitest'
import { HallpassError } from '../../src/contract/errors.ts'
import type { RequestFilter } from '../../src/contract/owner-api/requests-api.ts'
import type { RequestRecord } from '../../src/contract/records.ts'
import { createRequestLog } from '../../src/engine/log/create-request-log.ts'
import type { RequestHistory, RequestLog } from '../../src/engine/log/request-log.ts'
import type { Store } from '../../src/engine/store/store.ts'
import { dataFolders, movableClock } from '../store/support/data-folders.ts'
import { opening } from './support/open-log.ts'

const { folder, open } = dataFolders()
const logs: RequestLog[] = []
afterEach(() => {
  for (const log of logs.splice(0)) log.close()
})

function startLog(
  store: Store,
  options: { strict?: boolean; rows?: number; clock?: ReturnType<typeof movableClock> } = {},
): RequestLog & RequestHistory {
  const log = createRequestLog({
    store,
    clock: options.clock ?? movableClock(),
    strict: () => options.strict ?? false,
    retention: { days: 30, rows: options.rows ?? 1_000_000 },
  })
  logs.push(log)
  return log
}

/** Rows that another program would find in the file. */
function onDisk(store: Store): number {
  const raw = new SqliteDatabase(store.file, { readonly: true })
  const count = raw.prepare<[], number>('SELECT count(*) FROM requests').pluck().get()
  raw.close()
  return count as number
}

describe('while rows cannot be written', () => {
  it.each([true, false])('requests are rejected until the log recovers automatically (strict: %s)', async (strict) => {
    const store = open(folder())
    const log = startLog(store, { strict })
    const running = log.open(opening)
    log.flush()
    const blocker = new SqliteDatabase(store.file)
    blocker.exec('BEGIN IMMEDIATE')
    running.close({ status: 200 })
    log.flush()
    expect(() => log.open(opening)).toThrow(expect.objectContaining({ code: 'LOG_UNAVAILABLE' }))
    expect(() => log.rejected(opening, { status: 503, code: 'LOG_UNAVAILABLE' })).not.toThrow()
    expect((await log.list({})).map((row) => row.status)).toEqual([503, 200])
    blocker.exec('ROLLBACK')
    blocker.close()
    await expect.poll(() => onDisk(store), { timeout: 10_000 }).toBe(2)
    log.open(opening).close({ status: 200 })
    expect((await log.list({})).map((row) => row.status)).toEqual([200, 503, 200])
  })

  it('a full disk rejects requests until there is space again', async () => {
    const store = open(folder(), { pageLimit: 60 })
    const clock = movableClock()
    const log = startLog(store, { strict: true, clock })
    let refused: unknown = null
    for (let index = 0; index < 5000 && refused === null; index += 1) {
      try {
        log.open({ ...opening, resource: 'x'.repeat(400) }).close({ status: 200 })
      } catch (thrown) {
        refused = thrown
      }
    }
    expect(refused).toBeInstanceOf(HallpassError)
    expect((refused as HallpassError).code).toBe('LOG_UNAVAILABLE')
    expect((refused as HallpassError).message).not.toContain('/')
    expect(() => log.open(opening)).toThrow()
    while ((await store.requests.prune(clock.now() + 1, 0)) > 0) clock.move(1)
    log.flush()
    log.open(opening).close({ status: 200 })
    expect((await log.list({ limit: 1 }))[0]?.status).toBe(200)
  })

  it('no request is accepted after close', () => {
    const log = startLog(open(folder()))
    log.close()
    expect(() => log.open(opening)).toThrow(expect.objectContaining({ code: 'LOG_UNAVAILABLE' }))
  })
})

describe('a row', () => {
  it('is on disk when open returns in strict mode', () => {
    const store = open(folder())
    startLog(store, { strict: true }).open(opening)
    expect(onDisk(store)).toBe(1)
  })

  it('is written automatically otherwise, and immediately when 500 wait', async () => {
    const store = open(folder())
    const log = startLog(store)
    log.open(opening)
    await expect.poll(() => onDisk(store), { timeout: 5000 }).toBe(1)
    for (let index = 0; index < 500; index += 1) log.rejected(opening, { status: 401 })
    expect(onDisk(store)).toBe(501)
  })

  it('is listed before it is written, and closed once', async () => {
    const clock = movableClock()
    const log = startLog(open(folder()), { clock })
    const row = log.open(opening)
    expect((await log.list({}))[0]).toMatchObject({ id: 1, status: null, resource: 'Orders' })
    clock.move(40)
    row.close({ status: 200, bytes_in: 5, bytes_out: 7, records: 2 })
    row.close({ status: 500 })
    expect((await log.list({}))[0]).toMatchObject({
      id: 1,
      status: 200,
      duration_ms: 40,
      bytes_in: 5,
      bytes_out: 7,
      records: 2,
      code: null,
    })
  })

  it('contains no token or control character from a caller', async () => {
    const log = startLog(open(folder()))
    log.rejected(
      { ...opening, resource: `/a/hp_pat_${'A'.repeat(49)}/sess_${'b'.repeat(43)}`, client: 'a\r\nb\u001b[2J' },
      { status: 403 },
    )
    const row = (await log.list({}))[0] as RequestRecord
    expect(row.resource).toBe('/a/[token]/[token]')
    expect(row.client).toBe('a��b�[2J')
  })

  it('left open by a crash is closed as interrupted, and IDs continue', async () => {
    const home = folder()
    const first = open(home)
    const log = startLog(first)
    log.open(opening)
    log.close()
    first.close()
    const again = startLog(open(home))
    expect((await again.list({}))[0]).toMatchObject({ id: 1, status: 0, code: 'INTERRUPTED' })
    expect(again.open(opening).record.id).toBe(2)
  })
})

describe('filters', () => {
  it('reject unknown fields', async () => {
    const log = startLog(open(folder()))
    for (const filter of [{ status: 'nope' }, { status: '4x' }, { since: 'yesterday' }, { since: '1y' }]) {
      await expect(log.list(filter)).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
    }
  })

  it('find rows by each of their fields, newest first', async () => {
    const clock = movableClock()
    const log = startLog(open(folder()), { clock })
    log.rejected({ ...opening, resource: '100%_done', token_hash: 'ab'.repeat(32) }, { status: 200 })
    clock.move(7_200_000)
    log.rejected({ ...opening, token: 'sess-1', parent: 'agent', project: 'ops' }, { status: 404, code: 'NOT_FOUND' })
    log.rejected(
      { ...opening, request_id: 'r-9', token: 'other', connection: 'erp', method: 'sql_query' },
      { status: 502, code: 'GRIST_ERROR' },
    )
    const ids = async (filter: RequestFilter): Promise<number[]> => (await log.list(filter)).map((row) => row.id)
    expect(await ids({})).toEqual([3, 2, 1])
    expect(await ids({ limit: 2 })).toEqual([3, 2])
    expect(await ids({ before_id: 3 })).toEqual([2, 1])
    expect(await ids({ project: 'ops' })).toEqual([2])
    expect(await ids({ token: 'agent' })).toEqual([2, 1])
    expect(await ids({ connection: 'erp' })).toEqual([3])
    expect(await ids({ method: 'sql_query' })).toEqual([3])
    expect(await ids({ status: '404' })).toEqual([2])
    expect(await ids({ status: '5xx' })).toEqual([3])
    expect(await ids({ status: 'ok' })).toEqual([1])
    expect(await ids({ status: 'failed' })).toEqual([3, 2])
    expect(await ids({ since: '1h' })).toEqual([3, 2])
    expect(await ids({ since: '2026-01-15T13:00:00Z' })).toEqual([3, 2])
    expect(await ids({ text: '0%_D' })).toEqual([1])
    expect(await ids({ text: '%' })).toEqual([1])
    expect(await ids({ text: "' OR 1=1 --" })).toEqual([])
    expect(await ids({ hash: 'ab'.repeat(32) })).toEqual([1])
    expect(await ids({ request_id: 'r-9' })).toEqual([3])
    expect(await ids({ until: '1h' })).toEqual([1])
    expect(await ids({ until: '2026-01-15T13:00:00Z', status: 'failed' })).toEqual([])
    expect(await ids({ project: 'sales', status: '502', method: 'sql_query' })).toEqual([3])
  })
})

describe('retention', () => {
  it('deletes rows that are too old or too many, and never reuses an ID', async () => {
    const home = folder()
    const clock = movableClock()
    const store = open(home)
    const log = startLog(store, { clock })
    for (let index = 0; index < 2490; index += 1) log.rejected(opening, { status: 200 })
    log.flush()
    for (let index = 0; index < 10; index += 1) log.rejected(opening, { status: 200 })
    log.close()
    const fewer = startLog(store, { clock, rows: 10 })
    await expect.poll(() => onDisk(store), { timeout: 10_000 }).toBe(10)
    expect((await fewer.list({})).map((row) => row.id)).toEqual([
      2500, 2499, 2498, 2497, 2496, 2495, 2494, 2493, 2492, 2491,
    ])
    fewer.close()
    clock.move(31 * 86_400_000)
    const later = startLog(store, { clock })
    await expect.poll(() => later.list({}), { timeout: 10_000 }).toEqual([])
    expect(later.open(opening).record.id).toBe(2501)
  })
})
