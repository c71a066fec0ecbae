import { describe, expect, it } from 'vitest'
import type { BulkProgress, RecordStream } from '../../../src/engine/documents/document-connector.ts'
import { releaseMemory } from '../../../src/engine/documents/release-memory.ts'
import { createTestClock, type TestClock } from '../../support/test-clock.ts'
import {
  collect,
  contextOf,
  errorInTime,
  foreignFile,
  linesOf,
  openDocument,
  RUNAWAY,
  type Document,
} from './documents.ts'
import { repeats } from '../../support/repeats.ts'

/** More than the windows of a stream and the batches of a load hold. */
const MANY = repeats(30_000, 120_000)

async function orders(options: Parameters<typeof openDocument>[0] = {}): Promise<Document> {
  const document = openDocument(options)
  await document.call('create_table', {
    table_id: 'Orders',
    columns: [
      { id: 'Name', type: 'Text' },
      { id: 'N', type: 'Int' },
    ],
  })
  return document
}

async function load(
  { connector }: Document,
  body: AsyncIterable<Uint8Array>,
  method: 'add_records' | 'update_records' | 'delete_records' = 'add_records',
  table = 'Orders',
  signal?: AbortSignal,
): Promise<BulkProgress[]> {
  const progress: BulkProgress[] = []
  for await (const step of connector.writeStream({ method, table }, body, contextOf(signal))) progress.push(step)
  return progress
}

async function* many(from: number, to: number): AsyncIterable<Uint8Array> {
  for (let n = from; n <= to; n += 1) yield Buffer.from(`{"Name":"n${n}","N":${n}}\n`)
}

const count = async ({ call }: Document): Promise<number> =>
  (await call('sql_query', { query: 'SELECT count(*) AS n FROM Orders' }))[0].n

describe('an atomic bulk load', () => {
  const atomic = { method: 'add_records', table: 'Orders', atomic: true } as const

  it('stores nothing if a line of a later batch is invalid or the body is incomplete', async () => {
    const document = await orders({ limits: { batch: 10 } })
    async function* bad(): AsyncIterable<Uint8Array> {
      yield* many(1, 25)
      yield Buffer.from('{"Name":1}\n')
    }
    async function* broken(): AsyncIterable<Uint8Array> {
      yield* many(1, 25)
      throw new Error('gone')
    }
    for (const [body, error] of [
      [bad(), { code: 'INVALID_REQUEST', details: { failed_line: 26, stored: 0, line: 0 } }],
      [broken(), { details: { stored: 0, line: 0 } }],
    ] as const)
      await expect(async () => {
        for await (const _ of document.connector.writeStream(atomic, body, contextOf()));
      }).rejects.toMatchObject(error)
    expect(await count(document)).toBe(0)
  })

  it('stores everything at the end, and reports it once', async () => {
    const document = await orders({ limits: { batch: 10 } })
    const progress: BulkProgress[] = []
    for await (const step of document.connector.writeStream(atomic, many(1, 30), contextOf())) progress.push(step)
    expect(progress).toEqual([{ stored: 30, line: 30 }])
    expect(await count(document)).toBe(30)
    expect(await load(document, many(31, 50))).toEqual([
      { stored: 10, line: 10 },
      { stored: 20, line: 20 },
    ])
  })
})

describe('a bulk load', () => {
  it('fails for a missing table before anything is stored', async () => {
    const document = await orders()
    await expect(load(document, many(1, 5), 'add_records', 'Order')).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      field: 'table',
      details: { stored: 0, line: 0 },
    })
    expect(await count(document)).toBe(0)
  })

  it.each([['{"Name": '], ['[1]'], ['{"Name": 5}'], ['{"Nam": "x"}'], ['{"id": 5}']])(
    'names the line of %s and the last stored line',
    async (bad) => {
      const document = await orders({ limits: { batch: 10 } })
      async function* body(): AsyncIterable<Uint8Array> {
        yield* many(1, 22)
        yield* linesOf('', bad)
        yield* many(24, 40)
      }
      await expect(load(document, body())).rejects.toMatchObject({
        code: 'INVALID_REQUEST',
        details: { failed_line: 24, line: 20, stored: 20 },
      })
      expect(await count(document)).toBe(20)
    },
  )

  it('names the line that violates a constraint, and rolls its batch back', async () => {
    const document = openDocument({
      path: foreignFile('CREATE TABLE Orders (id INTEGER PRIMARY KEY, Name TEXT, N INT UNIQUE ON CONFLICT ROLLBACK)'),
      limits: { batch: 100 },
    })
    async function* body(): AsyncIterable<Uint8Array> {
      yield* many(1, 150)
      yield* many(7, 7)
    }
    await expect(load(document, body())).rejects.toMatchObject({
      message: 'Line 151: SQLite rejected the change: UNIQUE constraint failed: Orders.N. Lines 1–100 were stored.',
      details: { failed_line: 151, line: 100, stored: 100 },
    })
    expect(await count(document)).toBe(100)
  })

  it('adds, changes and deletes, and counts blank lines as lines', async () => {
    const document = await orders({ limits: { batch: 2 } })
    expect(await load(document, linesOf({ Name: 'a' }, '', { Name: 'b' }, { N: 3 }, {}, '{"Name":"ü"}\r'))).toEqual([
      { stored: 2, line: 3 },
      { stored: 4, line: 5 },
      { stored: 5, line: 6 },
    ])
    expect(await load(document, linesOf({ id: 1, fields: { N: 9 } }), 'update_records')).toEqual([
      { stored: 1, line: 1 },
    ])
    await expect(
      load(document, linesOf({ id: 1, fields: {} }, { id: 99, fields: {} }), 'update_records'),
    ).rejects.toMatchObject({ details: { failed_line: 2, line: 0, stored: 0 } })
    expect(await load(document, linesOf(2, { id: 3 }, 77), 'delete_records')).toEqual([
      { stored: 2, line: 2 },
      { stored: 2, line: 3 },
    ])
    expect((await document.call('get_records', { table: 'Orders' })).records).toEqual([
      { id: 1, Name: 'a', N: 9 },
      { id: 4, Name: null, N: null },
      { id: 5, Name: 'ü', N: null },
    ])
  })

  it(`stores ${MANY} records that arrive in pieces of any size`, async () => {
    const document = await orders()
    const text = Buffer.from(Array.from({ length: MANY }, (_, n) => `{"Name":"é${n}","N":${n}}\n`).join(''))
    async function* pieces(): AsyncIterable<Uint8Array> {
      for (let at = 0; at < text.length; at += 70_001) yield text.subarray(at, at + 70_001)
    }
    expect((await load(document, pieces())).at(-1)).toEqual({ stored: MANY, line: MANY })
    expect(
      await document.call('sql_query', { query: 'SELECT sum(N) AS n, count(DISTINCT Name) AS names FROM Orders' }),
    ).toEqual([{ n: (MANY * (MANY - 1)) / 2, names: MANY }])
  })

  it('reads no more input than its window while the table is blocked', async () => {
    const path = foreignFile(
      'CREATE TABLE Orders (Name TEXT, N INT); CREATE TABLE big (a); CREATE TRIGGER slow BEFORE INSERT ON Orders BEGIN SELECT count(*) FROM big a, big b, big c; END; WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 3000) INSERT INTO big SELECT x FROM c',
    )
    const document = openDocument({ path, limits: { callMs: 1500 } })
    let taken = 0
    async function* flood(): AsyncIterable<Uint8Array> {
      const chunk = Buffer.from('{"N":1}\n'.repeat(8192))
      for (; taken < 1000; taken += 1) yield chunk
    }
    await expect(load(document, flood())).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' })
    expect(taken).toBeLessThan(100)
    expect(await document.call('sql_query', { query: 'SELECT count(*) AS n FROM Orders' })).toEqual([{ n: 0 }])
  })

  it('leaves no memory of its pieces to the garbage collector', async () => {
    const document = await orders()
    const lines = Buffer.from('{"Name":"a record of the load","N":1}\n'.repeat(1700))
    async function* pieces(): AsyncIterable<Uint8Array> {
      for (let sent = 0; sent < 400; sent += 1) {
        // As a socket's, whose owner frees them.
        const piece = Buffer.from(lines)
        yield piece
        releaseMemory(piece)
      }
    }
    await load(document, many(1, 3))
    const before = process.memoryUsage().arrayBuffers
    let most = 0
    const steps = document.connector.writeStream({ method: 'add_records', table: 'Orders' }, pieces(), contextOf())
    for await (const _ of steps) most = Math.max(most, process.memoryUsage().arrayBuffers - before)
    // 25 MB passed through. The window is four messages of 256 KiB.
    expect(most).toBeLessThan(6_000_000)
  })

  it('ends on an abort, and keeps only complete batches', async () => {
    const document = await orders({ limits: { batch: 1000 } })
    const abort = new AbortController()
    async function* endless(): AsyncIterable<Uint8Array> {
      for (;;) yield Buffer.from('{"N":1}\n'.repeat(40_000))
    }
    const steps = document.connector.writeStream(
      { method: 'add_records', table: 'Orders' },
      endless(),
      contextOf(abort.signal),
    )
    await expect(async () => {
      for await (const { stored } of steps) if (stored >= 5000) abort.abort()
    }).rejects.toMatchObject({ code: 'UPSTREAM_ERROR' })
    expect((await count(document)) % 1000).toBe(0)
    expect(await load(document, many(1, 3))).toEqual([{ stored: 3, line: 3 }])
  })
})

describe('a read stream', () => {
  it('throws before its first chunk if it is invalid', async () => {
    const { connector } = await orders()
    await expect(connector.openReadStream('get_records', { table: 'Order' }, contextOf())).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    })
    await expect(
      connector.openReadStream('sql_query', { query: 'SELECT nope FROM Orders' }, contextOf()),
    ).rejects.toMatchObject({ code: 'INVALID_REQUEST', message: expect.stringMatching(/no such column/) })
    await expect(
      connector.openReadStream('sql_query', { query: 'DELETE FROM Orders' }, contextOf()),
    ).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
  })

  it('returns every record once and counts them', async () => {
    const document = await orders()
    await load(document, many(1, MANY))
    const stream = await document.connector.openReadStream('get_records', { table: 'Orders', sort: '-N' }, contextOf())
    const records = await collect(stream)
    expect(records).toHaveLength(MANY)
    expect(records[0]).toEqual({ id: MANY, Name: `n${MANY}`, N: MANY })
    expect(stream.records).toBe(MANY)
    expect(
      await collect(
        await document.connector.openReadStream(
          'sql_query',
          { query: 'SELECT N FROM Orders WHERE N < 3' },
          contextOf(),
        ),
      ),
    ).toEqual([{ N: 1 }, { N: 2 }])
    expect(
      await collect(await document.connector.openReadStream('sql_query', { query: 'SELECT 1 WHERE 0' }, contextOf())),
    ).toEqual([])
  })

  describe('for readers of different speed', () => {
    const ENDLESS = { query: 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c' }
    const IDLE_READER_MS = 5_000

    /** Time stands still unless the test moves it, however slow the machine is. */
    async function ordersWithClock(): Promise<{ document: Document; clock: TestClock; open(): Promise<RecordStream> }> {
      const clock = createTestClock()
      const document = await orders({ clock, limits: { idleReaderMs: IDLE_READER_MS } })
      return { document, clock, open: () => document.connector.openReadStream('sql_query', ENDLESS, contextOf()) }
    }

    it('waits for a slow reader, and closes for one that reads nothing', async () => {
      const { clock, open } = await ordersWithClock()
      const [stalled, slow] = [await open(), await open()]
      const chunks = slow[Symbol.asyncIterator]()
      for (const _read of Array.from({ length: 10 })) {
        expect((await chunks.next()).value?.length).toBeGreaterThanOrEqual(64 * 1024)
        clock.advance(IDLE_READER_MS - 1)
      }
      await expect(collect(stalled)).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT', upstreamBlameless: true })
      await chunks.return?.()
    })

    it('runs beside two unread streams, on the worker of a closed one', async () => {
      const { document, clock, open } = await ordersWithClock()
      const stalled = [await open(), await open()]
      for await (const _chunk of await open()) break
      // All three workers for streams were started. Only the one that was left can serve these.
      const workers = document.workers.length
      expect((await load(document, many(1, 10))).at(-1)).toEqual({ stored: 10, line: 10 })
      const first = await document.connector.openReadStream('get_records', { table: 'Orders', limit: 1 }, contextOf())
      expect(await collect(first)).toHaveLength(1)
      expect(document.workers).toHaveLength(workers)
      expect(await count(document)).toBe(10)
      clock.advance(IDLE_READER_MS)
      for (const stream of stalled) await expect(collect(stream)).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' })
    })
  })

  it('ends on an abort, with the reason of the abort', async () => {
    const document = await orders()
    const abort = new AbortController()
    const stream = await document.connector.openReadStream(
      'sql_query',
      { query: 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c' },
      contextOf(abort.signal),
    )
    await expect(async () => {
      for await (const chunk of stream) if (chunk.length > 0) abort.abort()
    }).rejects.toMatchObject({ code: 'UPSTREAM_ERROR' })
    const gone = new AbortController()
    gone.abort()
    await expect(
      document.connector.openReadStream('get_records', { table: 'Orders' }, contextOf(gone.signal)),
    ).rejects.toMatchObject({ code: 'UPSTREAM_ERROR' })
  })

  it('ends after the time limit if its query returns no row', async () => {
    const clock = createTestClock()
    const { connector } = await orders({ clock, limits: { queryMs: 1000 } })
    const opening = connector.openReadStream('sql_query', { query: RUNAWAY }, contextOf())
    expect(await errorInTime(clock, 1000, opening)).toMatchObject({ code: 'UPSTREAM_TIMEOUT' })
  })
})
