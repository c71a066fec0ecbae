import { createServer } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { os } from '@orpc/server'
import SqliteDatabase from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EngineLink } from '../../src/contract/desktop/desktop-api.ts'
import { connectControl, engineRuns } from '../../src/control/control-client.ts'
import { startControlServer } from '../../src/control/control-server.ts'
import { attachEngine } from '../../src/main/engine/attach-engine.ts'
import { createEngineLink, type LinkedEngine } from '../../src/main/engine/create-engine-link.ts'
import { runOwnEngine } from '../../src/main/engine/own-engine.ts'
import type { EngineSources } from '../../src/main/engine/reached-engine.ts'
import { canRunEngine, startOwnEngine } from '../../src/main/engine/start-own-engine.ts'
import { version } from '../../src/engine/version.ts'
import { prepareHome, TEST_VAULT_KEY } from '../support/prepare-home.ts'
import { startTestEngine } from '../support/start-test-engine.ts'

let home: string
const open: LinkedEngine[] = []
let stopsAsked = 0

/** How far the clock of the links is ahead of the real one. */
let ahead = 0

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hallpass-link-'))
  await prepareHome(home)
  stopsAsked = 0
  ahead = 0
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((link) => link.stop(5000)))
  await rm(home, { recursive: true, force: true })
})

function linkOf(sources: Partial<EngineSources> & { port?: number } = {}): LinkedEngine {
  const { port = 0, ...given } = sources
  const options = { home, port, vaultKey: TEST_VAULT_KEY, logLevel: 'silent', sample: false }
  const link = createEngineLink({
    now: () => Date.now() + ahead,
    sources: {
      attach: () => attachEngine(home, version),
      start: () =>
        startOwnEngine(runOwnEngine, options, () => {
          stopsAsked += 1
        }),
      ...given,
    },
  })
  open.push(link)
  return link
}

function states(link: LinkedEngine): EngineLink[] {
  const seen: EngineLink[] = []
  link.follow((state) => seen.push(state))
  return seen
}

function reached(link: LinkedEngine, state: EngineLink['state']): Promise<EngineLink> {
  return new Promise((resolve) => {
    const leave = link.follow((now) => {
      if (now.state !== state) return
      resolve(now)
      queueMicrotask(() => leave())
    })
  })
}

describe('a failure to start an engine becomes a sentence with the way out', () => {
  test('for a port in use', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => {
      taken.listen(0, '127.0.0.1', resolve)
    })
    const { port } = taken.address() as { port: number }
    const link = linkOf({ port })
    const { message, retry_at } = await reached(link, 'lost')
    expect(message).toContain(`Port ${port} is in use.`)
    expect(Date.parse(retry_at ?? '')).toBeGreaterThan(Date.now())
    await expect(link.owner()).rejects.toMatchObject({ code: 'UPSTREAM_ERROR', message })
    await new Promise((resolve) => {
      taken.close(resolve)
    })
    link.retry()
    await reached(link, 'running')
  })

  test('for a data folder that another engine uses', async () => {
    await using _other = await startTestEngine({ home, sample: false })
    const { message } = await reached(linkOf(), 'lost')
    expect(message).toContain(`(process ${process.pid})`)
    expect(message).toMatch(/already running with this data folder.*stop it/)
  })

  test('for a store of a newer version', async () => {
    const other = await startTestEngine({ home, sample: false })
    await other.stop()
    const db = new SqliteDatabase(join(home, 'hallpass.db'))
    db.pragma('user_version = 9999')
    db.close()
    expect((await reached(linkOf(), 'lost')).message).toMatch(/newer/)
  })

  test('for a missing engine, and for one of an incompatible version', async () => {
    expect((await reached(linkOf({ start: null }), 'lost')).message).toBe(
      "Hallpass isn't running. Start it with hallpass serve",
    )
    expect(canRunEngine('18.15.0')).toBe(false)
    expect(canRunEngine('24.3.1')).toBe(true)
  })
})

describe("the app's own engine", () => {
  test('answers calls, and the command line finds it through the socket in the data folder', async () => {
    const link = linkOf()
    const owner = await link.owner()
    expect(link.link).toEqual({ state: 'running', message: null, retry_at: null })
    expect(await engineRuns(home)).toBe(true)
    const client = await connectControl({ home })
    await client.api.projects.create({ name: 'from-the-socket' })
    client.close()
    expect((await owner.projects.list()).map(({ name }) => name)).toContain('from-the-socket')
  })

  test('stops with the link, which reports it', async () => {
    const link = linkOf()
    await link.owner()
    const seen = states(link)
    const ended = link.stop(5000)
    expect(link.stop(5000)).toBe(ended)
    await ended
    expect(seen.at(-1)).toMatchObject({
      state: 'lost',
      message: 'Hallpass is shutting down. Waiting for running requests…',
      retry_at: null,
    })
    expect(await engineRuns(home)).toBe(false)
    await expect(link.owner()).rejects.toMatchObject({ message: expect.stringContaining('shutting down') })
    await using next = await startTestEngine({ home, sample: false })
    expect(next.url).toContain('127.0.0.1')
  })

  test('stops when the link is closed during its start', async () => {
    const link = linkOf()
    await link.stop(5000)
    expect(await engineRuns(home)).toBe(false)
  })

  test('asks the app to quit if the owner asks it to stop', async () => {
    const link = linkOf()
    await link.owner()
    const client = await connectControl({ home })
    await client.api.stop()
    client.close()
    await expect.poll(() => stopsAsked).toBe(1)
  })

  test('is given a limited time to stop', async () => {
    const link = linkOf({
      attach: async () => ({
        place: 'running',
        flushLog: () => undefined,
        owner: {} as never,
        ended: new Promise(() => {}),
        close: () => new Promise(() => {}),
      }),
    })
    await reached(link, 'running')
    const before = Date.now()
    await link.stop(50)
    expect(Date.now() - before).toBeLessThan(5000)
    // Nothing of it ends, so that another stop would wait in vain.
    open.pop()
  })
})

describe('an engine in another process', () => {
  test('is attached to and not duplicated, and continues when the link closes', async () => {
    const first = linkOf()
    await first.owner()
    const second = linkOf()
    const owner = await second.owner()
    expect(second.link.state).toBe('attached')
    expect((await owner.status()).home).toBe(home)
    await second.stop(5000)
    expect(await engineRuns(home)).toBe(true)
  })

  test('is reported immediately when it ends, and replaced by an own one if it does not come back', async () => {
    const first = linkOf()
    await first.owner()
    const second = linkOf()
    await reached(second, 'attached')
    const seen = states(second)
    await first.stop(5000)
    await reached(second, 'lost')
    const losses = (): EngineLink[] => seen.filter(({ state }) => state === 'lost')
    const before = losses().length
    second.retry()
    await expect.poll(() => losses().length).toBeGreaterThan(before)
    // Longer than the other engine has to come back.
    ahead = 60_000
    second.retry()
    await reached(second, 'running')
    // Nobody is told to start one while this one may come back, or is about to be started here.
    for (const { message } of losses())
      expect(message).toMatch(/^(Hallpass has stopped|Lost the connection to Hallpass)\. Reconnecting…$/)
    expect(await engineRuns(home)).toBe(true)
  })
})

test('of another version without live changes is reported with both versions', async () => {
  const router = { status: os.handler(() => ({ version: '0.0.1' })) }
  const server = await startControlServer({ home, router: router as never, serveStream: async () => undefined })
  try {
    const { message } = await reached(linkOf({ start: null }), 'lost')
    expect(message).toBe(
      `A different version of Hallpass is running (0.0.1; this app is ${version}). Quit it, or update both to the same version.`,
    )
  } finally {
    await server.close()
  }
})
