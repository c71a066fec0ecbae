import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { violations } from '../support/accessibility.ts'
import { missingBrowser } from '../support/chromium.ts'
import { startConsole } from '../support/console-browser.ts'
import { isFocused, pressItem, pressOn } from '../support/keyboard.ts'
import { startTestEngine } from '../support/start-test-engine.ts'
import { countCalls } from './support/count-calls.ts'
import { call, grid, mintSession, openBulkLoad, rows } from './support/log-page.ts'

const lack = missingBrowser()

describe.skipIf(lack !== null)(`overview and attention${lack === null ? '' : ` (left out: ${lack})`}`, () => {
  const region = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
  const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true, level: 1 }).first()

  it('creates a session token in the project that is chosen', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    await engine.owner.preferences.set({ first_run: 'skipped' })
    await engine.owner.projects.create({ name: 'other' })
    await engine.owner.connections.include({ project: 'other', name: 'sales' })
    await console.goto('/overview')
    await page.getByRole('button', { name: 'New session token' }).click()
    const dialog = page.getByRole('dialog', { name: 'New session token' })
    await dialog.getByRole('combobox', { name: 'Project' }).selectOption('other')
    expect(await violations(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Create session token' }).click()
    await page.getByRole('dialog', { name: /is ready$/ }).waitFor()
    expect((await engine.owner.sessions.list({ project: 'other' })).map(({ connection }) => connection)).toEqual([
      'sales',
    ])
  })

  it('OV1 is the start page, with the first steps until they are done or skipped; FR1 the title names screen and project on every route', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    await mintSession(engine)
    await console.goto('/')
    await heading(page, 'Overview').waitFor()
    await region(page, 'Get started').waitFor()
    await engine.owner.preferences.set({ first_run: 'skipped' })
    await region(page, 'Get started').waitFor({ state: 'detached' })
    await heading(page, 'Overview').waitFor()
    for (const [path, title] of [
      ['/overview', 'Overview – Hallpass'],
      ['/attention', 'Attention – Hallpass'],
      ['/log', 'Log – Hallpass'],
      ['/activity', 'Activity – Hallpass'],
      ['/approvals', 'Approvals – Hallpass'],
      ['/settings', 'Settings – Hallpass'],
      ['/projects/demo/connections', 'Connections · demo – Hallpass'],
      ['/projects/demo/tokens', 'Agents & tokens · demo – Hallpass'],
      ['/projects/demo/tokens/loader', 'loader · demo – Hallpass'],
      ['/projects/demo/connect', 'Connect · demo – Hallpass'],
      ['/projects/demo/log', 'Log · demo – Hallpass'],
    ] as const) {
      await console.goto(path)
      await expect.poll(() => page.title()).toBe(title)
    }
    await engine.owner.pause()
    await expect.poll(() => page.title()).toBe('Paused · Log · demo – Hallpass')
    expect(console.complaints).toEqual([])
  })

  it('OV2 each figure opens a log with as many rows, including interrupted ones', async () => {
    const home = await mkdtemp(join(tmpdir(), 'hallpass-test-'))
    try {
      await (await startTestEngine({ home })).stop()
      leaveOpenRow(home)
      await using console = await startConsole({ engine: { home } })
      const { page, engine } = console
      const token = await mintSession(engine)
      for (let count = 0; count < 3; count += 1) await call(engine, token, { method: 'list_tables' })
      for (let count = 0; count < 2; count += 1)
        await call(engine, token, { method: 'delete_records', table: 'Orders', record_ids: [1] })
      const { refused, failed } = await engine.owner.requests.summary({ since: '1h', steps: 1 })
      expect({ refused, failed }).toEqual({ refused: 2, failed: 1 })
      await console.goto('/overview')
      await region(page, 'Active now').getByRole('row').nth(1).waitFor()
      expect(await violations(page)).toEqual([])
      for (const name of [/requests$/, /denied$/, /failed$/]) {
        await console.goto('/overview')
        const figure = region(page, 'Today').getByRole('link', { name })
        const all = (await engine.owner.requests.list({ limit: 1000 })).length
        if (name.source.startsWith('requests'))
          await expect.poll(async () => Number.parseInt(await figure.innerText(), 10)).toBe(all)
        await expect.poll(async () => Number.parseInt(await figure.innerText(), 10)).toBeGreaterThan(0)
        const shown = Number.parseInt(await figure.innerText(), 10)
        await pressOn(page, figure)
        await page.waitForURL('**/#/log?*')
        await expect.poll(async () => Number(await grid(page).getAttribute('aria-rowcount')) - 1).toBe(shown)
      }
      expect(console.complaints).toEqual([])
    } finally {
      await rm(home, { recursive: true, force: true })
    }
  })

  it('OV3 opens with at most 6 owner calls besides those of the frame', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    await call(engine, await mintSession(engine), { method: 'list_tables' })
    await engine.owner.preferences.set({ first_run: 'skipped' })
    await console.goto('/settings')
    await heading(page, 'Settings').waitFor()
    const calls = countCalls(page)
    await console.goto('/overview')
    await region(page, 'Active now')
      .getByRole('button', { name: /^End session token s-/ })
      .waitFor()
    await region(page, 'Changes').getByRole('listitem').first().waitFor()
    await region(page, 'Today').getByRole('link').first().waitFor()
    expect(new Set(calls).size).toBeGreaterThan(3)
    expect(calls.length, calls.join(', ')).toBeLessThanOrEqual(6)
  })

  it('OV4 a new request appears without a reload and moves no row under the pointer', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    // Its panel would move the rows from under the pointer.
    await engine.owner.preferences.set({ first_run: 'skipped' })
    const [first, second] = [await mintSession(engine, 'first'), await mintSession(engine, 'second')]
    await call(engine, first, { method: 'list_tables' })
    await call(engine, second, { method: 'list_tables' })
    await console.goto('/overview')
    const active = region(page, 'Active now')
    const names = () => active.locator('tbody tr td:first-child').allInnerTexts()
    await active.getByRole('row', { name: /second › s-.*list_tables/ }).waitFor()
    const before = await names()
    expect(before[0]).toMatch(/^second › /)
    await active.getByRole('row', { name: /second › s-/ }).hover()
    await call(engine, first, { method: 'get_records', table: 'Orders', limit: 1 })
    await active.getByRole('row', { name: /first › s-.*get_records sales › Orders.*read/ }).waitFor()
    expect(await names()).toEqual(before)
    await page.mouse.move(0, 0)
    await expect.poll(async () => (await names())[0]).toMatch(/^first › /)
  })

  it('OV5 End names the session token and its running requests before ending it', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    const token = await mintSession(engine, 'loader', ['read', 'write'])
    await using running = await openBulkLoad(engine.url, token)
    await console.goto('/overview')
    const [session] = await engine.owner.sessions.list({})
    const end = region(page, 'Active now').getByRole('button', { name: `End session token ${session?.id}` })
    await pressOn(page, end)
    const dialog = page.getByRole('dialog', { name: /^End s-[0-9a-f]{8}$/ })
    await dialog.getByText('Interrupts 1 running request.').waitFor()
    expect(await engine.owner.sessions.list({})).toHaveLength(1)
    expect(await violations(page)).toEqual([])
    await pressOn(page, dialog.getByRole('button', { name: 'End session token' }))
    await expect.poll(async () => (await engine.owner.sessions.list({})).length).toBe(0)
    expect(await running.ended).toBe(true)
    await end.waitFor({ state: 'detached' })
  })

  it('AT5 each item links to what it is about, and can be snoozed and shown again by keyboard', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    const token = await mintSession(engine)
    for (let count = 0; count < 5; count += 1)
      await call(engine, token, { method: 'delete_records', table: 'Orders', record_ids: [1] })
    await console.goto('/attention')
    const item = page.getByRole('listitem').filter({ hasText: 'loader lacks write on sales, table Orders.' })
    await item.getByText('5 requests since').waitFor()
    await page
      .getByRole('link', { name: /Attention/ })
      .getByLabel('1 open')
      .waitFor()
    expect(await violations(page)).toEqual([])
    await pressOn(page, item.getByRole('button', { name: /^More for/ }))
    await pressItem(page, 'Snooze 1 hour')
    await page.getByText('Nothing needs you', { exact: true }).waitFor()
    await page.getByText('Snoozed 1', { exact: true }).click()
    await item.getByText('snoozed until').waitFor()
    await pressOn(page, item.getByRole('button', { name: /^More for/ }))
    await pressItem(page, 'Show again')
    await page.getByText('Open 1', { exact: true }).click()
    await pressOn(page, item.getByRole('button', { name: /^More for/ }))
    await pressItem(page, 'Show requests')
    await expect.poll(() => rows(page).count()).toBe(5)
    await page.goBack()
    await page.getByRole('searchbox', { name: 'Search items' }).fill('nothing like it')
    await page.getByText('No results', { exact: true }).waitFor()
    await page.getByRole('searchbox', { name: 'Search items' }).fill('LOADER')
    await item.getByRole('link', { name: 'Review permissions' }).focus()
    await page.keyboard.press('?')
    const keys = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
    await keys.getByText('Snooze the item for 1 hour').waitFor()
    await page.keyboard.press('Escape')
    await keys.waitFor({ state: 'detached' })
    await item.focus()
    await page.keyboard.press('s')
    await page.getByText('Snoozed 1', { exact: true }).waitFor()
    await item.waitFor({ state: 'detached' })
    await page.keyboard.press('ControlOrMeta+z')
    await page.getByText('Snoozed 0', { exact: true }).waitFor()
    const budget = async (requests: number | null) => {
      const { revision } = await engine.owner.tokens.get({ project: 'demo', name: 'loader' })
      const set = { budget: requests === null ? null : { requests } }
      await engine.owner.tokens.update({ project: 'demo', name: 'loader', revision, set })
    }
    await budget(1)
    await call(engine, token, { method: 'list_tables' })
    const used = page.getByRole('listitem').filter({ hasText: "loader has used 100% of today's 1 request." })
    await used.waitFor()
    await budget(null)
    await page.getByText('Resolved 1', { exact: true }).click()
    await used.getByText(/resolved/).waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByText('Open 1', { exact: true }).click()
    await item.focus()
    await page.keyboard.press('Enter')
    await heading(page, 'loader').waitFor()
    expect(console.complaints).toEqual([])
  })

  it('FR3 shows a pause on every screen at every size; FR5 pausing does not move the focus', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    await console.goto('/settings')
    const field = page.getByRole('textbox').first()
    await field.focus()
    await engine.owner.pause()
    const strip = page.getByRole('status').filter({ hasText: /^All access has been paused since / })
    await strip.waitFor()
    expect(await isFocused(field)).toBe(true)
    for (const [width, height] of [
      [1440, 900],
      [900, 600],
      [550, 360],
      [450, 300],
    ] as const) {
      await page.setViewportSize({ width, height })
      for (const path of ['/overview', '/attention', '/log', '/projects/demo/tokens']) {
        await console.goto(path)
        await strip.waitFor()
        const box = await strip.boundingBox()
        expect(box, `${path} at ${width}×${height}`).not.toBeNull()
        expect((box?.y ?? -1) >= 0 && (box?.y ?? 0) + (box?.height ?? 0) <= height).toBe(true)
        expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(width)
      }
    }
    await page.setViewportSize({ width: 900, height: 600 })
    await pressOn(page, strip.getByRole('button', { name: 'Resume all access' }))
    await strip.waitFor({ state: 'detached' })
  })

  it('says that the secret store does not respond, and after another try what to do, with its button in sight', async () => {
    await using console = await startConsole({ engine: { vaultKey: 'short' }, context: {} })
    const { page } = console
    await page.setViewportSize({ width: 900, height: 600 })
    await console.goto('/attention')
    const strip = page.getByRole('status').filter({ hasText: /^The secret store doesn't respond\./ })
    await strip.waitFor()
    expect((await strip.boundingBox())?.height).toBeLessThanOrEqual(36)
    await pressOn(page, strip.getByRole('button', { name: 'Try again' }))
    const { problems } = await console.engine.owner.status()
    await page
      .getByRole('status')
      .filter({ hasText: problems[0]?.sentence ?? 'no problem' })
      .waitFor()
    const again = page.getByRole('button', { name: 'Try again' })
    // Once it no longer loads.
    await expect.poll(() => again.evaluate((button) => button.scrollWidth <= button.clientWidth)).toBe(true)
  })

  it('shows on every screen that other computers can reach Hallpass', async () => {
    const network = { host: '0.0.0.0', allowNetwork: true, trustedProxies: ['127.0.0.2'] }
    await using console = await startConsole({ engine: network, context: {} })
    for (const path of ['/overview', '/attention', '/log', '/projects/demo/connections', '/settings']) {
      await console.goto(path)
      await console.page
        .getByRole('status')
        .filter({ hasText: /^Other computers can reach Hallpass at 0\.0\.0\.0:\d+\./ })
        .waitFor()
    }
    expect(await console.engine.owner.status()).toMatchObject({
      listening: { beyond_loopback: true, tls: false },
      notices: expect.arrayContaining([expect.stringMatching(/127\.0\.0\.2/)]),
    })
    // A pause is more urgent, and there is one strip at a time.
    await console.engine.owner.pause()
    await console.page
      .getByRole('status')
      .filter({ hasText: /^All access has been paused since / })
      .waitFor()
    expect(await console.page.getByText(/^Other computers can reach/).isVisible()).toBe(false)
    await console.engine.owner.resume()
    await pressOn(console.page, console.page.getByRole('button', { name: 'Review' }))
    await console.page.waitForURL('**/settings')
  })
})

/** A row that the engine was running when it was killed. */
function leaveOpenRow(home: string): void {
  const database = new SqliteDatabase(join(home, 'hallpass.db'))
  database
    .prepare(
      `INSERT INTO requests (id, time, request_id, project, transport, method, connection, bytes_in, bytes_out, records)
       SELECT coalesce(max(id), 0) + 1, ?, 'r-open', 'demo', 'proxy', 'get_records', 'sales', 0, 0, 0 FROM requests`,
    )
    .run(Date.now())
  database.close()
}
