import { call, isProcedure } from '@orpc/server'
import { describe, expect, test } from 'vitest'
import { isContractProcedure } from '@orpc/contract'
import { desktopApi, type EngineLink } from '../../src/contract/desktop/desktop-api.ts'
import { rowsOf, type LogEvent } from '../../src/contract/owner-api/log-events.ts'
import { HallpassError } from '../../src/contract/errors.ts'
import type { LinkedEngine } from '../../src/main/engine/create-engine-link.ts'
import { createDesktopRouter } from '../../src/main/ipc/create-desktop-router.ts'
import { followLink } from '../../src/main/ipc/follow-link.ts'
import { startTestEngine } from '../support/start-test-engine.ts'

const RUNNING: EngineLink = { state: 'running', message: null, retry_at: null }

function paths(part: unknown, leaf: (value: unknown) => boolean, at = ''): string[] {
  if (leaf(part)) return [at]
  return Object.entries(part as object).flatMap(([name, below]) =>
    paths(below, leaf, at === '' ? name : `${at}.${name}`),
  )
}

function linked(owner: unknown, link = RUNNING): LinkedEngine {
  return {
    link,
    owner: async () => {
      if (owner === null) throw new HallpassError('UPSTREAM_ERROR', link.message ?? '')
      return owner as never
    },
    follow: (listener) => {
      listener(link)
      return () => undefined
    },
    flushLog: () => undefined,
    retry: () => undefined,
    stop: async () => undefined,
  }
}

function routerOver(engine: LinkedEngine, agrees = false) {
  const reported: HallpassError[] = []
  const info = { app_version: '1', platform: 'linux' as const, open_at_login: false, open_at_login_possible: false }
  const shell = {
    info: () => info,
    setOpenAtLogin: () => info,
    chooseFile: async () => ({ path: null }),
    copyToken: async () => ({}),
    openLink: async () => ({}),
    openSignIn: async () => undefined,
    confirm: async () => agrees,
  }
  const router = createDesktopRouter({ engine, shell, report: (error) => reported.push(error) })
  return { router, reported, owner: router.owner as any }
}

describe('the calls of the window', () => {
  test('are those in the contract, procedure by procedure', () => {
    const { router } = routerOver(linked(null))
    const served = paths(router, isProcedure).sort()
    expect(served).toEqual(paths(desktopApi, isContractProcedure).sort())
    // Whoever widens it sees it here: a page that was taken over can call all of these and nothing else.
    expect(served).toMatchInlineSnapshot(`
      [
        "owner.approvals.decide",
        "owner.approvals.list",
        "owner.attention.list",
        "owner.attention.snooze",
        "owner.attention.wake",
        "owner.changes.follow",
        "owner.checkSecretStore",
        "owner.clients.connect",
        "owner.clients.disconnect",
        "owner.clients.list",
        "owner.clients.preview",
        "owner.clients.restore",
        "owner.clients.toolsShown",
        "owner.connections.acceptTools",
        "owner.connections.access",
        "owner.connections.config",
        "owner.connections.create",
        "owner.connections.delete",
        "owner.connections.dependents",
        "owner.connections.diagnostics",
        "owner.connections.exclude",
        "owner.connections.get",
        "owner.connections.http",
        "owner.connections.include",
        "owner.connections.inspectOpenapi",
        "owner.connections.list",
        "owner.connections.previewUpdate",
        "owner.connections.refreshOpenapi",
        "owner.connections.refreshTools",
        "owner.connections.rejectTools",
        "owner.connections.rename",
        "owner.connections.replaceSecret",
        "owner.connections.setToolPermission",
        "owner.connections.setToolsEnabled",
        "owner.connections.signIn",
        "owner.connections.tables",
        "owner.connections.test",
        "owner.connections.tools",
        "owner.connections.undoReview",
        "owner.connections.update",
        "owner.pause",
        "owner.preferences.get",
        "owner.preferences.set",
        "owner.presets.delete",
        "owner.presets.list",
        "owner.presets.save",
        "owner.projects.create",
        "owner.projects.delete",
        "owner.projects.dependents",
        "owner.projects.get",
        "owner.projects.list",
        "owner.projects.rename",
        "owner.projects.update",
        "owner.requests.active",
        "owner.requests.bounds",
        "owner.requests.export",
        "owner.requests.follow",
        "owner.requests.get",
        "owner.requests.list",
        "owner.requests.payload",
        "owner.requests.scan",
        "owner.requests.summary",
        "owner.requests.top",
        "owner.requests.verify",
        "owner.resume",
        "owner.search",
        "owner.sessions.list",
        "owner.sessions.mint",
        "owner.sessions.revoke",
        "owner.sessions.revokeAll",
        "owner.settings.check",
        "owner.settings.get",
        "owner.settings.rebind",
        "owner.settings.update",
        "owner.status",
        "owner.tokens.bulk",
        "owner.tokens.create",
        "owner.tokens.delete",
        "owner.tokens.dependents",
        "owner.tokens.extend",
        "owner.tokens.get",
        "owner.tokens.history",
        "owner.tokens.list",
        "owner.tokens.may",
        "owner.tokens.previewUpdate",
        "owner.tokens.rename",
        "owner.tokens.revoke",
        "owner.tokens.rotate",
        "owner.tokens.update",
        "owner.views.delete",
        "owner.views.list",
        "owner.views.save",
        "shell.chooseFile",
        "shell.copyToken",
        "shell.info",
        "shell.link.follow",
        "shell.link.retry",
        "shell.openLink",
        "shell.openSignIn",
        "shell.setOpenAtLogin",
      ]
    `)
  })
})

describe('a call of the window', () => {
  test("fails immediately with the link's sentence while the engine is lost", async () => {
    const { owner } = routerOver(linked(null, { state: 'lost', message: 'No engine.', retry_at: null }))
    await expect(call(owner.status, undefined)).rejects.toMatchObject({
      code: 'UPSTREAM_ERROR',
      message: 'No engine.',
      data: { code: 'UPSTREAM_ERROR' },
    })
  })

  test('with invalid input does not reach the engine', async () => {
    const { owner } = routerOver(linked(null))
    await expect(call(owner.projects.create, { name: 'A B', x: 1 })).rejects.toMatchObject({
      data: { code: 'INVALID_REQUEST', field: 'name' },
    })
  })

  test('fails and reveals nothing of a result that does not match the contract', async () => {
    const { owner, reported } = routerOver(linked({ status: async () => ({ secret: 'hp_pat_canary' }) }))
    const refusal = await call(owner.status, undefined).catch((thrown: unknown) => thrown)
    expect(refusal).toMatchObject({ data: { code: 'INTERNAL' } })
    expect(JSON.stringify(refusal)).not.toContain('canary')
    expect(reported).toHaveLength(1)
  })

  test('gets only the fields in the contract', async () => {
    const { owner } = routerOver(linked({ pause: async () => ({ paused: true, secret: 'hp_pat_canary' }) }))
    expect(await call(owner.pause, undefined)).toEqual({ paused: true })
  })

  test('that fails internally gets a sentence and an ID, never the cause', async () => {
    const { owner, reported } = routerOver(
      linked({ pause: async () => Promise.reject(new TypeError('canary at /home/me')) }),
    )
    const refusal = (await call(owner.pause, undefined).catch((thrown: unknown) => thrown)) as Error
    expect(refusal.message).toMatch(/^Unexpected error in Hallpass\. Include request ID [0-9a-f-]{36}/)
    expect(JSON.stringify(refusal)).not.toContain('canary')
    expect(reported).toHaveLength(1)
  })

  test.each([
    ['create', { name: 'files', config: { kind: 'mcp', command: 'echo' } }],
    [
      'create',
      { name: 'api', config: { kind: 'http', url: 'https://api.example.com' }, secret: { ref: 'file:/etc/passwd' } },
    ],
    ['replaceSecret', { name: 'api', secret: { ref: 'env:HOME' } }],
  ])(
    "connections.%s of what starts a program or reads a file waits for the owner's confirmation: %j",
    async (name, input) => {
      const asked: unknown[] = []
      const engine = linked({
        connections: {
          [name]: async (got: unknown) => {
            asked.push(got)
            throw new HallpassError('INVALID_REQUEST', 'reached')
          },
        },
      })
      await expect(call(routerOver(engine).owner.connections[name], input)).rejects.toMatchObject({
        data: { code: 'APPROVAL_DENIED' },
      })
      expect(asked).toEqual([])
      await expect(call(routerOver(engine, true).owner.connections[name], input)).rejects.toMatchObject({
        message: 'reached',
      })
      expect(asked).toHaveLength(1)
    },
  )

  test("gives a token no permission without the owner's confirmation", async () => {
    const changed: unknown[] = []
    const engine = linked({
      tokens: {
        previewUpdate: async () => ({
          added: [{ connection: 'sales', permission: 'write', limit: null, resource: null }],
        }),
        update: async (got: unknown) => {
          changed.push(got)
          throw new HallpassError('INVALID_REQUEST', 'reached')
        },
      },
    })
    const input = { project: 'demo', name: 'agent', revision: 1, set: { grants: [] } }
    await expect(call(routerOver(engine).owner.tokens.update, input)).rejects.toMatchObject({
      data: { code: 'APPROVAL_DENIED' },
    })
    expect(changed).toEqual([])
    await expect(call(routerOver(engine, true).owner.tokens.update, input)).rejects.toMatchObject({
      message: 'reached',
    })
    expect(changed).toHaveLength(1)
  })

  test("gets the engine's own error, and live rows until it ends", async () => {
    await using engine = await startTestEngine()
    const { owner } = routerOver(linked(engine.owner))
    await expect(call(owner.projects.get, { name: 'absent' })).rejects.toMatchObject({
      data: { code: 'INVALID_REQUEST' },
      message: expect.stringContaining('absent'),
    })
    const leaving = new AbortController()
    const rows = (await call(owner.requests.follow, {}, { signal: leaving.signal })) as AsyncIterator<LogEvent>
    await call(owner.projects.create, { name: 'made' })
    expect(rowsOf((await rows.next()).value)).toMatchObject([{ method: 'projects.create', status: 200 }])
    leaving.abort()
    await expect.poll(async () => (await rows.next().catch(() => ({ done: true }))).done).toBe(true)
  })
})

test('the link is reported immediately and on each change, and a slow reader gets the newest state', async () => {
  const listeners = new Set<(link: EngineLink) => void>()
  const tell = (link: EngineLink): void => {
    for (const listener of listeners) listener(link)
  }
  const leaving = new AbortController()
  const links = followLink(
    {
      follow: (listener) => {
        listeners.add(listener)
        listener(RUNNING)
        return () => void listeners.delete(listener)
      },
    },
    leaving.signal,
  )
  expect((await links.next()).value).toEqual(RUNNING)
  tell({ ...RUNNING, message: 'one' })
  tell({ ...RUNNING, message: 'two' })
  expect((await links.next()).value).toMatchObject({ message: 'two' })
  const waiting = links.next()
  leaving.abort()
  expect((await waiting).done).toBe(true)
  expect(listeners.size).toBe(0)
})
