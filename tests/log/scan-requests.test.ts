import { describe, expect, it } from 'vitest'
import type { RequestFilter } from '../../src/contract/owner-api/requests-api.ts'
import type { RequestRecord } from '../../src/contract/records.ts'
import type { RequestHistory } from '../../src/engine/log/request-log.ts'
import { fillLog } from '../support/fill-log.ts'
import { dataFolders, movableClock } from '../store/support/data-folders.ts'
import { openLog } from './support/open-log.ts'
import { repeats } from '../support/repeats.ts'

const { folder, open } = dataFolders()
/** Rows of a long log. */
const ROWS = repeats(60_000, 200_000)

async function scanAll(log: RequestHistory, filter: RequestFilter): Promise<{ rows: RequestRecord[]; calls: number }> {
  const rows: RequestRecord[] = []
  let calls = 0
  let before: number | null | undefined
  while (before !== null) {
    const page = await log.scan({ ...filter, ...(before === undefined ? {} : { before_id: before }) })
    rows.push(...page.rows)
    calls += 1
    if (page.next_before_id !== null) expect(page.next_before_id).toBeLessThan(before ?? Infinity)
    before = page.next_before_id
  }
  return { rows, calls }
}

describe('scan', () => {
  it.each<[RequestFilter, string]>([
    [{ since: 'yesterday' }, 'since'],
    [{ status: 'bad' }, 'status'],
  ])('rejects the filter %j by its field', async (filter, field) => {
    const { log } = openLog(open(folder()))
    await expect(log.scan(filter)).rejects.toMatchObject({ code: 'INVALID_REQUEST', field })
  })

  it('ends immediately for an empty log', async () => {
    const { log } = openLog(open(folder()))
    expect(await log.scan({})).toEqual({ rows: [], next_before_id: null })
    expect(await log.bounds()).toBeNull()
    expect(await log.get(1)).toBeNull()
  })

  it('ends immediately if a filter has no match, and skips blocks that its rarest part excludes', async () => {
    const home = folder()
    fillLog(home, 4000, { now: Date.UTC(2026, 0, 15, 12), days: 4 })
    const { requests } = open(home)
    const oneWindow = { limit: 100, budgetMs: 0, from: 0 }
    expect((await requests.scan({ text: 'nowhere at all' }, oneWindow)).next_before_id).not.toBeNull()
    for (const query of [
      { project: 'demo', status: '599' },
      { project: 'demo', token: 'nobody' },
      { method: 'no_such_method', text: 'orders' },
      { project: 'demo', request_id: 'unknown' },
    ])
      expect(await requests.scan(query, oneWindow)).toEqual({ rows: [], next_before_id: null })
    const oldest = await requests.request(1)
    const found = await requests.scan(
      { project: oldest?.project ?? '', request_id: oldest?.request_id ?? '' },
      oneWindow,
    )
    expect(found.rows).toEqual([oldest])
  })

  it('finds what the list finds, page by page, for every kind of filter', async () => {
    const home = folder()
    fillLog(home, 4000, { now: Date.UTC(2026, 0, 15, 12), days: 4 })
    const { log } = openLog(open(home))
    const filters: RequestFilter[] = [
      {},
      { token: 'claude' },
      { connection: 'crm' },
      { project: 'demo', status: '4xx' },
      { status: 'failed', text: 'orders' },
      { method: 'sql_query' },
      { since: '1d' },
      { since: '1d', status: 'ok' },
      { since: '2026-01-14T00:00:00Z', text: 'cursor' },
      { text: 'nowhere at all' },
      { before_id: 1200 },
    ]
    for (const filter of filters) {
      const whole = await log.list({ ...filter, limit: 10_000 })
      expect((await scanAll(log, { ...filter, limit: 77 })).rows, JSON.stringify(filter)).toEqual(whole)
    }
  })

  it('continues across missing row numbers', async () => {
    const store = open(folder())
    const { log, add } = openLog(store)
    add({ resource: 'old' })
    const { record } = log.open({ request_id: 'r', transport: 'proxy', method: 'm', resource: 'far on' })
    log.flush()
    store.requests.write({ opened: [{ ...record, id: 9000 }], closed: [] })
    expect((await scanAll(log, { since: '1h' })).rows.map((row) => row.id)).toEqual([9000, 2, 1])
  })

  it('finds rows that are not written yet, also while the disk can’t be written', async () => {
    const store = open(folder())
    const { log, add } = openLog(store)
    add({ resource: 'first' })
    expect((await log.scan({})).rows.map((row) => row.resource)).toEqual(['first'])
    log.open({ request_id: 'r-2', transport: 'proxy', method: 'get_records', resource: 'running' })
    const write = store.requests.write
    store.requests.write = () => {
      throw new Error('no space')
    }
    expect((await log.scan({})).rows.map(({ resource, status }) => [resource, status])).toEqual([
      ['running', null],
      ['first', 200],
    ])
    expect(await log.get(2)).toMatchObject({ resource: 'running', status: null })
    store.requests.write = write
    expect((await log.scan({})).rows).toHaveLength(2)
    expect(await log.bounds()).toEqual({ first_id: 1, last_id: 2, rows: 2 })
  })

  it('counts rows as they are added and deleted', async () => {
    const clock = movableClock()
    const store = open(folder())
    const { log, add } = openLog(store, { clock })
    for (let index = 0; index < 5; index += 1) {
      add()
      log.flush()
    }
    expect(await log.bounds()).toEqual({ first_id: 1, last_id: 5, rows: 5 })
    await store.requests.prune(0, 2)
    expect(await log.bounds()).toEqual({ first_id: 4, last_id: 5, rows: 2 })
    expect(await log.get(4)).toEqual((await log.list({}))[1])
    expect(await log.get(3)).toBeNull()
  })

  it(`finds rare matches among ${ROWS} rows, and a page near any row`, async () => {
    const home = folder()
    fillLog(home, ROWS, { now: Date.UTC(2026, 0, 15, 12), needleEvery: ROWS / 2 })
    const { log } = openLog(open(home))
    const { rows } = await scanAll(log, { text: 'NEEDLE' })
    expect(rows.map((row) => row.id)).toEqual([ROWS, ROWS / 2])
    expect((await log.list({ before_id: 23_456, limit: 3 })).map((row) => row.id)).toEqual([23_455, 23_454, 23_453])
    expect(await log.scan({ before_id: 23_456, limit: 3 })).toMatchObject({ next_before_id: 23_453 })
    expect(await log.scan({ before_id: 3, limit: 3 })).toMatchObject({ next_before_id: null })
  }, 60_000)
})
