import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sessionSummary } from '../../src/main/tray/tray-actions.ts'
import type { AttentionItem } from '../../src/contract/owner-api/attention-api.ts'
import type { SessionRecord } from '../../src/contract/records.ts'
import { trayIconFile } from '../../src/main/tray/create-tray.ts'
import type { TrayItem } from '../../src/main/tray/tray-item.ts'
import { trayMenu } from '../../src/main/tray/tray-menu.ts'
import {
  tooltipText,
  TRAY_STATES,
  trayState,
  type EngineStatus,
  type TraySnapshot,
} from '../../src/main/tray/tray-state.ts'

const STATUS: EngineStatus = {
  version: '0.1.0',
  pid: 1,
  home: '/home',
  url: 'http://127.0.0.1:7717',
  started_at: '2026-01-01T00:00:00.000Z',
  paused: false,
  secret_store: 'keychain',
  secret_store_kind: 'keychain',
  tokens_active: 3,
  sessions_active: 0,
  requests_today: 412,
  approvals_waiting: 0,
  connections_down: [],
  secret_store_ok: true,
  last_request_at: null,
  notices: [],
  paused_since: null,
  paused_by: null,
  problems: [],
  listening: { host: '127.0.0.1', port: 7717, beyond_loopback: false, tls: false },
  requests_running: 0,
  attention: { open: 0, worst: null, projects: {} },
  restart_needed: [],
  clients_available: true,
}
const IDLE: TraySnapshot = {
  link: { state: 'running', message: null, retry_at: null },
  status: STATUS,
  busy: false,
  projects: [
    { name: 'sales-team', documents: ['sales', 'r&d'] },
    { name: 'empty', documents: [] },
  ],
  items: [],
  sessions: [],
  agentsActive: 4,
  now: Date.parse('2026-01-01T12:00:00Z'),
  openAtLogin: { enabled: false, possible: true },
}
const DOWN: AttentionItem = {
  id: 'connection_down:crm',
  kind: 'connection_down',
  group: 'broken',
  subject: { project: 'sales-team', token: null, connection: 'crm' },
  sentence: 'crm is down: connection refused.',
  since: null,
  count: null,
  cause: null,
  snoozed_until: null,
  ended_at: null,
}
const SESSION: SessionRecord = {
  id: 's-5c9a',
  project: 'sales-team',
  parent: 'owner',
  of_owner: true,
  connection: 'sales',
  permissions: ['read'],
  resources: null,
  created_at: '2026-01-01T11:59:00.000Z',
  expires_at: '2026-01-01T12:04:30.000Z',
  requests: 0,
  max_requests: null,
  running: 0,
  label: 'tray',
  last_used_at: null,
  ended_at: null,
  ended_by: null,
}
const withStatus = (changes: Partial<EngineStatus>, more: Partial<TraySnapshot> = {}): TraySnapshot => ({
  ...IDLE,
  status: { ...STATUS, ...changes },
  ...more,
})
const LOST: TraySnapshot = {
  ...IDLE,
  status: null,
  link: { state: 'lost', message: 'Port 7717 is taken.', retry_at: null },
}
const item = (snapshot: TraySnapshot, id: string): TrayItem | undefined => {
  const search = (items: TrayItem[]): TrayItem | undefined => {
    for (const one of items) {
      const found = one.id === id ? one : search(one.submenu ?? [])
      if (found !== undefined) return found
    }
    return undefined
  }
  return search(trayMenu(snapshot))
}

describe('the state of the tray', () => {
  test.each<[string, TraySnapshot, string, string]>([
    ['no engine', LOST, 'attention', 'Hallpass – Port 7717 is taken.'],
    ['an approval is pending', withStatus({ approvals_waiting: 1 }), 'attention', 'Hallpass – 1 pending approval'],
    [
      'approvals are pending while paused',
      withStatus({ approvals_waiting: 2, paused: true }),
      'attention',
      'Hallpass – 2 pending approvals',
    ],
    [
      'the keychain is locked',
      withStatus({ secret_store_ok: false }),
      'attention',
      "Hallpass – Keychain isn't responding",
    ],
    [
      'the vault has no valid key',
      withStatus({
        secret_store_ok: false,
        secret_store_kind: 'none',
        secret_store: 'HALLPASS_VAULT_KEY is too short',
      }),
      'attention',
      'Hallpass – Secret store unavailable',
    ],
    ['one upstream is down', withStatus({ connections_down: ['crm'] }), 'attention', 'Hallpass – crm is down'],
    [
      'two are down',
      withStatus({ connections_down: ['crm', 'erp'] }),
      'attention',
      'Hallpass – 2 connections are down',
    ],
    ['paused', withStatus({ paused: true }, { busy: true }), 'paused', 'Hallpass – paused, 412 requests today'],
    ['requests are running', { ...IDLE, busy: true }, 'busy', 'Hallpass – 4 agents active, 412 requests today'],
    ['nothing happens', IDLE, 'idle', 'Hallpass – 4 agents active, 412 requests today'],
    [
      'one of each',
      withStatus({ requests_today: 1 }, { agentsActive: 1 }),
      'idle',
      'Hallpass – 1 agent active, 1 request today',
    ],
    ['many', withStatus({ requests_today: 12_345 }), 'idle', 'Hallpass – 4 agents active, 12,345 requests today'],
    [
      'the engine starts',
      { ...IDLE, status: null, link: { state: 'starting', message: null, retry_at: null } },
      'idle',
      'Hallpass – starting',
    ],
  ])('is right when: %s', (_name, snapshot, state, tooltip) => {
    expect(trayState(snapshot)).toBe(state)
    expect(tooltipText(snapshot)).toBe(tooltip)
  })

  test('has an image for each platform, also for high-resolution screens', () => {
    for (const state of TRAY_STATES) {
      for (const look of [
        { platform: 'darwin', dark: false },
        { platform: 'linux', dark: false },
        { platform: 'win32', dark: true },
      ] as const) {
        const file = join(import.meta.dirname, '../../assets/tray', trayIconFile(state, look))
        expect(existsSync(file), file).toBe(true)
        if (look.platform !== 'win32') expect(existsSync(file.replace(/\.png$/, '@2x.png')), `${file} @2x`).toBe(true)
      }
    }
    expect(trayIconFile('busy', { platform: 'darwin', dark: true })).toBe('busyTemplate.png')
    expect(trayIconFile('busy', { platform: 'linux', dark: true })).toBe('busy-dark.png')
  })
})

describe('the menu of the tray', () => {
  test('disables what needs an engine while there is none', () => {
    expect(item(LOST, 'pause')?.enabled).toBe(false)
    expect(item(LOST, 'session')).toMatchObject({ enabled: false, submenu: [] })
    expect(item({ ...LOST, sessions: [SESSION], items: [DOWN] }, 'sessions')).toMatchObject({
      enabled: false,
      submenu: [],
    })
    expect(item({ ...LOST, items: [DOWN] }, `item:${DOWN.id}`)).toBeUndefined()
    expect(item(LOST, 'status')).toMatchObject({ label: 'Port 7717 is taken.', enabled: false })
    expect(item(LOST, 'retry')?.action).toEqual({ kind: 'retry' })
    expect(item(LOST, 'quit')?.action).toEqual({ kind: 'quit' })
  })

  test.each([
    [IDLE, 'Running on 127.0.0.1:7717'],
    [
      { ...IDLE, link: { state: 'attached', message: null, retry_at: null } } as TraySnapshot,
      'Connected to 127.0.0.1:7717',
    ],
    [
      { ...IDLE, status: null, link: { state: 'starting', message: null, retry_at: null } } as TraySnapshot,
      'Starting…',
    ],
  ])('shows the status in its first line (%#)', (snapshot, label) => {
    expect(trayMenu(snapshot)[0]).toMatchObject({ label, enabled: false })
  })

  test('offers to pause all access, or to resume it', () => {
    expect(item(IDLE, 'pause')).toMatchObject({ label: 'Pause all access', enabled: true, action: { kind: 'pause' } })
    expect(item(withStatus({ paused: true }), 'pause')).toBeUndefined()
    const [first, second] = trayMenu(withStatus({ paused: true }))
    expect(first).toMatchObject({ label: 'Resume access', action: { kind: 'resume' } })
    expect(second).toMatchObject({ label: 'Paused · 127.0.0.1:7717', enabled: false })
  })

  test('offers session tokens by project, document and permissions, only for projects with documents', () => {
    expect(item(IDLE, 'session')?.submenu?.map(({ label }) => label)).toEqual(['sales-team'])
    expect(item(IDLE, 'session:sales-team')?.submenu?.map(({ label }) => label)).toEqual(['sales', 'r&&d'])
    expect(item(IDLE, 'session:sales-team:sales:read')?.action).toEqual({
      kind: 'mint',
      project: 'sales-team',
      document: 'sales',
      permissions: ['read'],
    })
    expect(item(IDLE, 'session:sales-team:sales:read+write')).toMatchObject({
      label: 'Read and write',
      action: { permissions: ['read', 'write'] },
    })
  })

  test('lists session tokens with their remaining time, and ends one or all', () => {
    expect(item(IDLE, 'sessions')).toMatchObject({ enabled: false, label: 'Session tokens', submenu: [] })
    const later = { ...SESSION, id: 's-7d20', expires_at: '2026-01-01T14:05:00.000Z' }
    const last = { ...SESSION, id: 's-1a00', expires_at: '2026-01-01T12:00:20.000Z' }
    const menu = item({ ...IDLE, sessions: [later, SESSION, last] }, 'sessions')
    expect(menu?.label).toBe('Session tokens (3)')
    expect(menu?.submenu?.map(({ label }) => label)).toEqual([
      's-1a00: sales in sales-team, less than 1 min left',
      's-5c9a: sales in sales-team, 4 min left',
      's-7d20: sales in sales-team, 2 h 5 min left',
      undefined,
      'End all',
    ])
    expect(menu?.submenu?.[1]?.submenu).toMatchObject([
      { label: 'End', action: { kind: 'end-session', session: 's-5c9a' } },
    ])
    expect(menu?.submenu?.at(-1)?.action).toEqual({ kind: 'end-sessions' })
  })

  test('links the three most severe items', () => {
    const items = [1, 2, 3, 4].map((number) => ({ ...DOWN, id: `connection_down:crm-${number}/r&d` }))
    const shown = trayMenu({ ...IDLE, items }).filter(({ id }) => id?.startsWith('item:') === true)
    expect(shown.map(({ label }) => label)).toEqual(Array(3).fill('crm is down: connection refused'))
    expect(shown[0]?.action).toEqual({ kind: 'open', path: '/attention?item=connection_down%3Acrm-1%2Fr%26d' })
  })

  test('PA5 opens pending approvals but does not allow them, and names them nowhere else', () => {
    const approval: AttentionItem = { ...DOWN, id: 'approval:1', kind: 'approval', group: 'decide' }
    const snapshot = withStatus({ approvals_waiting: 1 }, { items: [approval, DOWN], sessions: [SESSION] })
    const actions = (items: readonly TrayItem[]): unknown[] =>
      items.flatMap(({ action, submenu }) => [...(action === undefined ? [] : [action]), ...actions(submenu ?? [])])
    const kinds = new Set(actions(trayMenu(snapshot)).map((action) => (action as { kind: string }).kind))
    expect([...kinds].toSorted()).toEqual([
      'end-session',
      'end-sessions',
      'mint',
      'open',
      'open-at-login',
      'pause',
      'quit',
    ])
    expect(JSON.stringify(trayMenu(snapshot))).not.toContain('approval:1')
  })

  test('links to pending approvals, and to none without any', () => {
    expect(item(withStatus({ approvals_waiting: 2 }), 'approvals')).toMatchObject({
      label: '2 pending approvals',
      action: { kind: 'open', path: '/approvals' },
    })
    expect(item(IDLE, 'approvals')).toBeUndefined()
  })

  test('links to at most five recent projects', () => {
    const projects = Array.from({ length: 7 }, (_, index) => ({ name: `p${index}`, documents: [] }))
    const { submenu } = item({ ...IDLE, projects }, 'projects') ?? {}
    expect(submenu?.map(({ label }) => label)).toEqual(['p0', 'p1', 'p2', 'p3', 'p4'])
    expect(submenu?.[0]?.action).toEqual({ kind: 'open', path: '/projects/p0' })
  })

  test('shows the state of opening at login, and offers the opposite', () => {
    expect(item(IDLE, 'open-at-login')).toMatchObject({
      checked: false,
      enabled: true,
      action: { kind: 'open-at-login', open: true },
    })
    expect(item({ ...IDLE, openAtLogin: { enabled: true, possible: true } }, 'open-at-login')).toMatchObject({
      checked: true,
      action: { open: false },
    })
    expect(item({ ...IDLE, openAtLogin: { enabled: false, possible: false } }, 'open-at-login')?.enabled).toBe(false)
  })
})

test('says in a sentence what a minted session token can do and for how long', () => {
  const session = {
    id: 's',
    project: 'demo',
    parent: 'owner',
    of_owner: true,
    connection: 'sales',
    permissions: ['read', 'write'] as ('read' | 'write')[],
    resources: null,
    created_at: '2026-01-01T10:00:00.000Z',
    expires_at: '2026-01-01T10:05:00.000Z',
    requests: 0,
    max_requests: null,
    running: 0,
    label: null,
    last_used_at: null,
    ended_at: null,
    ended_by: null,
  }
  expect(sessionSummary(session)).toMatch(
    /^Read and write access to sales in demo until \d\d:05\. Then it's removed from the clipboard\.$/,
  )
  expect(sessionSummary({ ...session, permissions: ['read'], expires_at: '2026-01-01T10:01:00.000Z' })).toMatch(
    /^Read access to sales in demo until /,
  )
})
