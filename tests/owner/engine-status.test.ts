import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createProbeMemory } from '../../src/engine/operations/probe-memory.ts'
import { createTestClock } from '../support/test-clock.ts'
import { scriptedCommand } from '../mcp-upstreams/support/scripted-command.ts'
import { startTestEngine } from '../support/start-test-engine.ts'

test('reports an unavailable secret store, and when it is available again', async () => {
  const clock = createTestClock()
  let works = false
  let asked = 0
  let changes = 0
  const memory = createProbeMemory({
    clock,
    onChange: () => (changes += 1),
    probe: async () => {
      asked += 1
      if (!works) throw new Error('locked')
    },
  })
  // The first call starts the check and doesn't wait for it, because a keychain can be slow.
  expect(memory.ok).toBe(true)
  await expect.poll(() => memory.ok).toBe(false)
  works = true
  expect([memory.ok, asked, changes]).toEqual([false, 1, 1])
  clock.advance(15_000)
  await expect.poll(() => memory.ok).toBe(true)
  expect([asked, changes]).toEqual([2, 2])
})

test('status contains the counts and names that the tray shows', async () => {
  await using engine = await startTestEngine()
  expect(await engine.owner.status()).toMatchObject({
    approvals_waiting: 0,
    connections_down: [],
    last_request_at: null,
    paused: false,
  })
  const before = (await engine.owner.status()).requests_today
  const { token } = await engine.owner.sessions.mint({ project: 'demo', document: 'sales', permissions: ['read'] })
  await fetch(`${engine.url}/api/v1/proxy`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{"method":"list_tables"}',
  })
  const after = await engine.owner.status()
  expect(after).toMatchObject({ requests_today: before + 2, sessions_active: 1, secret_store_ok: true })
  expect(Date.now() - Date.parse(after.last_request_at ?? '')).toBeLessThan(60_000)
})

test('status says since when and by whom all access is paused, also after a restart', async () => {
  const clock = createTestClock()
  const home = mkdtempSync(join(tmpdir(), 'hallpass-paused-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const pausedAt = new Date(clock.now()).toISOString()
  {
    await using engine = await startTestEngine({ home, clock })
    expect(await engine.owner.status()).toMatchObject({ paused: false, paused_since: null, paused_by: null })
    await engine.owner.pause({ by: 'lock' })
    clock.advance(60_000)
    // It is paused already.
    await engine.owner.pause()
    expect(await engine.owner.status()).toMatchObject({ paused: true, paused_since: pausedAt, paused_by: 'lock' })
  }
  await using engine = await startTestEngine({ home, clock })
  expect(await engine.owner.status()).toMatchObject({ paused: true, paused_since: pausedAt, paused_by: 'lock' })
  await engine.owner.resume()
  expect(await engine.owner.status()).toMatchObject({ paused: false, paused_since: null, paused_by: null })
  clock.advance(60_000)
  await engine.owner.pause()
  expect(await engine.owner.status()).toMatchObject({
    paused_since: new Date(clock.now()).toISOString(),
    paused_by: 'owner',
  })
  // Figures know both: the one that lasted through the restart, and the one that is on.
  const { pauses } = await engine.owner.requests.summary({ since: '24h', steps: 24 })
  const at = (minutes: number) => new Date(Date.parse(pausedAt) + minutes * 60_000).toISOString()
  expect(pauses).toEqual([
    { from: at(0), to: at(1) },
    { from: at(2), to: null },
  ])
  clock.advance(2 * 60 * 60_000)
  expect((await engine.owner.requests.summary({ since: '1h', steps: 60 })).pauses).toEqual([{ from: at(2), to: null }])
})

test('the secret store is checked when the owner asks', async () => {
  await using engine = await startTestEngine({ vaultKey: 'short' })
  expect((await engine.owner.checkSecretStore()).problem).toMatch(/\w/)
  expect(await engine.owner.status()).toMatchObject({ secret_store_ok: false, problems: [{ with: 'secrets' }] })
  await using works = await startTestEngine()
  expect(await works.owner.checkSecretStore()).toEqual({ problem: null })
})

test('status reports a missing secret store', async () => {
  await using engine = await startTestEngine({ vaultKey: 'short' })
  await engine.owner.status()
  await expect.poll(async () => (await engine.owner.status()).secret_store_ok).toBe(false)
})

test('status names the connections with tools that need review, until they are accepted', async () => {
  await using engine = await startTestEngine()
  const tool = { name: 'pay', inputSchema: { type: 'object' } }
  const config = scriptedCommand(engine.home, 'up', { tools: [tool] })
  await engine.owner.connections.create({ name: 'up', project: 'demo', config })
  expect((await engine.owner.status()).notices).toEqual([])
  scriptedCommand(engine.home, 'up', { tools: [{ ...tool, description: 'Pays twice.' }] })
  expect(await engine.owner.connections.refreshTools({ name: 'up' })).toEqual({ tools: 1, needs_review: 1 })
  expect((await engine.owner.status()).notices).toEqual([
    expect.stringMatching(/"up": 1 tool needs review.*hallpass tools up/),
  ])
  const newestChange = async () => (await engine.owner.requests.list({ owner_actions: 'only', limit: 1 }))[0]?.change
  await engine.owner.connections.acceptTools({ name: 'up', tools: ['pay'] })
  expect(await newestChange()).toEqual({
    before: { 'tool pay: state': 'changed' },
    after: { 'tool pay: state': 'accepted' },
  })
  await engine.owner.connections.setToolsEnabled({ name: 'up', tools: ['pay'], enabled: false })
  expect(await newestChange()).toEqual({ before: { 'tool pay: enabled': true }, after: { 'tool pay: enabled': false } })
  await engine.owner.connections.setToolPermission({ name: 'up', tool: 'pay', permission: 'schema' })
  expect((await newestChange())?.after).toEqual({ 'tool pay: permission': 'schema' })
  expect((await engine.owner.status()).notices).toEqual([])
})
