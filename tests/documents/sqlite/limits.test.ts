import { describe, expect, it } from 'vitest'
import { createForwardClock, createTestClock } from '../../support/test-clock.ts'
import type { Clock } from '../../../src/engine/clock.ts'
import { collect, contextOf, errorInTime, foreignFile, openDocument, RUNAWAY, type Document } from './documents.ts'

type Options = NonNullable<Parameters<typeof openDocument>[0]>

async function orders(limits: NonNullable<Options['limits']> = {}, clock?: Clock): Promise<Document> {
  const document = openDocument({ limits, ...(clock === undefined ? {} : { clock }) })
  await document.call('create_table', { table_id: 'Orders', columns: [{ id: 'Name', type: 'Text' }] })
  await document.call('add_records', { table: 'Orders', records: [{ Name: 'a' }, { Name: 'b' }, { Name: 'c' }] })
  return document
}

describe('limits of a SQLite document', () => {
  it('end a runaway query while other calls continue, and later queries work', async () => {
    // Time passes, because calls behind the query wait a moment before another worker starts for them.
    const clock = createForwardClock()
    const { call } = await orders({ queryMs: 600_000 }, clock)
    const runaway = call('sql_query', { query: RUNAWAY })
    let hasEnded = false
    void runaway.catch(() => (hasEnded = true))
    await Promise.all(
      Array.from({ length: 10 }, async (_, n) => {
        expect(await call('sql_query', { query: 'SELECT ? AS n', params: [n] })).toEqual([{ n }])
        await call('add_records', { table: 'Orders', records: [{ Name: `n${n}` }] })
        expect((await call('get_records', { table: 'Orders', limit: 1 })).records).toHaveLength(1)
      }),
    )
    expect(hasEnded).toBe(false)
    clock.forward(600_000)
    await expect(runaway).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' })
    expect(await call('sql_query', { query: 'SELECT count(*) AS n FROM Orders' })).toEqual([{ n: 13 }])
  })

  it('serve the queue in order after four runaway queries at once', async () => {
    const { call } = await orders({ queryMs: 1000 })
    const runaways = Array.from({ length: 4 }, () =>
      call('sql_query', { query: RUNAWAY }).then(
        () => 'done',
        (error: { code: string }) => error.code,
      ),
    )
    const good = call('sql_query', { query: 'SELECT 1 AS a' })
    expect(await Promise.all(runaways)).toEqual(Array.from({ length: 4 }, () => 'UPSTREAM_TIMEOUT'))
    expect(await good).toEqual([{ a: 1 }])
  })

  it('end the wait for a worker after a while', async () => {
    const clock = createTestClock()
    const { call, connector } = await orders({ queryMs: 1e9, waitMs: 500 }, clock)
    const runaways = [1, 2, 3].map(() => call('sql_query', { query: RUNAWAY }).catch(() => 'ended'))
    expect(await errorInTime(clock, 500, call('sql_query', { query: 'SELECT 1' }))).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
    })
    await connector.close()
    await Promise.all(runaways)
  })

  it('reject results with too many rows or bytes', async () => {
    const { call } = await orders({ rows: 2, bytes: 1000 })
    await expect(call('get_records', { table: 'Orders' })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      reason: 'result_too_large',
    })
    expect((await call('get_records', { table: 'Orders', limit: 2 })).records).toHaveLength(2)
    await expect(
      call('sql_query', { query: "SELECT replace(hex(zeroblob(1000)), '0', 'x') AS a" }),
    ).rejects.toMatchObject({ code: 'INVALID_REQUEST', reason: 'result_too_large' })
  })

  it('end a query that takes too much memory', async () => {
    // The clock stands still, so that a busy computer doesn't reach the time limit first.
    const { call } = await orders({ memoryBytes: 250 * 1024 * 1024 }, createTestClock())
    const query =
      'WITH RECURSIVE c(x, b) AS (SELECT 1, randomblob(1000000) UNION ALL SELECT x + 1, randomblob(1000000) FROM c WHERE x < 5000) SELECT count(*) FROM (SELECT x, b FROM c ORDER BY b)'
    await expect(call('sql_query', { query })).rejects.toMatchObject({
      code: 'UPSTREAM_ERROR',
      reason: 'worker_lost',
    })
    expect(await call('sql_query', { query: 'SELECT 1 AS a' })).toEqual([{ a: 1 }])
  })

  it('end a call that is aborted while it waits or runs', async () => {
    const { call } = await orders({ queryMs: 20_000 })
    const abort = new AbortController()
    const calls = [1, 2, 3].map(() =>
      call('sql_query', { query: RUNAWAY }, abort.signal).catch((error: { code: string }) => error.code),
    )
    await call('get_records', { table: 'Orders' })
    abort.abort()
    expect(await Promise.all(calls)).toEqual(['UPSTREAM_ERROR', 'UPSTREAM_ERROR', 'UPSTREAM_ERROR'])
    expect(await call('sql_query', { query: 'SELECT 1 AS a' })).toEqual([{ a: 1 }])
  })

  it('end every call on close', async () => {
    const { call, connector } = await orders()
    const runaway = call('sql_query', { query: RUNAWAY }).catch((error: { code: string }) => error.code)
    await call('get_records', { table: 'Orders' })
    await connector.close()
    expect(await runaway).toBe('UPSTREAM_ERROR')
    await expect(call('list_tables')).rejects.toMatchObject({ code: 'UPSTREAM_ERROR' })
  })

  it('start workers again after they were idle', async () => {
    const { call, workers } = await orders({ idleMs: 50 })
    for (let n = 0; n < 3; n += 1) {
      await Promise.all(workers.map(({ exited }) => exited))
      expect(await call('sql_query', { query: 'SELECT count(*) AS n FROM Orders' })).toEqual([{ n: 3 }])
    }
    expect(workers.length).toBeGreaterThan(3)
  })
})

describe('a token with many long queries', () => {
  it('does not delay another token’s query, stream or load', { timeout: 60_000 }, async () => {
    const path = foreignFile('CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)')
    const document = openDocument({ path, limits: { queryMs: 20_000 } })
    const stop = new AbortController()
    const flood = Array.from({ length: 16 }, () =>
      document.connector
        .call('sql_query', { query: RUNAWAY }, { ...contextOf(stop.signal), key: 'busy' })
        .catch(() => 0),
    )
    const readers = Array.from({ length: 4 }, () =>
      document.connector
        .openReadStream('sql_query', { query: RUNAWAY }, { ...contextOf(stop.signal), key: 'busy' })
        .catch(() => 0),
    )
    const quiet = { ...contextOf(), key: 'quiet' }
    const query = { query: 'SELECT count(*) AS n FROM t' }
    // Twenty times as fast as the flood's limit: nothing of it was waited for.
    const soon = AbortSignal.timeout(19_000)
    expect(await document.connector.call('sql_query', query, { ...quiet, signal: soon })).toEqual([{ n: 2 }])
    const stream = await document.connector.openReadStream('sql_query', query, { ...quiet, signal: soon })
    expect(await collect(stream)).toEqual([{ n: 2 }])
    stop.abort()
    await Promise.all([...flood, ...readers])
    expect(await document.call('sql_query', query)).toEqual([{ n: 2 }])
  })
})
