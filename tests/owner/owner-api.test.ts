import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HallpassError } from '../../src/contract/errors.ts'
import { connectControl } from '../../src/control/control-client.ts'
import { startControlServer } from '../../src/control/control-server.ts'
import { createOwnerRouter } from '../../src/engine/owner/create-owner-router.ts'
import type { OwnerParts } from '../../src/engine/owner/owner-parts.ts'
import { openOwner } from './support/open-owner.ts'

type ClientChoice = Parameters<NonNullable<OwnerParts['clients']>['connect']>[0]

/** What crosses the owner API for an error: its code and, where one is at fault, its field. */
const rejection = (code: string, field?: string) => ({
  code,
  data: expect.objectContaining(field === undefined ? { code } : { code, field }),
})

async function shop(more: Parameters<typeof openOwner>[0] = {}) {
  const room = openOwner(more)
  const { owner } = room
  await owner.projects.create({ name: 'shop' })
  await owner.projects.create({ name: 'other' })
  await owner.connections.create({
    name: 'sales',
    project: 'shop',
    config: { kind: 'sqlite', path: join(room.folder, 'sales.sqlite'), create: true },
  })
  return room
}

describe('dependents', () => {
  it('of an unknown item are rejected by its field', async () => {
    const { owner } = await shop()
    await expect(owner.projects.dependents({ name: 'none' })).rejects.toMatchObject(
      rejection('INVALID_REQUEST', 'name'),
    )
    await expect(owner.connections.dependents({ name: 'none' })).rejects.toMatchObject(
      rejection('INVALID_REQUEST', 'name'),
    )
    await expect(owner.connections.dependents({ name: 'sales', project: 'none' })).rejects.toMatchObject(
      rejection('INVALID_REQUEST', 'project'),
    )
    await expect(owner.tokens.dependents({ project: 'shop', name: 'none' })).rejects.toMatchObject(
      rejection('INVALID_REQUEST', 'name'),
    )
  })

  it('are named with what ends, leaving out what has already ended', async () => {
    const { owner, parts } = await shop()
    await owner.connections.include({ name: 'sales', project: 'other' })
    for (const [project, name] of [
      ['shop', 'agent'],
      ['shop', 'gone'],
      ['other', 'reader'],
    ] as const)
      await owner.tokens.create({ project, name, kind: 'access', clone: true })
    await owner.tokens.create({ project: 'shop', name: 'nothing', kind: 'access' })
    await owner.tokens.revoke({ project: 'shop', name: 'gone' })
    await owner.sessions.mint({ project: 'shop', document: 'sales', permissions: ['read'] })
    const running = parts.access.identify(
      (await owner.sessions.mint({ project: 'shop', document: 'sales', permissions: ['read'] })).token,
    )
    parts.access.enter(running, { connection: 'sales', interrupt: () => undefined })

    expect(await owner.projects.dependents({ name: 'shop' })).toEqual({
      projects: [],
      tokens: [
        { project: 'shop', name: 'agent' },
        { project: 'shop', name: 'nothing' },
      ],
      sessions: 2,
      requests_running: 1,
    })
    expect(await owner.connections.dependents({ name: 'sales' })).toEqual({
      projects: ['other', 'shop'],
      tokens: [
        { project: 'other', name: 'reader' },
        { project: 'shop', name: 'agent' },
      ],
      sessions: 2,
      requests_running: 1,
    })
    expect(await owner.connections.dependents({ name: 'sales', project: 'other' })).toEqual({
      projects: ['other'],
      tokens: [{ project: 'other', name: 'reader' }],
      sessions: 0,
      requests_running: 0,
    })
    expect(await owner.tokens.dependents({ project: 'shop', name: 'agent' })).toEqual({
      projects: [],
      tokens: [],
      sessions: 0,
      requests_running: 0,
    })
    expect(await owner.projects.delete({ name: 'shop' })).toEqual({ sessions_ended: 2, requests_cut: 1 })
  })
})

describe('tokens', () => {
  it("that can't be rotated are rejected with a message, and the error is logged", async () => {
    const { owner } = await shop()
    await owner.tokens.create({ project: 'shop', name: 'here', kind: 'local', clone: true })
    await expect(owner.tokens.rotate({ project: 'shop', name: 'here' })).rejects.toMatchObject(
      rejection('INVALID_REQUEST', 'name'),
    )
    await owner.tokens.revoke({ project: 'shop', name: 'here' })
    await expect(owner.tokens.extend({ project: 'shop', name: 'here', ttl: '30d' })).rejects.toMatchObject(
      rejection('INVALID_REQUEST', 'name'),
    )
    await expect(owner.tokens.extend({ project: 'shop', name: 'here', ttl: '' })).rejects.toMatchObject(
      rejection('INVALID_REQUEST', 'ttl'),
    )
    const rows = await owner.requests.list({ status: '400' })
    expect(rows.map((row) => row.method)).toEqual(['tokens.extend', 'tokens.rotate'])
  })

  it('get a new secret that is shown once and logged nowhere', async () => {
    const { owner, parts } = await shop()
    const { secret: old } = await owner.tokens.create({ project: 'shop', name: 'agent', kind: 'access', clone: true })
    const { secret, token } = await owner.tokens.rotate({ project: 'shop', name: 'agent' })
    expect(() => parts.access.identify(old ?? '')).toThrow(HallpassError)
    expect(parts.access.identify(secret).name).toBe('agent')
    const shown = JSON.stringify([
      await owner.tokens.list({}),
      await owner.tokens.get({ project: 'shop', name: 'agent' }),
      await owner.requests.list({}),
      token,
    ])
    expect(shown).not.toContain(secret)
    expect(shown).not.toContain(secret.slice(-20))
    expect((await owner.tokens.extend({ project: 'shop', name: 'agent', ttl: 'never' })).expires_at).toBeNull()
  })
})

describe('settings', () => {
  it.each([
    [{ port: 0 }, 'port'],
    [{ port: 65_536 }, 'port'],
    [{ port: 80.5 }, 'port'],
    [{ host: '' }, 'host'],
    [{ host: 'http://localhost' }, 'host'],
    [{ host: 'localhost:80' }, 'host'],
    [{ host: '1.2.3' }, 'host'],
    [{ host: 'a b' }, 'host'],
    [{ default_rate: 'fast' }, 'default_rate'],
    [{ default_rate: '0/s' }, 'default_rate'],
    [{ log_days: 0 }, 'log_days'],
    [{ log_rows: 1 }, 'log_rows'],
    [{ theme: 'pink' }, 'theme'],
    [{ pause_on_lock: 'yes' }, 'pause_on_lock'],
    [{ allowed_origins: ['*'] }, 'allowed_origins.0'],
    [{ nonsense: 1 }, undefined],
  ])('rejects %j by its field, and changes nothing', async (changes, field) => {
    const { owner } = openOwner()
    const before = await owner.settings.get()
    await expect(owner.settings.update({ log_days: 12, ...changes } as never)).rejects.toMatchObject(
      rejection('INVALID_REQUEST', field),
    )
    expect(await owner.settings.get()).toEqual(before)
  })

  it.each([
    { port: 1024 },
    { host: '0.0.0.0' },
    { host: '::1' },
    { host: 'localhost' },
    { host: 'my-machine.local' },
    { default_rate: 'none' },
    { default_rate: '100/s' },
    { log_days: 90 },
    { log_rows: 5000 },
    { log_mode: 'strict' as const },
    { theme: 'dark' as const },
    { pause_on_lock: true },
    { allowed_origins: ['https://app.example.com'] },
  ])('applies %j and leaves the rest unchanged', async (changes) => {
    const { owner } = openOwner()
    const before = await owner.settings.get()
    expect(await owner.settings.update(changes)).toEqual({ ...before, ...changes })
    expect(await owner.settings.get()).toEqual({ ...before, ...changes })
  })
})

describe('the log', () => {
  it('explains that a missing row was deleted', async () => {
    const { owner } = openOwner()
    await expect(owner.requests.get({ id: 99 })).rejects.toMatchObject(rejection('INVALID_REQUEST', 'id'))
    expect(await owner.requests.bounds()).toBeNull()
    await expect(owner.requests.summary({ since: 'soon', steps: 5 })).rejects.toMatchObject(
      rejection('INVALID_REQUEST', 'since'),
    )
    await expect(owner.requests.summary({ since: '1h', steps: 501 })).rejects.toMatchObject(
      rejection('INVALID_REQUEST', 'steps'),
    )
    await expect(owner.requests.scan({ status: 'odd' })).rejects.toMatchObject(rejection('INVALID_REQUEST', 'status'))
    await expect(owner.requests.export({ format: 'csv', since: 'soon' })).rejects.toMatchObject(
      rejection('INVALID_REQUEST', 'since'),
    )
  })

  it('is read, counted and exported through the owner API', async () => {
    const { owner } = await shop()
    const rows = await owner.requests.list({})
    expect(await owner.requests.bounds()).toEqual({ first_id: 1, last_id: rows.length, rows: rows.length })
    expect(await owner.requests.get({ id: 1 })).toEqual(rows.at(-1))
    expect(await owner.requests.scan({})).toEqual({ rows, next_before_id: null })
    expect((await owner.requests.summary({ since: '1h', steps: 60 })).requests).toBe(rows.length)
    expect((await owner.requests.summary({ since: '1h', steps: 60, connection: 'sales' })).requests).toBeGreaterThan(0)
    const pieces = []
    for await (const piece of await owner.requests.export({ format: 'jsonl' })) pieces.push(piece)
    const exported = pieces
      .flatMap((piece) => piece.text.trimEnd().split('\n'))
      .map((line) => JSON.parse(line) as unknown)
    expect(exported).toEqual(rows.toReversed().map((row) => expect.objectContaining(row) as unknown))
    expect(pieces.at(-1)?.rows).toBe(rows.length)
  })
})

describe('a long log', () => {
  it('is exported over the control socket until its reader leaves', async () => {
    const { owner, parts, home } = openOwner()
    const opening = { request_id: 'r', transport: 'proxy' as const, method: 'get_records' }
    for (let index = 0; index < 5000; index += 1) parts.log.rejected(opening, { status: 200 })
    let looks = 0
    const between = parts.store.requests.sealedBetween
    parts.store.requests.sealedBetween = (filter, span) => {
      looks += 1
      return between(filter, span)
    }
    const server = await startControlServer({
      home,
      router: createOwnerRouter(parts),
      serveStream: () => Promise.resolve(),
    })
    const client = await connectControl({ home })
    try {
      const cancel = new AbortController()
      const pieces = await client.api.requests.export({ format: 'csv' }, { signal: cancel.signal })
      expect((await pieces.next()).value).toMatchObject({ rows: 500 })
      cancel.abort()
      let rows = 0
      for await (const piece of await client.api.requests.export({ format: 'jsonl' })) rows = piece.rows
      expect(rows).toBe(5000)
      // Ten slices for the whole of it, and few for the one that was left.
      expect(looks).toBeLessThanOrEqual(20)
      expect(await owner.requests.list({ limit: 3, before_id: 100 })).toHaveLength(3)
    } finally {
      client.close()
      await server.close()
    }
  })
})

describe('approvals', () => {
  it('that nobody waits for are rejected', async () => {
    const { owner } = openOwner()
    await expect(owner.approvals.decide({ id: 'none', decision: 'once' })).rejects.toMatchObject(
      rejection('INVALID_REQUEST', 'id'),
    )
    expect(await owner.approvals.list()).toEqual([])
    expect((await owner.status()).approvals_waiting).toBe(0)
  })

  it('are listed, counted, decided on and announced', async () => {
    const { owner, parts } = await shop()
    const events = await owner.changes.follow()
    await events.next()
    const asked = parts.approvals.ask(
      {
        project: 'shop',
        token: 'agent',
        client: null,
        connection: 'sales',
        permissions: ['write'],
        resources: null,
        reason: 'because',
        ttl_seconds: 60,
      },
      new AbortController().signal,
    )
    expect((await events.next()).value).toEqual({ topics: ['state', 'approvals'] })
    const [waiting] = await owner.approvals.list()
    expect(waiting).toMatchObject({ token: 'agent', reason: 'because' })
    expect((await owner.status()).approvals_waiting).toBe(1)
    await owner.approvals.decide({ id: waiting?.id ?? '', decision: 'while' })
    expect(await asked).toBe('while')
    expect(await owner.approvals.list()).toEqual([])
    await events.return()
  })
})

describe('interfaces that may be missing', () => {
  it('are reported in a sentence', async () => {
    const { owner } = await shop()
    await expect(owner.console.signInLink()).rejects.toMatchObject(rejection('INVALID_REQUEST'))
    await expect(owner.clients.list({ project: 'shop' })).rejects.toMatchObject(rejection('INVALID_REQUEST'))
    expect((await owner.status()).clients_available).toBe(false)
  })

  it("change no client's configuration for an unknown project or token", async () => {
    const seen: ClientChoice[] = []
    const record = {
      id: 'cursor',
      name: 'Cursor',
      state: 'connected' as const,
      config_path: '/x',
      projects: ['demo'],
      message: null,
      token: null,
    }
    const keep = (choice: ClientChoice) => {
      seen.push(choice)
      return Promise.resolve(record)
    }
    const { owner } = await shop({
      clients: {
        list: () => Promise.resolve([record]),
        connect: keep,
        disconnect: keep,
        restore: keep,
        preview: async (choice, act) => ({
          config_path: act,
          before: null,
          after: (await keep(choice)).id,
          diff: '',
          version: '1',
        }),
      },
    })
    await expect(owner.clients.list({ project: 'none' })).rejects.toMatchObject(rejection('INVALID_REQUEST', 'project'))
    await expect(owner.clients.connect({ client: 'cursor', project: 'none' })).rejects.toMatchObject(
      rejection('INVALID_REQUEST', 'project'),
    )
    await expect(owner.clients.connect({ client: 'cursor', project: 'shop', token: 'none' })).rejects.toMatchObject(
      rejection('INVALID_REQUEST', 'token'),
    )
    await expect(owner.clients.preview({ client: 'cursor', project: 'none', act: 'connect' })).rejects.toMatchObject(
      rejection('INVALID_REQUEST', 'project'),
    )
    expect(seen).toEqual([])
    expect(await owner.clients.connect({ client: 'cursor', project: 'shop' })).toMatchObject(record)
    expect(await owner.clients.preview({ client: 'cursor', project: 'shop', act: 'disconnect' })).toMatchObject({
      config_path: 'disconnect',
    })
    expect(seen).toMatchObject([
      { client: 'cursor', project: 'shop', token: null },
      { client: 'cursor', project: 'shop', token: null },
    ])
    expect((await owner.requests.list({ method: 'clients.connect', status: 'ok' })).map((row) => row.resource)).toEqual(
      ['cursor'],
    )
  })
})
