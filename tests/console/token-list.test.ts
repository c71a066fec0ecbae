import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { violations } from '../support/accessibility.ts'
import { missingBrowser } from '../support/chromium.ts'
import { startConsole, type OpenConsole } from '../support/console-browser.ts'
import { homeWithConnections } from '../support/home-with-connections.ts'
import { waitForFocus } from '../support/keyboard.ts'
import { post } from '../support/start-test-engine.ts'

const LIST = '/projects/demo/tokens'
const SIZES = [
  { width: 1440, height: 900 },
  { width: 1100, height: 720 },
  { width: 900, height: 600 },
  { width: 550, height: 360 },
  { width: 450, height: 300 },
] as const

describe.skipIf(missingBrowser() !== null)('the list of agents and tokens', () => {
  const row = (page: Page, name: string) => page.locator(`[data-token="${name}"]`)
  const names = (page: Page) =>
    page.locator('[data-token]').evaluateAll((all) => all.map((one) => one.getAttribute('data-token')))
  async function choose(page: Page, label: string, option: string | RegExp): Promise<void> {
    await page.getByRole('combobox', { name: label }).click()
    await page.getByRole('option', { name: option }).click()
  }
  const create = ({ engine }: OpenConsole, name: string, more: object = {}) =>
    engine.owner.tokens.create({ project: 'demo', name, kind: 'access', ...more })

  it('remembers how it is sorted in the engine, also for another browser', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    for (const name of ['aaa', 'mmm', 'zzz']) await create(console, name)
    await console.goto(LIST)
    await row(page, 'zzz').waitFor()
    const head = page.getByRole('columnheader', { name: 'Name' })
    expect(await head.getAttribute('aria-sort')).toBe('ascending')
    await head.getByRole('button').click()
    await expect.poll(async () => (await names(page))[0]).toBe('zzz')
    await expect
      .poll(async () => (await engine.owner.preferences.get()).sort)
      .toEqual({
        tokens: { column: 'name', descending: true },
      })
    // Nothing of it is kept in the browser.
    expect(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('sort')))).toEqual([])
    await page.reload()
    await expect.poll(async () => (await names(page))[0]).toBe('zzz')
    expect(await head.getAttribute('aria-sort')).toBe('descending')
    await engine.owner.preferences.set({ sort: { tokens: { column: 'name', descending: false } } })
    await expect.poll(async () => (await names(page))[0]).toBe('aaa')
  })

  it('TL1 fits at every size with a 63-character name and 100 grants: no sideways scroll, no row above 44 px', async () => {
    const connections = Array.from({ length: 100 }, (_, index) => `document-${index}`)
    await using stored = await homeWithConnections(connections)
    await using console = await startConsole({ viewport: SIZES[1], engine: { home: stored.home } })
    const { page } = console
    const long = 'n'.repeat(63)
    const grants = connections.map((connection) => ({ connection, permissions: ['read' as const] }))
    await create(console, long, { grants })
    await console.goto(LIST)
    await row(page, long).waitFor()
    for (const viewport of SIZES) {
      await page.setViewportSize(viewport)
      const sideways = () => page.evaluate('document.documentElement.scrollWidth - innerWidth')
      await expect.poll(sideways, { message: String(viewport.width) }).toBeLessThanOrEqual(0)
      const table = page.getByRole('treegrid')
      if (viewport.width >= 900)
        await expect
          .poll(() => table.evaluate((one) => one.scrollWidth - one.clientWidth), { message: String(viewport.width) })
          .toBe(0)
      const heights = () =>
        page.locator('[data-token]').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height))
      await expect.poll(async () => Math.max(...(await heights()))).toBeLessThanOrEqual(44)
    }
    await page.setViewportSize(SIZES[2])
    const menu = await row(page, long)
      .getByRole('button', { name: /^Actions for/ })
      .boundingBox()
    expect((menu?.x ?? 900) + (menu?.width ?? 0)).toBeLessThanOrEqual(900)
  })

  it('TL1 hides columns in order as the window gets narrower', async () => {
    await using console = await startConsole({ viewport: SIZES[0] })
    const { page } = console
    await console.goto(LIST)
    const heads = async () => (await page.getByRole('columnheader').allInnerTexts()).map((text) => text.trim())
    await expect.poll(heads).toEqual(['', 'Name', 'Permissions', 'Last used', '24 h', 'Status', 'Actions'])
    await page.setViewportSize({ width: 700, height: 600 })
    await expect.poll(heads).not.toContain('24 h')
    await page.setViewportSize({ width: 480, height: 600 })
    await expect.poll(heads).toEqual(['', 'Name', 'Permissions', 'Status', 'Actions'])
  })

  it("TL2 lists the owner's session tokens in no token's group, even if a revoked token is named owner", async () => {
    await using console = await startConsole()
    const { page, engine } = console
    await create(console, 'owner', { clone: true })
    await engine.owner.tokens.revoke({ project: 'demo', name: 'owner' })
    const { id } = (await engine.owner.sessions.mint({ project: 'demo', document: 'sales', permissions: ['read'] }))
      .session
    await console.goto(LIST)
    await choose(page, 'State', /^All/)
    await row(page, 'owner').getByText('Revoked').waitFor()
    expect(await row(page, 'owner').getByText('session token').count()).toBe(0)
    const rows = () =>
      page
        .locator('[role=rowgroup] [role=row][data-name]')
        .evaluateAll((all) => all.map((one) => one.getAttribute('data-name')))
    await expect.poll(async () => (await rows()).slice(-2)).toEqual(['heading', `session:${id}`])
    const revoked = (await engine.owner.tokens.get({ project: 'demo', name: 'owner' })).revoked_at
    const times = row(page, 'owner').locator('time')
    expect(await times.evaluateAll((all) => all.map((time) => time.getAttribute('datetime')))).toContain(revoked)
  })

  it('TL2 shows ended session tokens for 24 hours, and only where ended tokens are listed', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    const { session } = await engine.owner.sessions.mint({ project: 'demo', document: 'sales', permissions: ['read'] })
    await engine.owner.sessions.revoke({ id: session.id })
    await console.goto(LIST)
    await row(page, 'local-agent').waitFor()
    expect(await page.locator('[data-session]').count()).toBe(0)
    await choose(page, 'State', /^All/)
    await page.locator(`[data-session="${session.id}"]`).getByText('Ended just now').waitFor()
    const { secret } = await create(console, 'last-quarter')
    await engine.owner.tokens.revoke({ project: 'demo', name: 'last-quarter' })
    for (let count = 0; count < 5; count += 1)
      await post(`${engine.url}/api/v1/sessions`, secret, { document: 'sales', permissions: ['read'] })
    await page.reload()
    await choose(page, 'State', /^Ended in the last 30 days 1/)
    const ended = row(page, 'last-quarter')
    await ended.getByText(/^Revoked by you/).waitFor()
    const tried = ended.getByRole('link', { name: 'still tried 5 times' })
    await tried.waitFor()
    expect((await ended.boundingBox())?.height).toBeLessThanOrEqual(44)
    await tried.click()
    await page.getByRole('heading', { name: 'Log', level: 1 }).waitFor()
    await page.waitForURL(/token=last-quarter/)
  })

  it('TL3 filtered by connection, lists exactly the tokens that can use it', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    await create(console, 'reader', { grants: [{ connection: 'sales', permissions: ['read'] }] })
    await create(console, 'writer', { grants: [{ connection: 'sales', permissions: ['write'], tables: ['Orders'] }] })
    await create(console, 'nobody')
    await console.goto(LIST)
    await row(page, 'nobody').waitFor()
    await choose(page, 'Permission', 'write')
    await choose(page, 'Connection', 'sales')
    const may = async (name: string) =>
      (
        await engine.owner.tokens.may({
          project: 'demo',
          name,
          connection: 'sales',
          permission: 'write',
          resource: 'Orders',
        })
      ).allowed
    const all = (await engine.owner.tokens.list({ project: 'demo' })).map(({ name }) => name)
    const allowed = (await Promise.all(all.map(async (name) => ((await may(name)) ? [name] : [])))).flat()
    expect(allowed).toContain('writer')
    await expect.poll(() => names(page)).toEqual(allowed.sort())
    await page.getByRole('button', { name: 'Clear', exact: true }).click()
    await row(page, 'nobody').waitFor()
  })

  it('TL4 draws at most 60 of 1,000 tokens, finds one by typing, sorts, and keeps the selection', async () => {
    await using stored = await homeWithConnections([])
    await using console = await startConsole({ viewport: SIZES[0], engine: { home: stored.home } })
    const { page } = console
    for (let index = 0; index < 1000; index += 1)
      await create(console, `agent-${String(index).padStart(4, '0')}`, { ttl: `${index + 30}d` })
    await console.goto(LIST)
    await row(page, 'agent-0000').waitFor()
    expect(await page.locator('[role=row][data-name]').count()).toBeLessThanOrEqual(60)
    await page.getByText('1,001 tokens').waitFor()
    await page.getByRole('checkbox', { name: 'Select agent-0001' }).check()
    await page.getByRole('searchbox', { name: 'Search tokens' }).fill('agent-0777')
    await expect.poll(() => names(page)).toEqual(['agent-0777'])
    await page.getByText('1 of 1,001 tokens, 1 selected').waitFor()
    await page.getByRole('searchbox', { name: 'Search tokens' }).fill('no such token')
    await page.getByRole('button', { name: 'Clear filters' }).click()
    expect(await page.getByRole('checkbox', { name: 'Select agent-0001' }).isChecked()).toBe(true)
    await page.getByRole('button', { name: 'Name', exact: true }).click()
    await expect.poll(async () => (await names(page))[0]).toBe('local-agent')
    expect(await page.getByRole('columnheader', { name: 'Name' }).getAttribute('aria-sort')).toBe('descending')
    await page.getByRole('button', { name: 'Status', exact: true }).click()
    await expect.poll(async () => (await names(page))[0]).toBe('agent-0000')
  })

  it('TL5 loads with at most 4 engine calls besides those of the frame', async () => {
    await using console = await startConsole()
    const { page } = console
    await console.goto('/settings')
    await page.getByRole('heading', { name: 'Settings' }).waitFor()
    const asked = new Set<string>()
    page.on('request', (request) => asked.add(new URL(request.url()).pathname.replace(/^.*\/(\w+\/\w+)$/, '$1')))
    await console.goto(LIST)
    await row(page, 'local-agent').waitFor()
    const list = [...asked].filter((path) => /^(tokens|sessions|connections|requests)\//.test(path))
    expect(list.filter((path) => path !== 'requests/bounds').length).toBeLessThanOrEqual(4)
    expect(list).toContain('requests/top')
  })

  it('TL6 revokes the selected tokens in one call, after naming each one and what it interrupts', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    const secrets = []
    for (const name of ['one', 'two', 'three']) secrets.push((await create(console, name, { clone: true })).secret)
    await post(`${engine.url}/api/v1/sessions`, secrets[0] ?? '', { document: 'sales', permissions: ['read'] })
    await console.goto(LIST)
    for (const name of ['one', 'two']) await page.getByRole('checkbox', { name: `Select ${name}` }).check()
    let calls = 0
    page.on('request', (request) => {
      const isPreview = request.postData()?.includes('preview') === true
      if (/tokens\/(bulk|revoke)$/.test(new URL(request.url()).pathname) && !isPreview) calls += 1
    })
    await page.getByRole('button', { name: 'Revoke…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('2 tokens are revoked. 1 session token ends.').waitFor()
    expect(await dialog.getByRole('listitem').allInnerTexts()).toEqual(['one', 'two'])
    expect((await engine.owner.tokens.get({ project: 'demo', name: 'one' })).status).toBe('active')
    await dialog.getByRole('button', { name: 'Revoke 2 tokens' }).click()
    await expect.poll(() => names(page)).toEqual(['local-agent', 'three'])
    expect(calls).toBe(1)
  })

  it('TL7 shows every grant by keyboard alone, and closes with Escape', async () => {
    await using console = await startConsole()
    const { page } = console
    await create(console, 'agent', {
      grants: [
        { connection: 'sales', permissions: ['read'] },
        { connection: 'sales', permissions: ['write'], tables: ['Orders'] },
      ],
    })
    await console.goto(LIST)
    const cell = row(page, 'agent').getByRole('button', { name: /Show all permissions of agent/ })
    await cell.press('Enter')
    await page.getByText('read on everything').waitFor()
    await page.getByText('write on tables Orders').waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => page.getByText('write on tables Orders').count()).toBe(0)
    // Also while the pointer shows them, with the focus elsewhere.
    await cell.hover()
    await page.getByText('read on everything').waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => page.getByText('read on everything').count()).toBe(0)
  })

  it('Escape closes a menu or popover before it has taken the focus', async () => {
    await using console = await startConsole()
    const { page } = console
    await create(console, 'agent', { grants: [{ connection: 'sales', permissions: ['read'] }] })
    await console.goto(LIST)
    for (const name of ['Actions for agent', /Show all permissions of agent/]) {
      const button = row(page, 'agent').getByRole('button', { name })
      await button.focus()
      // In one task, so that no timer runs between the two.
      await button.evaluate((one: HTMLElement) => {
        one.click()
        return new Promise<void>((resolve) => {
          const observer = new MutationObserver(() => {
            if (one.ariaExpanded !== 'true') return
            observer.disconnect()
            one.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }))
            resolve()
          })
          observer.observe(one, { attributes: true })
        })
      })
      await expect.poll(() => button.getAttribute('aria-expanded')).toBe('false')
    }
  })

  it('pauses a token from its menu immediately, and Ctrl-Z resumes it', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    const state = async () => (await engine.owner.tokens.get({ project: 'demo', name: 'agent' })).paused
    await create(console, 'agent')
    await console.goto(LIST)
    await page.getByRole('button', { name: 'Actions for agent' }).click()
    await page.getByRole('menuitem', { name: 'Pause' }).click()
    await row(page, 'agent').getByText('Paused').waitFor()
    expect(await state()).toBe(true)
    await page.getByText('Paused agent').waitFor()
    await page.keyboard.press('ControlOrMeta+z')
    await expect.poll(state).toBe(false)
    await expect.poll(() => row(page, 'agent').getByText('Paused').count()).toBe(0)
  })

  it('works by keyboard: arrows move and unfold, Space and Shift select, E and R open their dialogs', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    const { secret } = await create(console, 'agent-a', { clone: true })
    await create(console, 'agent-b', { clone: true })
    const minted = await post(`${engine.url}/api/v1/sessions`, secret, { document: 'sales', permissions: ['read'] })
    expect(minted.status).toBe(200)
    await console.goto(LIST)
    await row(page, 'agent-a').getByText('1 session token').waitFor()
    await row(page, 'agent-a').press('ArrowRight')
    await page.locator('[data-session]').waitFor()
    await page.keyboard.press('ArrowLeft')
    await expect.poll(() => page.locator('[data-session]').count()).toBe(0)
    await page.keyboard.press('Space')
    await page.keyboard.press('Shift+ArrowDown')
    await page.getByText('2 selected').waitFor()
    await waitForFocus(row(page, 'agent-b'))
    await page.keyboard.press('r')
    await page.getByRole('dialog', { name: 'Revoke agent-b' }).waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
    await row(page, 'agent-b').press('e')
    await page.getByRole('dialog', { name: 'Extend agent-b' }).waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
    await row(page, 'agent-b').press('Enter')
    await page.getByRole('heading', { name: 'agent-b', level: 1 }).waitFor()
  })

  it('RU1 passes the accessibility checks in both themes, with a session token and a selection', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    await create(console, 'agent', { clone: true })
    await engine.owner.sessions.mint({ project: 'demo', document: 'sales', permissions: ['read'] })
    await console.goto(LIST)
    await page.getByRole('checkbox', { name: 'Select agent' }).check()
    await page.locator('[data-session]').waitFor()
    expect(await violations(page)).toEqual([])
    expect(console.complaints).toEqual([])
  })

  it('explains what tokens are for while there are none', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    await engine.owner.projects.create({ name: 'empty' })
    await console.goto('/projects/empty/tokens')
    await page.getByText('No tokens yet').waitFor()
    expect(await page.getByRole('button', { name: 'New token', exact: true }).count()).toBe(1)
  })
})
