import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientReporting } from '../../src/engine/clients/reports-as.ts'
import { KNOWN_CLIENTS } from '../../src/engine/clients/known-clients.ts'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'
import { until } from '../support/until.ts'

const LAUNCH = [process.execPath, join(import.meta.dirname, '../../bin/hallpass')]

describe('clients that use a project', () => {
  let folder: string
  let engine: TestEngine
  const clients = () => ({
    launch: { command: LAUNCH, environment: {} },
    places: { platform: 'linux' as const, home: folder, environment: {} },
  })
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hallpass-sightings-'))
    mkdirSync(join(folder, '.cursor'))
    writeFileSync(join(folder, '.cursor', 'mcp.json'), '{}')
    engine = await startTestEngine({ home: join(folder, 'home'), clients: clients() })
  })
  afterAll(async () => {
    await engine.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const cursor = async () => (await engine.owner.clients.list({ project: 'demo' })).find(({ id }) => id === 'cursor')
  const connect = async (name: string, version: string, secret: string | null) => {
    const client = new Client({ name, version })
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${engine.url}/projects/demo/mcp`), {
        requestInit: { headers: { Authorization: `Bearer ${secret}` } },
      }),
    )
    return client
  }

  test('CN2 shows a new client within a second, with its version, its sessions and a notice', async () => {
    const { secret } = await engine.owner.tokens.create({ project: 'demo', name: 'agent', kind: 'access', clone: true })
    expect(await cursor()).toMatchObject({ last_seen_at: null, version: null, sessions_open: 0, restart_needed: false })
    await engine.owner.clients.connect({ client: 'cursor', project: 'demo', token: 'local-agent' })
    expect(await cursor()).toMatchObject({ state: 'connected', token: 'local-agent', restart_needed: true })

    const leaving = new AbortController()
    const changes = await engine.owner.changes.follow(undefined, { signal: leaving.signal })
    await changes.next()
    const other = await connect('another-client', '9', secret)
    expect(await cursor()).toMatchObject({ last_seen_at: null, restart_needed: true })
    await other.close()

    const client = await connect('cursor-vscode', '1.4.0', secret)
    expect(await cursor()).toMatchObject({ version: '1.4.0', sessions_open: 1, restart_needed: false })
    const first = (await cursor())?.last_seen_at ?? ''
    await client.listTools()
    for await (const { topics } of changes) if (topics.includes('clients')) break
    leaving.abort()
    expect(Date.parse((await cursor())?.last_seen_at ?? '')).toBeGreaterThanOrEqual(Date.parse(first))
    await (client.transport as StreamableHTTPClientTransport).terminateSession()
    await client.close()
    await until('the session is gone', async () => (await cursor())?.sessions_open === 0)
  })

  test('CN2 shows no client for a call that is rejected because of its token', async () => {
    await expect(connect('goose', '1', 'hp_pat_none')).rejects.toThrow()
    const all = await engine.owner.clients.list({ project: 'demo' })
    expect(all.find(({ id }) => id === 'goose')).toMatchObject({ last_seen_at: null, sessions_open: 0 })
  })

  test('CN2 keeps every client through a restart of Hallpass', async () => {
    const seen = (await cursor())?.last_seen_at
    await engine.stop()
    engine = await startTestEngine({ home: join(folder, 'home'), clients: clients() })
    expect(await cursor()).toMatchObject({ last_seen_at: seen, version: '1.4.0', restart_needed: false })
    await engine.owner.clients.disconnect({ client: 'cursor', project: 'demo' })
    expect(await cursor()).toMatchObject({ state: 'installed', token: null, restart_needed: false })
  })

  test('CN5 counts the tools and context that a client of the token lists, in each mode', async () => {
    const { owner } = engine
    await owner.tokens.create({
      project: 'demo',
      name: 'reader',
      kind: 'local',
      grants: [{ connection: 'sales', permissions: ['read'] }],
    })
    const counted = async (token: string, mode: 'all' | 'search') => {
      const { secret } = await owner.tokens.create({
        project: 'demo',
        name: `${token}-${mode}`,
        kind: 'access',
        mode,
        grants: (await owner.tokens.get({ project: 'demo', name: token })).grants,
      })
      const client = await connect('counter', '1', secret)
      const { tools } = await client.listTools()
      await client.close()
      const characters = tools.map(({ name, description, inputSchema }) =>
        JSON.stringify({ name, description, inputSchema }),
      )
      return { tools: tools.length, context_tokens: Math.round(characters.join('').length / 4) }
    }
    const shown = { all: await counted('local-agent', 'all'), search: await counted('local-agent', 'search') }
    expect(shown.search.tools).toBe(3)
    expect(await owner.clients.toolsShown({ project: 'demo', token: 'local-agent' })).toEqual({ ...shown, alone: null })
    const reader = await owner.clients.toolsShown({ project: 'demo', token: 'reader' })
    expect(reader.all).toEqual(await counted('reader', 'all'))
    expect(reader.all.tools).toBeLessThan(shown.all.tools)
    await owner.pause()
    expect(await owner.clients.toolsShown({ project: 'demo', token: 'reader' })).toEqual(reader)
    await owner.resume()
    await expect(owner.clients.toolsShown({ project: 'demo', token: 'nobody' })).rejects.toMatchObject({
      data: { code: 'INVALID_REQUEST', field: 'token' },
    })
    await expect(owner.clients.toolsShown({ project: 'demo', token: 'reader-all' })).rejects.toMatchObject({
      data: { code: 'INVALID_REQUEST', field: 'token' },
    })
  })

  test('TP3 previews which tools each client of a token gains and loses, and whose configuration names it', async () => {
    const { owner } = engine
    const grants = [{ connection: 'sales', permissions: ['read' as const] }]
    const { secret } = await owner.tokens.create({ project: 'demo', name: 'gaining', kind: 'access', grants })
    const client = await connect('claude-code', '2', secret)
    const names = async () => (await client.listTools()).tools.map(({ name }) => name)
    const before = await names()
    const update = (name: string, set: object) => ({ project: 'demo', name, revision: 1, set })
    const more = { grants: [{ connection: 'sales', permissions: ['read' as const, 'write' as const] }] }
    const announced = await owner.tokens.previewUpdate(update('gaining', more))
    expect(await names()).toEqual(before)
    await owner.tokens.update(update('gaining', more))
    const after = await names()
    const gained = after.filter((name) => !before.includes(name)).length
    expect(gained).toBeGreaterThan(0)
    expect(announced).toMatchObject({
      clients: [{ client: 'Claude Code', tools_added: gained, tools_removed: 0 }],
      entries_drifted: [],
    })
    const searching = await owner.tokens.previewUpdate({ ...update('gaining', { mode: 'search' }), revision: 2 })
    expect(searching.clients).toEqual([{ client: 'Claude Code', tools_added: 3, tools_removed: after.length }])
    await client.close()

    await owner.tokens.create({ project: 'demo', name: 'configured', kind: 'local', grants })
    await owner.clients.connect({ client: 'cursor', project: 'demo', token: 'configured' })
    const rename = update('configured', { name: 'moved' })
    expect(await owner.tokens.previewUpdate(rename)).toMatchObject({ clients: [], entries_drifted: ['Cursor'] })
    await owner.tokens.update(rename)
    expect(await cursor()).toMatchObject({ state: 'drifted', token: 'configured' })
    const history = await owner.tokens.history({ project: 'demo', name: 'moved' })
    expect(history.rows.map(({ method }) => method)).toEqual(['tokens.update', 'tokens.create'])
    await owner.clients.disconnect({ client: 'cursor', project: 'demo' })
  })

  test('keeps preferences that an update omits, and uses defaults for unreadable parts', async () => {
    const { owner } = engine
    expect(await owner.preferences.get()).toMatchObject({ first_run: 'open', recent: [] })
    const recent = [{ kind: 'token' as const, name: 'reader', project: 'demo' }]
    await owner.preferences.set({ recent })
    expect(await owner.preferences.set({ first_run: 'skipped' })).toMatchObject({ first_run: 'skipped', recent })
    await expect(owner.preferences.set({ first_run: 'never' as 'done' })).rejects.toMatchObject({
      data: { code: 'INVALID_REQUEST' },
    })
    expect(await owner.preferences.get()).toMatchObject({ first_run: 'skipped', recent })
  })

  test.each([
    ['claude-ai', 'claude-desktop'],
    ['claude-code', 'claude-code'],
    ['cursor-vscode', 'cursor'],
    ['Visual Studio Code', 'vscode'],
    ['Visual-Studio-Code', 'vscode'],
    ['Visual Studio', 'visual-studio'],
    ['codex-mcp-client', 'codex'],
    ['gemini-cli-mcp-client', 'gemini-cli'],
    ['windsurf-client', 'windsurf'],
    ['github-copilot-developer', 'copilot-cli'],
    ['Kilo-Code', 'kilo'],
    ['Roo-Code', 'roo'],
    ['antigravity-client', 'antigravity'],
    ['inspector', null],
  ])('CN2 %s is %s', (reported, id) => {
    expect(clientReporting(reported, KNOWN_CLIENTS)).toBe(id)
  })
})
