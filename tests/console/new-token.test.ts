import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { violations } from '../support/accessibility.ts'
import { missingBrowser } from '../support/chromium.ts'
import { openConsole, type OpenConsole } from '../support/console-browser.ts'
import { homeWithConnections } from '../support/home-with-connections.ts'
import { pressOn, typeInto } from '../support/keyboard.ts'
import { findInPage } from '../support/page-memory.ts'
import { post } from '../support/start-test-engine.ts'

const NEW = '/projects/demo/tokens/new'
const SECRET = /hp_pat_[0-9A-Za-z]{49}/

describe.skipIf(missingBrowser() !== null)('a new token on one page', () => {
  const nameField = (page: Page) => page.getByRole('textbox', { name: 'Name', exact: true })
  const summary = (page: Page) => page.getByRole('complementary', { name: 'Summary' })
  const create = (page: Page) => page.getByRole('button', { name: 'Create token' })
  async function open(console: OpenConsole, search = ''): Promise<Page> {
    await console.goto(`${NEW}${search}`)
    await nameField(console.page).waitFor()
    return console.page
  }
  const token = ({ engine }: OpenConsole, name: string) => engine.owner.tokens.get({ project: 'demo', name })
  async function shownSecret(page: Page): Promise<string> {
    return SECRET.exec(await page.getByTestId('secret').innerText())?.[0] ?? ''
  }

  it('rejects a taken or malformed name, an invalid rate and a past date, and creates nothing', async () => {
    await using console = await openConsole()
    const page = await open(console)
    await nameField(page).fill('local-agent')
    await create(page).click()
    await page.getByText('A token with this name already exists').waitFor()
    await nameField(page).fill('two words')
    await page.getByText('must start with a letter or digit').waitFor()
    await nameField(page).fill('fine')
    await page.getByRole('radio', { name: 'Date' }).check()
    await page.getByLabel('Expiry date').fill('2020-01-31')
    await page.getByRole('button', { name: 'Limits' }).click()
    await page.getByRole('textbox', { name: 'Rate limit' }).fill('often')
    await create(page).click()
    await page.getByText('Enter a date in the future').waitFor()
    await page.getByText('Enter a limit such as 100/s').waitFor()
    expect((await console.engine.owner.tokens.list({ project: 'demo' })).map(({ name }) => name)).toEqual([
      'local-agent',
    ])
    expect(await nameField(page).inputValue()).toBe('fine')
  })

  it('NT1 grants read on 50 connections with a name and at most 4 clicks', async () => {
    await using stored = await homeWithConnections(Array.from({ length: 49 }, (_, index) => `file-${index}`))
    await using console = await openConsole({ engine: { home: stored.home } })
    const { page } = console
    await console.goto('/projects/demo/tokens')
    await page.getByRole('button', { name: 'New token', exact: true }).click()
    await nameField(page).fill('reader')
    await page.getByRole('button', { name: 'Read everything' }).click()
    await create(page).click()
    await page.getByRole('heading', { name: 'reader is ready' }).waitFor()
    const { grants } = await token(console, 'reader')
    expect(grants).toHaveLength(50)
    expect(grants.every(({ permissions, tables }) => permissions.join() === 'read' && tables === undefined)).toBe(true)
  })

  it('NT2 keeps Create token visible at 900×600 with 50 connections', async () => {
    await using stored = await homeWithConnections(Array.from({ length: 49 }, (_, index) => `file-${index}`))
    await using console = await openConsole({ viewport: { width: 900, height: 600 }, engine: { home: stored.home } })
    const page = await open(console)
    const inSight = async (): Promise<boolean> => {
      const box = await create(page).boundingBox()
      return box !== null && box.y >= 0 && box.y + box.height <= 600 && box.x + box.width <= 900
    }
    expect(await inSight()).toBe(true)
    await page.getByRole('button', { name: 'Read everything' }).click()
    await page.getByRole('checkbox', { name: 'read on file-48', exact: true }).scrollIntoViewIfNeeded()
    expect(await inSight()).toBe(true)
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  })

  it('NT3 copies everything but name and secret from another token', async () => {
    await using console = await openConsole()
    const { owner } = console.engine
    const grants = [
      { connection: 'sales', permissions: ['read' as const] },
      { connection: 'sales', permissions: ['write' as const], tables: ['Orders'] },
    ]
    await owner.tokens.create({
      project: 'demo',
      name: 'model',
      kind: 'access',
      grants,
      ttl: '45d',
      rate: '9/s',
      mode: 'search',
      answer_chars: 5000,
      budget: { requests: 70, bytes: 1_000_000 },
      description: 'Monthly report',
    })
    const page = await open(console, '?like=model')
    await nameField(page).fill('copy')
    await create(page).click()
    await page.getByRole('heading', { name: 'copy is ready' }).waitFor()
    const [model, copy] = [await token(console, 'model'), await token(console, 'copy')]
    const life = (one: typeof copy) =>
      Math.round((Date.parse(one.expires_at ?? '') - Date.parse(one.created_at)) / 1000)
    expect(life(copy)).toBe(life(model))
    const { kind, rate, mode, answer_chars: chars, description, budget } = model
    expect(copy).toMatchObject({ kind, rate, mode, answer_chars: chars, description, budget, grants })
    expect(budget).toEqual({ requests: 70, bytes: 1_000_000 })
    expect(copy.prefix).not.toBe(model.prefix)
  })

  it('NT4 spells out broad grants and a token that never expires', async () => {
    await using console = await openConsole()
    const page = await open(console)
    expect(await summary(page).innerText()).toContain('has no access yet')
    await page.getByRole('button', { name: 'Read everything' }).click()
    await expect.poll(() => summary(page).innerText()).toContain('read all of sales')
    expect(await summary(page).innerText()).toContain("It can't write or change tables and columns.")
    expect(await summary(page).innerText()).not.toContain('Broad')
    await page.getByRole('checkbox', { name: 'write on sales', exact: true }).check()
    await page.getByRole('radio', { name: 'Never' }).check()
    await expect.poll(() => summary(page).innerText()).toContain('Broad: all of sales')
    expect(await summary(page).innerText()).toContain('Never expires: it works until you revoke it.')
  })

  it('NT5 shows the first request within a second, with its client', async () => {
    await using console = await openConsole()
    const page = await open(console, '?connection=sales')
    await nameField(page).fill('first')
    await create(page).click()
    await page.getByText('Waiting for the first request…').waitFor()
    const secret = await shownSecret(page)
    await post(`${console.engine.url}/api/v1/sessions`, secret, { document: 'sales', permissions: ['read'] })
    await page.getByText(/^First request \d\d:\d\d:\d\d/).waitFor({ timeout: 5000 })
  })

  it('applies a role to the connections that the search shows, and leaves the others', async () => {
    await using stored = await homeWithConnections(['crm-a', 'crm-b'])
    await using console = await openConsole({ engine: { home: stored.home } })
    const page = await open(console, '?connection=sales')
    await page.getByRole('searchbox', { name: 'Search connections' }).fill('crm')
    await page.getByRole('checkbox', { name: 'Select all 2' }).check()
    await page.getByRole('button', { name: 'Editor' }).click()
    await nameField(page).fill('editor')
    await create(page).click()
    await page.getByRole('heading', { name: 'editor is ready' }).waitFor()
    expect((await token(console, 'editor')).grants).toEqual([
      { connection: 'sales', permissions: ['read'] },
      { connection: 'crm-a', permissions: ['read', 'write'] },
      { connection: 'crm-b', permissions: ['read', 'write'] },
    ])
  })

  it('saves a preset, and starts another token from it', async () => {
    await using console = await openConsole()
    const page = await open(console)
    await page.getByRole('checkbox', { name: 'read on sales', exact: true }).check()
    await page.getByRole('radio', { name: '12 hours' }).check()
    await page.getByRole('button', { name: 'Save as preset…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Short readers')
    await dialog.getByRole('button', { name: 'Save preset' }).click()
    await expect.poll(() => dialog.count()).toBe(0)
    expect((await console.engine.owner.tokens.list({ project: 'demo' })).length).toBe(1)
    await page.getByRole('button', { name: 'Nothing' }).click()
    await page.getByRole('button', { name: 'Saved' }).click()
    await page.getByRole('menuitem', { name: 'Short readers', exact: true }).click()
    await expect.poll(() => summary(page).innerText()).toContain('read all of sales')
    expect(await page.getByRole('radio', { name: '12 hours' }).isChecked()).toBe(true)
  })

  it('RU5 keeps an uncopied secret through Back and Done, then removes it from the page', async () => {
    await using console = await openConsole()
    const { page } = console
    await console.goto('/projects/demo/tokens')
    await page.getByRole('button', { name: 'New token', exact: true }).click()
    await nameField(page).fill('kept')
    await create(page).click()
    const secret = await shownSecret(page)
    expect(secret).toMatch(SECRET)
    await page.evaluate(() => history.back())
    const question = page.getByRole('dialog', { name: 'Close without the token?' })
    await question.waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => question.count()).toBe(0)
    expect(await shownSecret(page)).toBe(secret)
    await page.getByRole('link', { name: 'Overview' }).click()
    await question.waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => question.count()).toBe(0)
    await page.getByRole('button', { name: 'Done' }).click()
    await question.getByRole('button', { name: 'Close anyway' }).click()
    await page.getByRole('heading', { name: 'kept', level: 1 }).waitFor()
    await expect.poll(() => page.getByTestId('secret').count()).toBe(0)
    expect(await findInPage(page, secret)).toMatchObject({ heap: 0, document: 0 })
  })

  it('RU5 keeps an uncopied secret when another address is typed', async () => {
    await using console = await openConsole()
    const { page } = console
    await console.goto('/projects/demo/tokens')
    await page.evaluate(() => {
      location.hash = '#/projects/demo/tokens/new'
    })
    await nameField(page).fill('typed')
    await create(page).click()
    const secret = await shownSecret(page)
    const question = page.getByRole('dialog', { name: 'Close without the token?' })
    for (const leave of [
      () => history.back(),
      () => history.back(),
      () => void (location.hash = '#/overview'),
      () => void (location.hash = '#/activity'),
    ]) {
      await page.evaluate(leave)
      await question.waitFor()
      await page.keyboard.press('Escape')
      await expect.poll(() => question.count()).toBe(0)
      expect(await shownSecret(page)).toBe(secret)
    }
    // Back can also lead out of the page. Then the browser asks.
    const asked = page.waitForEvent('dialog')
    const reloading = page.evaluate(() => location.reload())
    const dialog = await asked
    expect(dialog.type()).toBe('beforeunload')
    await dialog.dismiss()
    await reloading
    expect(await shownSecret(page)).toBe(secret)
  })

  it('asks before discarding input, and not when there is none', async () => {
    await using console = await openConsole()
    const page = await open(console)
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('heading', { name: 'Agents & tokens', level: 1 }).waitFor()
    await open(console)
    await nameField(page).fill('draft')
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByRole('button', { name: 'Keep editing' }).click()
    expect(await nameField(page).inputValue()).toBe('draft')
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Discard' }).click()
    await page.getByRole('heading', { name: 'Agents & tokens', level: 1 }).waitFor()
  })

  it('creates a local token by keyboard alone and returns to the page that asked for it', async () => {
    await using console = await openConsole()
    const page = await open(console, '?kind=local&return=%2Fprojects%2Fdemo%2Fconnect')
    await typeInto(page, nameField(page), 'my-client')
    await pressOn(page, page.getByRole('checkbox', { name: 'read on sales', exact: true }), 'Space')
    await page.keyboard.press('ControlOrMeta+Enter')
    await page.getByRole('heading', { name: 'my-client is ready' }).waitFor()
    expect(await page.getByTestId('secret').count()).toBe(0)
    await pressOn(page, page.getByRole('button', { name: 'Done' }))
    await page.getByRole('heading', { name: 'Connect', level: 1 }).waitFor()
    expect(await token(console, 'my-client')).toMatchObject({ kind: 'local', grants: [{ connection: 'sales' }] })
  })

  it('follows no return address outside the console', async () => {
    await using console = await openConsole()
    const { page } = console
    await page.evaluate((hash) => (location.hash = hash), `${NEW}?kind=local&return=//example.org/`)
    await nameField(page).fill('stay')
    await create(page).click()
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('heading', { name: 'stay', level: 1 }).waitFor()
  })

  it('RU1 RU9 is accessible in both themes when empty, filled and created, with one filled button', async () => {
    await using console = await openConsole({ viewport: { width: 900, height: 600 } })
    await console.engine.owner.projects.create({ name: 'empty' })
    const { page } = console
    await console.goto('/projects/empty/tokens/new')
    await page.getByText('This project has no connections.').waitFor()
    expect(await violations(page)).toEqual([])
    await open(console)
    await page.getByRole('button', { name: 'Read everything' }).click()
    await page.getByRole('checkbox', { name: 'Select all 1' }).check()
    expect(await violations(page)).toEqual([])
    await nameField(page).fill('ready')
    await create(page).click()
    await page.getByRole('heading', { name: 'ready is ready' }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('button', { name: 'Close anyway' }).click()
    expect(console.complaints).toEqual([])
  })
})
