import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import type { LogReport } from '../../../src/contract/records.ts'
import type { Store } from '../../../src/engine/store/store.ts'
import { all, openLog } from '../../log/support/open-log.ts'
import { dataFolders, movableClock } from '../../store/support/data-folders.ts'

const { folder, open } = dataFolders()
const never = new AbortController().signal
const DAY = 86_400_000

async function verified(store: Store): Promise<LogReport> {
  const reports = await all(store.requests.verify(never))
  return reports.at(-1) as LogReport
}

/** A log of 40 rows in 4 batches, of a token and of strangers, whose engine has stopped. */
function sealedLog() {
  const home = folder()
  const store = open(home)
  const { log, add } = openLog(store)
  for (let index = 0; index < 40; index += 1) {
    add(index % 4 === 3 ? { token: null, resource: `r${index}` } : { resource: `r${index}` })
    if (index % 10 === 9) log.flush()
  }
  return { home, store, log }
}

/** What another program with the database, but without the engine, does to it. */
function tamper(store: Store, sql: string): number {
  const raw = new SqliteDatabase(store.file)
  try {
    return raw.prepare(sql).run().changes
  } finally {
    raw.close()
  }
}

describe('the tamper-evident request log', () => {
  it('verifies as it was written, including rows that were open over several batches', async () => {
    const { store, log } = sealedLog()
    const long = log.open({ request_id: 'long', transport: 'proxy', method: 'get_records', token: 'agent' })
    log.flush()
    for (let index = 0; index < 6000; index += 1)
      log.rejected({ request_id: 'r', transport: 'proxy', method: 'm', token: 'agent' }, { status: 200 })
    long.close({ status: 200 })
    log.flush()
    expect(await verified(store)).toMatchObject({ problem: null, rows: 6041, unsealed: 0, done: true })
  })

  it.each([
    ['a changed row', "UPDATE requests SET resource = 'other' WHERE id = 7"],
    ['a changed status', 'UPDATE requests SET status = 200.0 + 1 WHERE id = 8'],
    ['a changed token', "UPDATE requests SET token = 'else' WHERE id = 12"],
    ['a changed token state', "UPDATE requests SET token_state = 'active' WHERE id = 12"],
    ['a changed timing', 'UPDATE requests SET checks_ms = 1, upstream_ms = 1 WHERE id = 13'],
    ['a row that was removed', 'DELETE FROM requests WHERE id = 9'],
    [
      'a row that was added',
      'INSERT INTO requests (id, time, request_id, token, transport, method, status, bytes_in, bytes_out, records) SELECT 41, time, request_id, token, transport, method, status, 0, 0, 0 FROM requests WHERE id = 1',
    ],
    ['two rows that changed places', 'UPDATE requests SET id = CASE id WHEN 1 THEN -1 ELSE id END WHERE id IN (1)'],
    ['a batch that was removed', 'DELETE FROM log_seals WHERE batch = 3'],
    ['a hash that was changed', "UPDATE log_seals SET hash = replace(hash, substr(hash, 1, 1), 'g') WHERE batch = 1"],
    ['the newest batch cut off', 'DELETE FROM log_seals WHERE batch = (SELECT max(batch) FROM log_seals)'],
    [
      'a forged checkpoint',
      "UPDATE log_chains SET checkpoint_batch = 2, checkpoint_hash = (SELECT hash FROM log_seals WHERE batch = 1) WHERE chain = 'tokens'",
    ],
  ])('reports %s', async (_what, sql) => {
    const { store } = sealedLog()
    expect(tamper(store, sql)).toBeGreaterThan(0)
    const report = await verified(store)
    expect(report.problem).not.toBeNull()
    expect(report.problem?.message).not.toContain('/')
  })

  it.each([
    [
      'two rows that changed places',
      [
        'UPDATE requests SET id = -1 WHERE id = 1',
        'UPDATE requests SET id = 1 WHERE id = 2',
        'UPDATE requests SET id = 2 WHERE id = -1',
      ],
    ],
    [
      'two rows of different batches that changed places, with their batches',
      [
        'UPDATE requests SET id = -1, seal = (SELECT seal FROM requests WHERE id = 21) WHERE id = 1',
        'UPDATE requests SET id = 1, seal = (SELECT min(seal) FROM requests) WHERE id = 21',
        'UPDATE requests SET id = 21 WHERE id = -1',
      ],
    ],
    [
      'the end of the log cut off, with its seals and the head set back',
      [
        'DELETE FROM requests WHERE id > 20',
        'DELETE FROM log_seals WHERE first_id > 20',
        'UPDATE log_chains SET head_batch = (SELECT max(batch) FROM log_seals WHERE log_seals.chain = log_chains.chain)',
      ],
    ],
    ['everything deleted', ['DELETE FROM requests', 'DELETE FROM log_seals']],
    [
      'everything deleted, as if nothing had been logged yet',
      [
        'DELETE FROM requests',
        'DELETE FROM log_seals',
        "UPDATE log_chains SET head_batch = 0, head_seal = '', checkpoint_batch = 0, checkpoint_hash = '', checkpoint_rows = 0, checkpoint_seal = ''",
      ],
    ],
    [
      'rows declared older than the seals',
      ['UPDATE log_chains SET unsealed_to = 40', 'UPDATE requests SET resource = 1 WHERE id = 7'],
    ],
  ])('reports %s', async (_what, statements) => {
    const { store } = sealedLog()
    for (const sql of statements) tamper(store, sql)
    expect((await verified(store)).problem).not.toBeNull()
  })

  it('reports a batch that was removed with its rows, with the later seals recomputed without the key', async () => {
    const { store } = sealedLog()
    tamper(store, 'DELETE FROM requests WHERE seal = 2')
    tamper(store, 'DELETE FROM log_seals WHERE batch = 2')
    expect((await verified(store)).problem).not.toBeNull()
  })

  it('still verifies after retention, which leaves a sealed checkpoint', async () => {
    const home = folder()
    const clock = movableClock()
    const store = open(home, { clock })
    const { log, add } = openLog(store, { clock })
    for (let index = 0; index < 50; index += 1) {
      add()
      if (index % 5 === 4) log.flush()
    }
    clock.move(10 * DAY)
    for (let index = 0; index < 20; index += 1) add()
    log.flush()
    expect(await store.requests.prune(clock.now() - DAY, 1_000_000)).toBe(50)
    expect(await verified(store)).toMatchObject({ problem: null, rows: 20, removed: 50 })
    tamper(store, "UPDATE log_chains SET checkpoint_rows = 40 WHERE chain = 'tokens'")
    expect((await verified(store)).problem).not.toBeNull()
  })

  it('reports that its key was removed, and seals from then on', async () => {
    const { home, store, log } = sealedLog()
    log.close()
    store.close()
    rmSync(join(home, 'log.key'))
    const again = open(home)
    expect(again.notices.join(' ')).toMatch(/log\.key/)
    const { add } = openLog(again)
    add()
    const report = await verified(again)
    expect(report).toMatchObject({ problem: null, unsealed: 40 })
  })

  it('verifies a log from before the start was sealed, and then reports that it was set back', async () => {
    const { home, store, log } = sealedLog()
    log.close()
    store.close()
    const key = join(home, 'log.key')
    writeFileSync(key, readFileSync(key, 'utf8').slice(0, 65))
    const again = open(home)
    expect(await verified(again)).toMatchObject({ problem: null, rows: 40 })
    tamper(again, 'UPDATE log_chains SET unsealed_to = 3')
    expect((await verified(again)).problem).not.toBeNull()
  })

  it('includes batch and hash in exports, the same ones before and after', async () => {
    const { log } = sealedLog()
    const lines = async () =>
      (await all(log.export({}, 'jsonl', never))).flatMap((piece) => piece.text.trimEnd().split('\n'))
    const first = await lines()
    const rows = first.map((line) => JSON.parse(line) as { batch: number; chain: string })
    expect(rows.every((row) => row.batch > 0 && /^[0-9a-f]{64}$/.test(row.chain))).toBe(true)
    expect(await lines()).toEqual(first)
  })
})

describe('requests without a token', () => {
  it('never remove the rows of tokens, because they have a tenth of the log', async () => {
    const store = open(folder())
    const { log, add } = openLog(store)
    for (let index = 0; index < 100; index += 1) add({ resource: 'kept' })
    log.flush()
    for (let index = 0; index < 5000; index += 1) {
      log.rejected({ request_id: 'r', transport: 'http', method: 'GET /api/x', token: null }, { status: 404 })
    }
    log.flush()
    let removed = 1
    while (removed > 0) removed = await store.requests.prune(0, 1000)
    const rows = await log.list({ limit: 10_000 })
    expect(rows.filter((row) => row.resource === 'kept')).toHaveLength(100)
    expect(rows.filter((row) => row.token === null).length).toBeLessThanOrEqual(100)
    expect(await verified(store)).toMatchObject({ problem: null })
  })
})
