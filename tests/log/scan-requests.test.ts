import { describe, expect, it } from 'vitest'
import type { RequestFilter } from '../../src/contract/owner-api/requests-api.ts'
import type { RequestRecord } from '../../src/contract/records.ts'
import type { RequestHistory } from '../../src/engine/log/request-log.ts'
import { fillLog } from '../support/fill-log.ts'
import { refusal } from '../access/support/access-room.ts'
import { dataFolders, movableClock } from '../store/support/data-folders.ts'
import { openLog } from './support/open-log.ts'

const { folder, open } = dataFolders()

function scanAll(log: RequestHistory, filter: RequestFilter): { rows: RequestRecord[]; calls: number } {
  const rows: RequestRecord[] = []
  let calls = 0
  let before: number | null | undefined
  while (before !== null) {
    const page = log.scan({ ...filter, ...(before === undefined ? {} : { before_id: before }) })
    rows.push(...page.rows)
    calls += 1
    if (page.next_before_id !== null) expect(page.next_before_id).toBeLessThan(before ?? Infinity)
    before = page.next_before_id
  }
  return { rows, calls }
}

describe('scan', () => {
  it.each<[RequestFilter, RegExp]>([
    [{ since: 'yesterday' }, /^since/],
    [{ status: 'bad' }, /^status/],
  ])('refuses the filter %j by its field', (filter, sentence) => {
    const { log } = openLog(open(folder()))
    expect(refusal(() => log.scan(filter)).message).toMatch(sentence)
  })

  it('of an empty log is at its end at once', () => {
    const { log } = openLog(open(folder()))
    expect(log.scan({})).toEqual({ rows: [], next_before_id: null })
    expect(log.bounds()).toBeNull()
    expect(log.get(1)).toBeNull()
  })

  it('finds what the list finds, page by page, for every kind of filter', () => {
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
      const whole = log.list({ ...filter, limit: 10_000 })
      expect(scanAll(log, { ...filter, limit: 77 }).rows).toEqual(whole)
    }
  })

  it('is not led astray by row numbers that are missing', () => {
    const store = open(folder())
    const { log, add } = openLog(store)
    add({ resource: 'old' })
    const { record } = log.open({ request_id: 'r', transport: 'proxy', method: 'm', resource: 'far on' })
    log.flush()
    store.write.writeRequests({ opened: [{ ...record, id: 9000 }], closed: [] })
    expect(scanAll(log, { since: '1h' }).rows.map((row) => row.id)).toEqual([9000, 2, 1])
  })

  it('sees rows that are not written yet, and those that the disk does not take', () => {
    const store = open(folder())
    const { log, add } = openLog(store)
    add({ resource: 'first' })
    expect(log.scan({}).rows.map((row) => row.resource)).toEqual(['first'])
    log.open({ request_id: 'r-2', transport: 'proxy', method: 'get_records', resource: 'running' })
    const write = store.write.writeRequests
    store.write.writeRequests = () => {
      throw new Error('no space')
    }
    expect(log.scan({}).rows.map(({ resource, status }) => [resource, status])).toEqual([
      ['running', null],
      ['first', 200],
    ])
    expect(log.get(2)).toMatchObject({ resource: 'running', status: null })
    store.write.writeRequests = write
    expect(log.scan({}).rows).toHaveLength(2)
    expect(log.bounds()).toEqual({ first_id: 1, last_id: 2, rows: 2 })
  })

  it('counts rows as they come and go', async () => {
    const clock = movableClock()
    const store = open(folder())
    const { log, add } = openLog(store, { clock })
    for (let index = 0; index < 5; index += 1) add()
    expect(log.bounds()).toEqual({ first_id: 1, last_id: 5, rows: 5 })
    store.write.pruneRequests(0, 2)
    expect(log.bounds()).toEqual({ first_id: 4, last_id: 5, rows: 2 })
    expect(log.get(4)).toEqual(log.list({})[1])
    expect(log.get(3)).toBeNull()
  })

  it('of 200,000 rows takes many short calls for rare matches, and one for a page near any row', () => {
    const home = folder()
    fillLog(home, 200_000, { now: Date.UTC(2026, 0, 15, 12) })
    const { log } = openLog(open(home))
    const started = performance.now()
    const { rows, calls } = scanAll(log, { text: 'NEEDLE' })
    expect(rows.map((row) => row.id)).toEqual([200_000, 100_000])
    expect(calls).toBeGreaterThan(3)
    // Some 10 ms each where nothing else runs.
    expect((performance.now() - started) / calls).toBeLessThan(200)
    expect(log.list({ before_id: 123_456, limit: 3 }).map((row) => row.id)).toEqual([123_455, 123_454, 123_453])
    expect(log.scan({ before_id: 123_456, limit: 3 })).toMatchObject({ next_before_id: 123_453 })
    expect(log.scan({ before_id: 3, limit: 3 })).toMatchObject({ next_before_id: null })
  }, 60_000)
})
