import { describe, expect, it } from 'vitest'
import type { RequestFilter } from '../../src/contract/owner-api/requests-api.ts'
import type { RequestRecord } from '../../src/contract/records.ts'
import type { RequestOpening } from '../../src/engine/log/request-log.ts'
import { BLOCK_ROWS } from '../../src/engine/store/requests/request-blocks.ts'
import { dataFolders } from '../store/support/data-folders.ts'
import { openLog, type OpenLog } from './support/open-log.ts'

const { folder, open } = dataFolders()
const ROWS = 5 * BLOCK_ROWS

/** Each value of a column occurs in other rows than those of the other columns, some once, some in every block. */
function openingOf(index: number): Partial<RequestOpening> {
  return {
    request_id: `r-${index}`,
    project: index % 7 === 0 ? 'sales' : 'demo',
    token: index % 300 === 299 ? `s-${index}` : 'agent',
    parent: index % 300 === 299 ? 'rare-parent' : null,
    token_hash: index === 700 ? 'once' : 'often',
    connection: index < BLOCK_ROWS ? 'early' : 'late',
    method: index % 2 === 0 ? 'get_records' : 'sql_query',
  }
}

function fill(log: OpenLog['log'], { runningAt }: { runningAt: number }): () => void {
  let finish = (): void => {}
  for (let index = 1; index <= ROWS; index += 1) {
    const row = log.open({ transport: 'proxy', method: 'm', ...openingOf(index) } as RequestOpening)
    const close = (): void => row.close({ status: index % 500 === 0 ? 404 : index === runningAt ? 503 : 200 })
    if (index === runningAt) finish = close
    else close()
    if (index % 100 === 0) log.flush()
  }
  log.flush()
  return finish
}

const FILTERS: [RequestFilter, (row: RequestRecord) => boolean][] = [
  [{ project: 'sales' }, ({ project }) => project === 'sales'],
  [{ token: 'rare-parent' }, ({ parent }) => parent === 'rare-parent'],
  [{ token: 's-599' }, ({ token }) => token === 's-599'],
  [{ hash: 'once' }, ({ token_hash: hash }) => hash === 'once'],
  [{ connection: 'early', method: 'sql_query' }, (row) => row.connection === 'early' && row.method === 'sql_query'],
  [{ status: '404' }, ({ status }) => status === 404],
  [{ status: 'failed' }, ({ status }) => status !== null && status >= 400],
  [{ status: 'ok', token: 'rare-parent' }, ({ status, parent }) => status === 200 && parent === 'rare-parent'],
  [{ request_id: 'r-400' }, (row) => row.request_id === 'r-400'],
  [{ connection: 'early', hash: 'once' }, () => false],
  [{ project: 'nobody' }, () => false],
]

async function all(log: OpenLog['log']): Promise<RequestRecord[]> {
  return log.list({ limit: 10_000 })
}

describe('a filter', () => {
  it('finds exactly its rows, in every block, also while rows are running and after they end', async () => {
    const { log } = openLog(open(folder()))
    const finish = fill(log, { runningAt: 3 })
    for (const isRunning of [true, false]) {
      if (!isRunning) finish()
      const rows = await all(log)
      expect(rows).toHaveLength(ROWS)
      for (const [filter, matches] of FILTERS)
        expect(await log.list({ ...filter, limit: 10_000 }), JSON.stringify(filter)).toEqual(rows.filter(matches))
    }
    expect(await log.list({ status: '503' })).toHaveLength(1)
  })

  it('finds its rows after old ones were deleted, and the index forgets their blocks', async () => {
    const store = open(folder())
    const { log } = openLog(store)
    fill(log, { runningAt: 0 })
    while ((await store.requests.prune(0, 2 * BLOCK_ROWS)) > 0);
    const rows = await all(log)
    expect(rows.length).toBeLessThan(3 * BLOCK_ROWS)
    for (const [filter, matches] of FILTERS)
      expect(await log.list({ ...filter, limit: 10_000 }), JSON.stringify(filter)).toEqual(rows.filter(matches))
    // The first window of a search without any candidate is already its end.
    expect(await store.requests.scan({ connection: 'early' }, { limit: 1, budgetMs: 0, from: 0 })).toEqual({
      rows: [],
      next_before_id: null,
    })
  })
})

it('finds rows by their time without an index of times', async () => {
  const { log, clock } = openLog(open(folder()))
  const before = clock.now()
  for (let index = 0; index < 600; index += 1) {
    log.open({ transport: 'proxy', method: 'm', request_id: `r-${index}` } as RequestOpening).close({ status: 200 })
    clock.move(1000)
  }
  const since = new Date(before + 500_000).toISOString()
  const until = new Date(before + 550_000).toISOString()
  expect((await log.list({ since, until, limit: 1000 })).map((row) => row.id)).toEqual(
    Array.from({ length: 50 }, (_, index) => 550 - index),
  )
  expect(await log.list({ since: new Date(before + 700_000).toISOString() })).toEqual([])
})
