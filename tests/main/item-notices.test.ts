import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AttentionItem } from '../../src/contract/owner-api/attention-api.ts'
import { NOTIFICATION_KINDS } from '../../src/contract/settings.ts'
import type { Notice } from '../../src/main/notifications/create-notify.ts'
import { showsItem } from '../../src/main/notifications/item-path.ts'
import { notifyAboutItems } from '../../src/main/notifications/notify-about-items.ts'
import { openShellMemory } from '../../src/main/shell-memory.ts'

const MINUTE = 60_000
const item = (changes: Partial<AttentionItem> & Pick<AttentionItem, 'id' | 'kind'>): AttentionItem => ({
  group: 'watch',
  subject: { project: 'finance', token: null, connection: 'billing-api' },
  sentence: 'billing-api is down: timed out.',
  since: null,
  count: null,
  cause: null,
  snoozed_until: null,
  ended_at: null,
  ...changes,
})
const DOWN = item({ id: 'connection_down:billing-api', kind: 'connection_down', group: 'broken' })
const token = { project: 'finance', token: 'nightly-export', connection: null }

describe('notifications about items that need the owner', () => {
  let folder: string
  let told: Notice[]
  let now: number
  let shown: string | null
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hallpass-notices-'))
    told = []
    shown = null
    now = Date.parse('2026-03-02T10:00:00')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const start = () =>
    notifyAboutItems({
      notify: (notice) => void told.push(notice),
      memory: openShellMemory(join(folder, 'shell.json')),
      now: () => now,
      isShown: (one) => shown !== null && showsItem(shown, one),
    })

  test('each have the title of their kind, and a click opens the item', () => {
    const expires = new Date(now + 20 * 60 * MINUTE).toISOString()
    start().see(
      [
        DOWN,
        item({ id: 'tools_review:tracker', kind: 'tools_review', sentence: '3 tools of tracker need review.' }),
        item({ id: 'token_expiring:a', kind: 'token_expiring', subject: token, since: expires }),
        item({ id: 'ended_token:b', kind: 'ended_token', subject: token, sentence: 'b is still being tried.' }),
      ],
      NOTIFICATION_KINDS,
    )
    expect(told).toEqual([
      {
        title: 'billing-api is down',
        body: 'billing-api is down: timed out.',
        path: '/attention?item=connection_down%3Abilling-api',
      },
      {
        title: '3 tools of tracker need review',
        body: 'Project finance',
        path: '/attention?item=tools_review%3Atracker',
      },
      {
        title: 'nightly-export expires tomorrow',
        body: 'Project finance',
        path: '/attention?item=token_expiring%3Aa',
      },
      {
        title: 'An expired or revoked token is being tried',
        body: 'b is still being tried.',
        path: '/attention?item=ended_token%3Ab',
      },
    ])
  })

  test('PA5 are never sent for approvals, or for items that name a token by its first characters', () => {
    start().see(
      [
        item({ id: 'approval:1', kind: 'approval', group: 'decide' }),
        item({
          id: 'unknown_token:1',
          kind: 'unknown_token',
          sentence: 'An unknown token (hp_pat_abcd…) is being tried.',
        }),
        item({ id: 'refusals:1', kind: 'refusals' }),
        item({ id: 'log', kind: 'log' }),
      ],
      NOTIFICATION_KINDS,
    )
    expect(told).toEqual([])
  })

  test('are sent once in ten minutes per cause, and once while it lasts, also after a restart of the app', () => {
    const first = start()
    first.see([DOWN], NOTIFICATION_KINDS)
    now += 60 * MINUTE
    first.see([DOWN], NOTIFICATION_KINDS)
    start().see([DOWN], NOTIFICATION_KINDS)
    expect(told).toHaveLength(1)
    const second = start()
    second.see([], NOTIFICATION_KINDS)
    now += 9 * MINUTE
    second.see([DOWN], NOTIFICATION_KINDS)
    expect(told).toHaveLength(1)
    second.see([], NOTIFICATION_KINDS)
    now += 10 * MINUTE
    start().see([DOWN], NOTIFICATION_KINDS)
    expect(told).toHaveLength(2)
  })

  test('are not sent, now or later, for a kind that is off or an item that the window shows', () => {
    const notices = start()
    notices.see([DOWN], ['tools_review'])
    notices.see([DOWN], NOTIFICATION_KINDS)
    const review = item({ id: 'tools_review:billing-api', kind: 'tools_review' })
    shown = 'hallpass://app/index.html#/projects/finance/connections/billing-api?tab=tools'
    notices.see([DOWN, review], NOTIFICATION_KINDS)
    shown = null
    notices.see([DOWN, review], NOTIFICATION_KINDS)
    expect(told).toEqual([])
  })

  test('are sent for a token on its last day only', () => {
    const notices = start()
    const expiring = (hours: number) =>
      item({
        id: 'token_expiring:a',
        kind: 'token_expiring',
        subject: token,
        since: new Date(now + hours * 60 * MINUTE).toISOString(),
      })
    notices.see([expiring(72)], NOTIFICATION_KINDS)
    expect(told).toEqual([])
    notices.see([expiring(3)], NOTIFICATION_KINDS)
    expect(told.map(({ title }) => title)).toEqual(['nightly-export expires today'])
  })

  test.each([
    ['#/attention', true],
    ['#/overview', true],
    ['#/projects/finance/connections/billing-api', true],
    ['#/projects/finance/connections', false],
    ['#/projects/other/connections/billing-api', false],
    ['#/settings', false],
    ['', false],
  ])('are not needed for an item that the page at %s shows: %s', (hash, is) => {
    expect(showsItem(`hallpass://app/index.html${hash}`, DOWN)).toBe(is)
  })
})
