import { countQuarterHours } from '../../src/engine/store/migrations/0105-quarter-hour-counts.ts'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { COUNT_LEVELS } from '../../src/engine/store/requests/counts/count-levels.ts'
import { createProjectsAndConnections } from '../../src/engine/store/migrations/0010-projects-and-connections.ts'
import { createTokensAndGrants } from '../../src/engine/store/migrations/0020-tokens-and-grants.ts'
import { createRequests } from '../../src/engine/store/migrations/0030-requests.ts'
import { APPLICATION_ID } from '../../src/engine/store/migrations/migrate.ts'
import { createRequestLog } from '../../src/engine/log/create-request-log.ts'
import { dataFolders, movableClock } from './support/data-folders.ts'

const { folder, open } = dataFolders()
const NOW = Date.UTC(2026, 0, 15, 12)

/** A store from before the last use of connections was stored and requests were counted. */
function beforeCounts(home: string): SqliteDatabase.Database {
  const database = new SqliteDatabase(join(home, 'hallpass.db'))
  for (const create of [createProjectsAndConnections, createTokensAndGrants, createRequests]) create(database)
  database.pragma(`application_id = ${APPLICATION_ID}`)
  database.pragma('user_version = 30')
  return database
}

describe('an older store', () => {
  it('counts its rows when it is opened', async () => {
    const home = folder()
    const old = beforeCounts(home)
    old.exec(`INSERT INTO projects (id, name, created_at) VALUES (1, 'sales', 1);
      INSERT INTO connections (id, name, kind, config, secret_account, created_at) VALUES (1, 'crm', 'sqlite', '{}', 'a', 1)`)
    const insert =
      old.prepare(`INSERT INTO requests (id, time, request_id, project, transport, method, connection, status, duration_ms, bytes_in, bytes_out, records)
      VALUES (?, ?, 'r', ?, 'proxy', 'get_records', ?, ?, ?, 0, 0, 0)`)
    for (let id = 1; id <= 600; id += 1)
      insert.run(id, NOW - id * 60_000, id % 2 === 0 ? 'sales' : 'deleted', 'crm', id % 10 === 0 ? 500 : 200, 10)
    insert.run(601, NOW - 1000, 'sales', 'crm', null, null)
    old.close()

    const store = open(home)
    expect(store.read.connections()).toMatchObject([{ name: 'crm', last_used_at: null }])
    const log = createRequestLog({
      store,
      clock: movableClock(NOW),
      strict: () => false,
      retention: { days: 30, rows: 1_000_000 },
    })
    const all = await log.summary({ since: '1d', steps: 24 })
    expect(all).toMatchObject({ requests: 601, errors: 61, refused: 0, failed: 61 })
    expect(all.p95_ms).toBeGreaterThan(9)
    expect(all.p95_ms).toBeLessThan(11)
    expect((await log.summary({ since: '1d', steps: 24, project: 'sales' })).requests).toBe(301)
    expect((await log.summary({ since: '1d', steps: 24, project: 'deleted' })).requests).toBe(0)
    expect((await log.list({ status: '500', limit: 1000 })).map((row) => row.id)).toEqual(
      Array.from({ length: 60 }, (_, index) => 600 - index * 10),
    )
    expect(await log.list({ project: 'sales', connection: 'crm', limit: 1000 })).toHaveLength(301)
    log.close()
  })

  it('still reaches the same hosts, without asking about them again', () => {
    const home = folder()
    const old = beforeCounts(home)
    const insert = old.prepare(
      `INSERT INTO connections (name, kind, config, secret_account, created_at) VALUES (?, ?, ?, 'a', 1)`,
    )
    insert.run('intern', 'grist', '{"kind":"grist","url":"http://grist.lan/doc","doc":"sT4nd1nD0c"}')
    insert.run('plain', 'http', '{"kind":"http","url":"HTTP://api.example"}')
    insert.run('safe', 'http', '{"kind":"http","url":"https://api.example"}')
    insert.run('file', 'sqlite', '{"kind":"sqlite","path":"/data/a.sqlite"}')
    old.close()
    const store = open(home)
    const config = (name: string) => store.read.connection(name)?.config
    expect(config('intern')).toMatchObject({ pin: true, plain_http: true })
    expect(config('plain')).toMatchObject({ plain_http: true })
    expect(config('safe')).toEqual({ kind: 'http', url: 'https://api.example' })
    expect(config('file')).toEqual({ kind: 'sqlite', path: '/data/a.sqlite' })
  })

  it('counts each request once per step of time', async () => {
    const home = folder()
    const old = beforeCounts(home)
    old
      .prepare(`INSERT INTO requests (id, time, request_id, transport, method, status, duration_ms, bytes_in, bytes_out, records)
      SELECT value, ?, 'r', 'proxy', 'm', 200, 1, 0, 0, 0 FROM json_each('[1,2,3,4,5]')`)
      .run(NOW)
    old.close()
    const store = open(home)
    for (const { ms } of COUNT_LEVELS) {
      const counts = await store.requests.requestCounts({ step: ms, from: NOW - ms, to: NOW + 1 })
      expect(counts.map((count) => count.requests)).toEqual([5])
    }
  })

  it('converts the counts of past hours to quarter hours and loses none', () => {
    const database = new SqliteDatabase(':memory:')
    database.exec(`CREATE TABLE request_counts (step, at, project, connection, requests, errors, durations, PRIMARY KEY (step, at, project, connection));
      INSERT INTO request_counts VALUES (600000, 0, '', '', 2, 1, x''), (600000, 600000, '', '', 3, 0, x''), (3600000, 0, '', '', 5, 1, x''), (3600000, 3600000, '', '', 7, 0, x'')`)
    countQuarterHours(database)
    expect(database.prepare('SELECT step, at, requests FROM request_counts ORDER BY step, at').raw().all()).toEqual([
      [900_000, 0, 5],
      [900_000, 3_600_000, 7],
      [3_600_000, 0, 5],
      [3_600_000, 3_600_000, 7],
    ])
    countQuarterHours(database)
    expect(database.prepare('SELECT sum(requests) FROM request_counts').pluck().get()).toBe(24)
  })
})
