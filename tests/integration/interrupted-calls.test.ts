import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { RequestRecord } from '../../src/contract/records.ts'
import { eachRow } from '../../src/contract/owner-api/log-events.ts'
import { openSession } from '../bridge/support/start-bridge-rig.ts'
import { startScriptedUpstream, tool } from '../bridge/support/scripted-upstream.ts'
import { startHttpUpstream } from '../http-apis/support/start-http-upstream.ts'
import { fixture } from '../mcp-upstreams/support/mcp-room.ts'
import { startRunningTime, type RunningTime } from '../support/running-time.ts'
import { post, startTestEngine, type TestEngine } from '../support/start-test-engine.ts'

/** How soon after the owner's action began the call has ended, by its row. */
const WITHIN_MS = 50
const ENDLESS =
  'with recursive r(n) as (select 1 union all select n + 1 from r) select n, hex(zeroblob(500)) pad from r limit 500000'

const SLOW = 'with recursive r(n) as (select 1 union all select n + 1 from r) select count(*) from r'
/** The one operation of the HTTP API. */
const OPENAPI = JSON.stringify({
  openapi: '3.1.0',
  info: { title: 'api', version: '1' },
  paths: { '/file': { get: { operationId: 'file', responses: { 200: { description: 'endless' } } } } },
})

/** Each runs a call that doesn't end by itself, through another interface to another kind of upstream. */
const CALLS = {
  'a document stream over the proxy': { connection: 'sales', start: streamDocument },
  'a download from an HTTP API': { connection: 'api', start: download },
  'a tool on a document': { connection: 'sales', start: callTool('sql_query', { document: 'sales', query: SLOW }) },
  'a tool of an HTTP API': { connection: 'api', start: callTool('api__file', {}) },
  'an MCP call to an HTTP upstream': { connection: 'up', start: callTool('up__waits', {}) },
  'an MCP call to a stdio upstream': { connection: 'child', start: callTool('child__slow', { forever: true }) },
}
type CallName = keyof typeof CALLS
const NAMES = Object.keys(CALLS) as CallName[]

interface Action {
  action: string
  act(rig: Rig, connection: string): Promise<unknown>
  /** Lets the next test call again. */
  undo?(rig: Rig, connection: string): Promise<unknown>
  status: number
  code: string
}
const ACTIONS: Action[] = [
  {
    action: 'pausing',
    act: ({ engine }) => engine.owner.pause(),
    undo: ({ engine }) => engine.owner.resume(),
    status: 503,
    code: 'PAUSED',
  },
  {
    action: 'revoking the token',
    act: ({ engine }) => engine.owner.tokens.revoke({ project: 'demo', name: 'agent' }),
    status: 401,
    code: 'TOKEN_EXPIRED',
  },
  {
    action: 'deleting the token',
    act: ({ engine }) => engine.owner.tokens.delete({ project: 'demo', name: 'agent' }),
    status: 401,
    code: 'TOKEN_EXPIRED',
  },
  {
    action: 'excluding the connection',
    act: ({ engine }, name) => engine.owner.connections.exclude({ project: 'demo', name }),
    undo: ({ engine }, name) => engine.owner.connections.include({ project: 'demo', name }),
    status: 403,
    code: 'UNAUTHORIZED',
  },
]

describe('a running call', { timeout: 60_000 }, () => {
  describe('while the engine continues', () => {
    let rig: Rig
    beforeAll(async () => {
      rig = await startRig()
    })
    afterAll(() => rig.close())
    afterEach(() => rig.engine.owner.tokens.delete({ project: 'demo', name: 'agent' }).catch(() => undefined))

    test.each(ACTIONS.flatMap((action) => NAMES.map((name) => ({ ...action, name }))))(
      '$name is interrupted immediately by $action',
      async ({ name, act, undo, status, code }) => {
        const { connection, start } = CALLS[name]
        await rig.begin()
        // Whether the client reads an error or a broken stream depends on what it had already.
        const ended = Promise.allSettled([start(rig)])
        await rig.running(connection)
        const began = Date.now()
        await act(rig, connection)
        const row = await rig.closed(connection)
        expect(row).toMatchObject({ connection, token_kind: expect.any(String), status, code })
        expect(rig.time.between(began, endOf(row))).toBeLessThan(WITHIN_MS)
        await ended
        await undo?.(rig, connection)
      },
    )
  })

  test.each(NAMES)('%s is interrupted when Hallpass stops, without blaming the upstream', async (name) => {
    const rig = await startRig()
    try {
      const { connection, start } = CALLS[name]
      await rig.begin()
      const ended = Promise.allSettled([start(rig)])
      await rig.running(connection)
      const began = Date.now()
      await rig.engine.stop()
      await ended
      await using after = await startTestEngine({ home: rig.home, sample: false })
      const [row] = await after.owner.requests.list({ connection, limit: 1 })
      expect(row).toMatchObject({ status: 502, code: 'UPSTREAM_ERROR' })
      expect(rig.time.between(began, endOf(row))).toBeLessThan(WITHIN_MS)
    } finally {
      await rig.close()
    }
  })
})

/** When a call ended. */
function endOf(row: RequestRecord | undefined): number {
  return Date.parse(row?.time ?? '') + (row?.duration_ms ?? Number.NaN)
}

interface Rig {
  engine: TestEngine
  time: RunningTime
  home: string
  readonly token: string
  /** Creates the token, with everything on all connections, and forgets the rows of the test before. */
  begin(): Promise<void>
  session(connection: string): Promise<string>
  running(connection: string): Promise<void>
  closed(connection: string): Promise<RequestRecord>
  close(): Promise<void>
}

async function startRig(): Promise<Rig> {
  const open: (() => unknown)[] = []
  const time = startRunningTime()
  open.push(() => time.stop())
  const home = mkdtempSync(join(tmpdir(), 'hallpass-interrupted-'))
  open.push(() => rmSync(home, { recursive: true, force: true }))
  const engine = await startTestEngine({ home, drainMs: 0 })
  open.push(() => engine.stop())
  const api = await startHttpUpstream()
  open.push(() => api[Symbol.asyncDispose]())
  api.answer = (_request, response) => void response.write('begun')
  const upstream = await startScriptedUpstream({ tools: [tool('waits')], call: () => new Promise(() => undefined) })
  open.push(() => upstream.close())
  const { owner } = engine
  await owner.connections.create({
    name: 'api',
    project: 'demo',
    config: { kind: 'http', url: api.url, openapi: { source: { text: OPENAPI }, operations: ['file'] } },
  })
  await owner.connections.create({ name: 'up', project: 'demo', config: { kind: 'mcp', url: upstream.url } })
  await owner.connections.create({ name: 'child', project: 'demo', config: fixture() })
  let token = ''
  /** Calls of earlier tests, which the upstream never answers. */
  let earlier = 0
  const closings = new Map<string, RequestRecord>()
  const starts = new Set<string>()
  const follow = async (): Promise<void> => {
    for await (const row of eachRow(await owner.requests.follow({ project: 'demo' }))) {
      if (row.connection === null || row.transport === 'control' || row.method === 'request_session_token') continue
      if (row.status === null) starts.add(row.connection)
      else closings.set(row.connection, row)
    }
  }
  follow().catch(() => undefined)
  return {
    engine,
    time,
    home,
    get token() {
      return token
    },
    async begin() {
      const { secret } = await owner.tokens.create({ project: 'demo', name: 'agent', kind: 'access', clone: true })
      token = secret ?? ''
      starts.clear()
      closings.clear()
      api.seen.length = 0
      earlier = upstream.running
    },
    async session(connection) {
      const { body } = await post(`${engine.url}/api/v1/sessions`, token, { connection, permissions: ['read'] })
      return body['token'] as string
    },
    async running(connection) {
      await expect.poll(() => starts.has(connection), { timeout: 20_000, interval: 10 }).toBe(true)
      // The upstream has the call by then: its row was opened before the call was sent.
      if (connection === 'up') await expect.poll(() => upstream.running).toBe(earlier + 1)
      if (connection === 'api') await expect.poll(() => api.seen.length).toBeGreaterThan(0)
    },
    async closed(connection) {
      await expect.poll(() => closings.has(connection), { interval: 5 }).toBe(true)
      return closings.get(connection) as RequestRecord
    },
    async close() {
      for (const end of open.toReversed()) await end()
    },
  }
}

async function streamDocument(rig: Rig): Promise<void> {
  const reply = await fetch(`${rig.engine.url}/api/v1/proxy`, {
    method: 'POST',
    body: JSON.stringify({ method: 'sql_query', query: ENDLESS }),
    headers: {
      authorization: `Bearer ${await rig.session('sales')}`,
      'content-type': 'application/json',
      accept: 'application/x-ndjson',
    },
  })
  await reply.text()
}

async function download(rig: Rig): Promise<void> {
  const reply = await fetch(`${rig.engine.url}/api/v1/http/api/file`, {
    headers: { authorization: `Bearer ${await rig.session('api')}` },
  })
  await reply.text()
}

function callTool(name: string, args: object): (rig: Rig) => Promise<void> {
  return async (rig) => {
    const session = await openSession(`${rig.engine.url}/projects/demo/mcp`, rig.token)
    await session.tool(name, args)
  }
}
