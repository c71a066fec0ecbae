import { describe, expect, it } from 'vitest'
import type { RequestFilter } from '../../src/contract/owner-api/requests-api.ts'
import { REQUESTS_BY } from '../../src/contract/request-counts.ts'
import { dataFolders, movableClock, seedProject } from '../store/support/data-folders.ts'
import { openLog } from './support/open-log.ts'

const { folder, open } = dataFolders()
const MINUTE = 60_000
const HOUR = 60 * MINUTE

function createRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => (state = (state * 48_271) % 2_147_483_647) % below
}

/** A log whose clock starts at `at`, with the project sales and the connections crm, weather and ledger. */
function logAt(at: string) {
  const clock = movableClock(Date.parse(at))
  const store = open(folder(), { clock })
  seedProject(store)
  for (const name of ['weather', 'ledger'])
    store.write.createConnection({
      name,
      kind: 'sqlite',
      config: { path: `${name}.sqlite` },
      secret_location: null,
      secret_account: `account-of-${name}`,
      created_at: 1,
    })
  return { store, ...openLog(store, { clock }) }
}

const CALLERS = [
  { token: 'analyst', client: 'claude/1' },
  { token: 's-1', parent: 'analyst', token_kind: 'session', client: 'python/3' },
  { token: 'nightly', client: null },
  { token: null, token_state: 'unknown', token_prefix: 'hp_pat_abc', connection: null },
] as const
const OUTCOMES = [
  { status: 200 },
  { status: 200 },
  { status: 403, code: 'UNAUTHORIZED' },
  { status: 499, code: 'CANCELED' },
  { status: 502, code: 'UPSTREAM_ERROR' },
]

describe('requests by name', () => {
  it('are as many as the log shows for the same name and time, for every kind of name', async () => {
    const { log, add, clock } = logAt('2026-05-01T00:00:00Z')
    const random = createRandom(11)
    for (let index = 0; index < 1500; index += 1) {
      const connection = ['crm', 'weather', 'ledger'][random(3)] ?? 'crm'
      const method = ['get_records', 'list_tables', 'search__find'][random(3)] ?? ''
      add({ connection, method, ...CALLERS[random(4)] }, OUTCOMES[random(5)])
      clock.move(random(40 * MINUTE))
    }
    add({ transport: 'control', token: null, token_kind: 'owner', method: 'pause', connection: null })
    for (const since of ['1h', '24h', '7d', '20d'])
      for (const by of REQUESTS_BY) {
        const top = await log.top({ by, since, limit: 1000, steps: 24, timeZone: 'Asia/Kathmandu' })
        expect(top.names).toBe(top.rows.length)
        for (const { name, requests, refused, failed, series, last, sentence } of top.rows) {
          const filter = { [by]: name, since: top.from, until: top.to, limit: 10_000 } as RequestFilter
          const rows = await log.list(filter)
          expect(requests, `${by} ${name} since ${since}`).toBe(rows.length)
          expect(refused).toBe((await log.list({ ...filter, status: 'denied' })).length)
          expect(failed).toBe((await log.list({ ...filter, status: 'error' })).length)
          expect(series.reduce((sum, count) => sum + count, 0)).toBe(requests)
          expect(last?.id).toBe(rows[0]?.id)
          expect(sentence === null).toBe(by !== 'cause')
        }
        const all = await log.list({ since: top.from, until: top.to, limit: 10_000 })
        const named = all.filter(
          (row) => (by === 'token' ? row.token : row[by]) !== null && row.transport !== 'control',
        )
        expect(top.rows.reduce((sum, { requests }) => sum + requests, 0)).toBe(named.length)
      }
  })

  it('name each cause in a sentence', async () => {
    const { log, add } = logAt('2026-05-01T12:00:00Z')
    const refusal = { reason: 'permission' as const, needed: 'write on crm', held: ['read on crm'], sentence: '' }
    add({ refusal, token_state: 'active' }, { status: 403, code: 'UNAUTHORIZED' })
    add({ token_state: 'expired', connection: null }, { status: 401, code: 'TOKEN_EXPIRED' })
    add({}, { status: 502, code: 'UPSTREAM_ERROR' })
    add({ connection: null, token: null, token_state: 'missing' }, { status: 401, code: 'INVALID_TOKEN' })
    add({ connection: 'weather' }, { status: 429, code: 'RATE_LIMITED' })
    const { rows } = await log.top({ by: 'cause', since: '1h', limit: 10 })
    expect(rows.map(({ sentence }) => sentence).sort()).toEqual([
      'No token was sent.',
      'agent has expired.',
      'agent lacks write on crm.',
      'agent on weather: rate limit reached.',
      'crm: failed or unreachable.',
    ])
  })

  it('count 50 clients of a project by name, and the others together', async () => {
    const { log, add } = logAt('2026-05-01T12:00:00Z')
    for (let index = 0; index < 60; index += 1) add({ client: `client-${index}` })
    for (let index = 0; index < 60; index += 1) add({ client: `client-${index}`, project: null })
    const { rows, names } = await log.top({ by: 'client', since: '1h', limit: 100 })
    expect(names).toBe(51)
    expect(rows.find(({ name }) => name === null)).toMatchObject({ requests: 20 })
    expect(rows.filter(({ name }) => name !== null).every(({ requests }) => requests === 2)).toBe(true)
  })
})

describe('Activity', () => {
  it.each([
    ['Asia/Kolkata', '2026-03-29', '2026-10-25'],
    ['Asia/Kathmandu', '2026-03-29', '2026-10-25'],
    ['Europe/Madrid', '2026-03-29', '2026-10-25'],
    ['America/New_York', '2026-03-08', '2026-11-01'],
    ['Australia/Lord_Howe', '2026-04-05', '2026-10-04'],
  ])('AC1 counts today in %s since its midnight, on both days of a clock change', async (timeZone, ...days) => {
    for (const day of days) {
      const { log, add, clock } = logAt(`${day}T00:00:00Z`)
      clock.move(-20 * HOUR)
      const random = createRandom(5)
      for (let index = 0; index < 600; index += 1) {
        add({}, { status: [200, 403, 502][random(3)] ?? 200 })
        clock.move(random(8 * MINUTE))
      }
      const midnight = startOfDay(clock.now(), timeZone)
      const rows = await log.list({ since: new Date(midnight).toISOString(), limit: 10_000 })
      const today = await log.summary({ since: new Date(midnight).toISOString(), steps: 48, timeZone })
      expect(rows.length).toBeGreaterThan(0)
      expect(today).toMatchObject({ requests: rows.length, from: new Date(midnight).toISOString() })
      for (const [index, step] of today.steps.entries()) {
        const until = today.steps[index + 1]?.at ?? today.to
        const within = await log.list({ since: step.at, until, limit: 10_000 })
        expect(step.requests).toBe(within.length)
        expect(step.refused + step.failed).toBe(within.filter(({ status }) => status !== 200).length)
      }
      expect(today.steps.reduce((sum, { requests }) => sum + requests, 0)).toBe(rows.length)
    }
  })

  it.each(['2026-05-01T13:59:00Z', '2026-05-01T14:01:00Z'])('AC2 counts the last 60 minutes at %s', async (now) => {
    const { log, add, clock } = logAt(now)
    clock.move(-3 * HOUR)
    while (clock.now() < Date.parse(now)) {
      add({ connection: clock.now() % 2 === 0 ? 'crm' : 'weather' })
      clock.move(47_501)
    }
    const { requests, from, to, previous } = await log.summary({ since: '1h', steps: 61 })
    expect(clock.now() - Date.parse(from)).toBeGreaterThanOrEqual(HOUR)
    expect(clock.now() - Date.parse(from)).toBeLessThan(HOUR + MINUTE)
    expect(requests).toBe((await log.list({ since: from, until: to, limit: 1000 })).length)
    expect(previous?.requests).toBeGreaterThan(70)
    const { rows } = await log.top({ by: 'connection', since: '1h', limit: 5 })
    for (const row of rows)
      expect(row.requests).toBe(
        (await log.list({ connection: row.name ?? '', since: from, until: to, limit: 1000 })).length,
      )
    expect(rows.reduce((sum, row) => sum + row.requests, 0)).toBe(requests)
  })

  it('counts the matches of any filter by step, as the log shows them', async () => {
    const { log, add, clock } = logAt('2026-05-01T12:00:00Z')
    const random = createRandom(3)
    for (let index = 0; index < 2000; index += 1) {
      add({ ...CALLERS[random(4)] }, { ...OUTCOMES[random(5)], ms: random(50) })
      clock.move(random(MINUTE))
    }
    for (const filter of [
      { status: 'denied' },
      { token: ['analyst', 'nightly'] },
      { contains: { client: 'CLAUDE' } },
      { connection: ['crm'], slower_than_ms: 20 },
      { owner_actions: 'without' as const },
      { text: 'nothing of this kind' },
    ]) {
      const found = await log.summary({ ...filter, since: '5h', steps: 40, timeZone: 'Asia/Kolkata' })
      const rows = await log.list({ ...filter, since: found.from, until: found.to, limit: 10_000 })
      expect(found).toMatchObject({ requests: rows.length, complete: true, previous: null })
      for (const [index, { at, requests }] of found.steps.entries()) {
        const until = found.steps[index + 1]?.at ?? found.to
        // The first step can start before the time.
        const since = at < found.from ? found.from : at
        expect(requests).toBe((await log.list({ ...filter, since, until, limit: 10_000 })).length)
      }
    }
    const all = await log.summary({ steps: 10 })
    expect(all.requests).toBe(2000)
  })

  it('measures the share of time that Hallpass took', async () => {
    const { log } = logAt('2026-05-01T12:00:00Z')
    const timing = { checks_ms: 1, approval_ms: 500, queue_ms: 20, upstream_ms: 40, reply_ms: 2 }
    for (let index = 0; index < 20; index += 1)
      log.open({ request_id: 'r', transport: 'proxy', method: 'get_records' }).close({ status: 200, timing })
    const { ours_p95_ms: ours, p95_ms: p95 } = await log.summary({ since: '1h', steps: 1 })
    expect(Math.abs((ours ?? 0) - 3)).toBeLessThan(0.3)
    expect(Math.abs((p95 ?? 0) - 563)).toBeLessThan(56)
  })
})

/** The last midnight of a time zone, found without the code under test. */
function startOfDay(now: number, timeZone: string): number {
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'short' })
  let at = Math.floor(now / (15 * MINUTE)) * 15 * MINUTE
  while (clock.format(at - 1) === clock.format(now)) at -= 15 * MINUTE
  return at
}
