import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { drainEventLoop } from '../support/until.ts'
import { eventually, fixture, openMcpRoom, quietClient, type McpRoom } from './support/mcp-room.ts'

const folder = mkdtempSync(join(tmpdir(), 'hallpass-mcp-catalog-'))
let room: McpRoom
beforeEach(async () => {
  room = await openMcpRoom()
})
afterEach(() => room[Symbol.asyncDispose]())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const names = (connection: string): string[] => room.mcp.catalog(connection).tools.map((tool) => tool.name)
const refreshed = (connection: string) => room.mcp.refreshed(connection, AbortSignal.timeout(20_000))

it('an upstream without a stored list has no tools at first and is listed in the background', async () => {
  room.keep('up', fixture())
  expect(room.mcp.catalog('up')).toMatchObject({ state: 'absent', tools: [], problem: null })
  await eventually(() => room.mcp.catalog('up').state === 'fresh')
  expect(names('up')).toContain('echo')
  expect(room.mcp.catalog('up')).toMatchObject({
    era: 'legacy',
    serverInfo: { name: 'fixture' },
    resources: [{ uri: 'file:///a' }],
    leftOut: null,
  })
})

it('all pages of a list are read', async () => {
  await room.add('up', fixture('paged'))
  expect(names('up')).toHaveLength(7)
})

it('after a restart the lists are read from disk, also for an upstream that is down', async () => {
  await room.add('up', fixture())
  const before = room.mcp.catalog('up').tools
  const { id } = room.store.read.connection('up') ?? { id: 0 }
  await room.restart()
  room.clock.advance(10 * 60_000)
  expect(room.mcp.catalog('up')).toMatchObject({ state: 'stale', tools: before })
  await eventually(() => room.health.some((one) => one.id === id))
})

it('a fresh list is not requested again, an old one is, and the revision changes only with the list', async () => {
  await room.add('up', fixture())
  const first = await refreshed('up')
  expect(room.mcp.diagnostics('up').starts).toBe(0)
  room.clock.advance(5 * 60_000 + 1)
  const second = await refreshed('up')
  expect(room.mcp.diagnostics('up').starts).toBe(1)
  expect(second.revision).toBe(first.revision)
  expect(second.fetchedAt).toBeGreaterThan(first.fetchedAt ?? Infinity)
})

it('a failure is reported with its reason, cached for a while, and then retried', async () => {
  room.keep('up', fixture('crash-at-list'))
  const failed = await refreshed('up')
  expect(failed).toMatchObject({ state: 'absent', problem: expect.stringMatching(/"up".*code 1/) })
  expect(room.health.at(-1)?.problem).toBe(failed.problem)
  const { starts } = room.mcp.diagnostics('up')
  for (let i = 0; i < 50; i += 1) room.mcp.catalog('up')
  await drainEventLoop()
  expect(room.mcp.diagnostics('up').starts).toBe(starts)
  room.clock.advance(16_000)
  await refreshed('up')
  expect(room.mcp.diagnostics('up').starts).toBeGreaterThan(starts)
})

it('an upstream that failed is retried, and its state shows when it is up again', async () => {
  const file = join(folder, 'broken.json')
  writeFileSync(file, 'no json')
  room.keep('up', fixture('changing', file))
  room.mcp.catalog('up')
  await eventually(() => room.health.some((one) => one.problem !== null))
  writeFileSync(file, '[{"name":"back","inputSchema":{"type":"object"}}]')
  room.clock.advance(16_000)
  // The retry's own timer runs on real time: this is what it does when it is over.
  room.mcp.catalog('up')
  await eventually(() => room.health.at(-1)?.problem === null)
  expect(names('up')).toEqual(['back'])
})

it('an upstream that hangs, crashes or lists 5 MB does not delay the tools of the others', async () => {
  await room.add('good', fixture())
  for (const [name, mode] of [
    ['hangs', 'hang'],
    ['hangs-later', 'hang-at-list'],
    ['crashes', 'crash-at-start'],
    ['big', 'big'],
  ] as const)
    room.keep(name, fixture(mode))
  // Synchronously: the catalog of none of them can be waited for.
  for (const name of ['hangs', 'hangs-later', 'crashes', 'big', 'good']) room.mcp.catalog(name)
  expect(names('good')).toContain('echo')
  await eventually(
    () => room.mcp.catalog('crashes').problem !== null && room.mcp.catalog('big').state === 'fresh',
    20_000,
  )
  expect(room.mcp.catalog('crashes').problem).toMatch(/exited with code 1 before it responded/)
  for (const name of ['hangs', 'hangs-later', 'crashes', 'big', 'good']) room.mcp.catalog(name)
  expect(names('good')).toContain('echo')
})

it('a list of 5 MB is shortened, and a note says so', async () => {
  await room.add('big', fixture('big'))
  const { tools, leftOut } = room.mcp.catalog('big')
  expect(tools.length).toBeGreaterThan(1000)
  expect(tools.length).toBeLessThan(5000)
  expect(leftOut).toBe(
    `Of its tools, the list exceeds the limit of 2000 items or 2 MiB, so only the first ${tools.length} are available.`,
  )
  expect(room.mcp.diagnostics('big').message).toBe(leftOut)
})

it('lists 500 tools of 10 upstreams without asking any of them again', async () => {
  for (let i = 0; i < 10; i += 1) await room.add(`up-${i}`, fixture('many', '50'))
  const list = (): number =>
    Array.from({ length: 10 }, (_, i) => room.mcp.catalog(`up-${i}`).tools.length).reduce((sum, one) => sum + one, 0)
  expect(list()).toBe(500)
  const starts = (): number[] => Array.from({ length: 10 }, (_, i) => room.mcp.diagnostics(`up-${i}`).starts)
  const before = starts()
  expect(list()).toBe(500)
  await drainEventLoop()
  expect(starts()).toEqual(before)
})

it('at most four upstreams start at a time for their lists', async () => {
  for (let i = 0; i < 6; i += 1) room.keep(`hang-${i}`, fixture('hang'))
  for (let i = 0; i < 6; i += 1) room.mcp.catalog(`hang-${i}`)
  await eventually(
    () =>
      Array.from({ length: 6 }, (_, i) => room.mcp.diagnostics(`hang-${i}`).starts).filter((starts) => starts > 0)
        .length === 4,
  )
  await drainEventLoop()
  expect(
    Array.from({ length: 6 }, (_, i) => room.mcp.diagnostics(`hang-${i}`).starts).filter((starts) => starts > 0),
  ).toHaveLength(4)
})

describe('list-changed', () => {
  it('notifications of a session refresh the catalog, and 1,000 of them refresh it once', async () => {
    await room.add('up', fixture('storm'))
    const heard: string[] = []
    room.mcp.onChange((name) => heard.push(name))
    const client = quietClient()
    const session = room.mcp.openSession('up', client)
    await session.opened()
    const { starts } = room.mcp.diagnostics('up')
    await session.request('tools/call', { name: 'echo', arguments: {} })
    await eventually(
      () => client.told.filter((one) => one.method === 'notifications/tools/list_changed').length === 1000,
    )
    await eventually(() => room.mcp.diagnostics('up').starts > starts)
    await drainEventLoop()
    expect(room.mcp.diagnostics('up').starts).toBe(starts + 1)
  })
})

it('listeners are told of a change until they stop listening', async () => {
  room.keep('up', fixture())
  const heard: string[] = []
  const stop = room.mcp.onChange((name) => heard.push(name))
  await refreshed('up')
  expect(heard).toEqual(['up'])
  stop()
  await room.mcp.setPermission('up', 'echo', 'write')
  expect(heard).toEqual(['up'])
})

it('deleting a connection deletes its catalog and reviews, and a new connection with that name starts empty', async () => {
  await room.add('up', fixture())
  await room.mcp.setPermission('up', 'echo', 'schema')
  const { id } = room.store.read.connection('up') ?? { id: 0 }
  room.store.write.deleteConnection(id)
  await room.mcp.forget(id)
  await room.add('up', fixture())
  expect(room.mcp.decide('up', 'echo')).toEqual({ permission: 'read', refused: null })
})
