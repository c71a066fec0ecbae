import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { violations } from '../support/accessibility.ts'
import { missingBrowser } from '../support/chromium.ts'
import { openConsole, type OpenConsole } from '../support/console-browser.ts'
import { homeWithConnections } from '../support/home-with-connections.ts'
import { findInPage } from '../support/page-memory.ts'
import { post } from '../support/start-test-engine.ts'

const SESSION = /sess_[A-Za-z0-9_-]{43}/

describe.skipIf(missingBrowser() !== null)('a new session token', () => {
  const dialog = (page: Page) => page.getByRole('dialog').first()
  const create = (page: Page) => page.getByRole('button', { name: 'Create session token' })
  const question = (page: Page) => page.getByRole('dialog', { name: 'Close without the token?' })
  async function open(console: OpenConsole, project = 'demo'): Promise<Page> {
    await console.goto(`/projects/${project}/tokens`)
    await console.page.getByRole('button', { name: 'New session token' }).click()
    await dialog(console.page).waitFor()
    return console.page
  }
  const shown = async (page: Page): Promise<string> =>
    SESSION.exec(await page.getByTestId('secret').innerText())?.[0] ?? ''

  it('SE1 limits to tables of a document and paths of an HTTP API, and offers no MCP servers', async () => {
    await using console = await openConsole()
    const { owner } = console.engine
    const api = createServer((_request, response) => response.end('{}'))
    await once(api.listen(0, '127.0.0.1'), 'listening')
    onTestFinished(() => void api.close())
    const { port } = api.address() as AddressInfo
    const url = `http://127.0.0.1:${port}/v1`
    await owner.connections.create({
      name: 'weather',
      project: 'demo',
      config: { kind: 'http', url, auth: { type: 'none' } },
    })
    const page = await open(console)
    const connection = dialog(page).getByRole('combobox', { name: 'Connection' })
    await page.getByRole('combobox', { name: 'Limited to tables' }).waitFor()
    await connection.click()
    await page.getByRole('option', { name: 'weather' }).click()
    const paths = page.getByRole('combobox', { name: 'Limited to paths' })
    await paths.fill('/forecast/*')
    await paths.press('Enter')
    await create(page).click()
    await page.getByTestId('secret').waitFor()
    expect((await owner.sessions.list({ project: 'demo' }))[0]).toMatchObject({
      connection: 'weather',
      resources: ['/forecast/*'],
    })
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('button', { name: 'Close anyway' }).click()
  })

  it('SE2 reports the maximum of 60 minutes before sending anything', async () => {
    await using console = await openConsole()
    const page = await open(console)
    await page.getByRole('radio', { name: 'Other' }).check()
    const minutes = page.getByRole('textbox', { name: 'Minutes' })
    await minutes.fill('61')
    await page.getByText('60 minutes at most').waitFor()
    expect(await create(page).isDisabled()).toBe(true)
    await minutes.fill('60')
    await create(page).click()
    await page.getByText(/Expires in (1 h|59 min)/).waitFor()
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('button', { name: 'Close anyway' }).click()
  })

  it('SE3 shows the first request within a second, and counts requests', async () => {
    await using console = await openConsole()
    const page = await open(console)
    await create(page).click()
    await page.getByText('Not used yet').waitFor()
    const token = await shown(page)
    const list = () => post(`${console.engine.url}/api/v1/proxy`, token, { method: 'list_tables' })
    await list()
    await page.getByText(/First request just now, 1 request in all/).waitFor({ timeout: 5000 })
    await list()
    await page.getByText(/2 requests in all/).waitFor({ timeout: 5000 })
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('button', { name: 'Close anyway' }).click()
  })

  it('SE4 removes an expired token from the page and the clipboard, and offers a new one with the same settings', async () => {
    // A page's clock and permissions belong to its whole context.
    await using console = await openConsole({ context: { permissions: ['clipboard-read', 'clipboard-write'] } })
    const page = await open(console)
    const label = page.getByRole('textbox', { name: 'Label' })
    await label.fill('import')
    await page.clock.install()
    await create(page).click()
    const token = await shown(page)
    await page.getByRole('button', { name: 'Copy token' }).click()
    await page.getByText('Copied', { exact: true }).waitFor()
    const clipboard = () => page.evaluate(() => navigator.clipboard.readText())
    expect(await clipboard()).toBe(token)
    await page.clock.fastForward('06:00')
    await page.getByText('Ended', { exact: true }).waitFor()
    await expect.poll(() => page.getByTestId('secret').count()).toBe(0)
    await expect.poll(clipboard).toBe('')
    expect((await findInPage(page, token)).document).toBe(0)
    await page.getByRole('button', { name: 'Create another' }).click()
    expect(await label.inputValue()).toBe('import')
  })

  it('RU5 keeps an uncopied token through Escape, a click outside and Back', async () => {
    await using console = await openConsole()
    const { page } = console
    // Back leads to a screen that the page itself left.
    await console.goto('/projects/demo/connections')
    await page.getByRole('link', { name: 'Agents & tokens' }).click()
    await page.getByRole('button', { name: 'New session token' }).click()
    await create(page).click()
    const token = await shown(page)
    for (const leave of [
      () => page.keyboard.press('Escape'),
      () => page.mouse.click(4, 4),
      () => page.evaluate(() => history.back()),
    ]) {
      await leave()
      await question(page).waitFor()
      await page.keyboard.press('Escape')
      await expect.poll(() => question(page).count()).toBe(0)
      expect(await shown(page)).toBe(token)
    }
    await page.keyboard.press('Escape')
    await question(page).getByRole('button', { name: 'Close anyway' }).click()
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
    expect(await findInPage(page, token)).toMatchObject({ heap: 0, document: 0 })
  })

  it('creates one with a request limit and a label, which stops working when it is ended', async () => {
    await using console = await openConsole()
    const page = await open(console)
    await page.getByRole('textbox', { name: 'At most' }).fill('50')
    const label = page.getByRole('textbox', { name: 'Label' })
    await label.fill('import')
    await label.press('Enter')
    const token = await shown(page)
    const list = () => post(`${console.engine.url}/api/v1/proxy`, token, { method: 'list_tables' })
    expect((await list()).status).toBe(200)
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('button', { name: 'Close anyway' }).click()
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
    expect(await findInPage(page, token)).toMatchObject({ heap: 0, document: 0 })
    const row = page.locator('[data-session^="import-"]')
    await row.getByText(/of 50/).waitFor()
    await row.getByRole('button', { name: /End session token import-/ }).click()
    await dialog(page).getByText('No requests are running.').waitFor()
    await dialog(page).getByRole('button', { name: 'End session token' }).click()
    await expect.poll(() => row.count()).toBe(0)
    expect((await list()).body['code']).toBe('TOKEN_EXPIRED')
  })

  it('ends immediately from the dialog', async () => {
    await using console = await openConsole()
    const page = await open(console)
    await create(page).click()
    const token = await shown(page)
    await page.getByRole('button', { name: 'End now' }).click()
    await page.getByText('Ended', { exact: true }).waitFor()
    expect((await post(`${console.engine.url}/api/v1/proxy`, token, { method: 'list_tables' })).status).toBe(401)
    await page.getByRole('button', { name: 'Done' }).click()
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
  })

  it('finds one of 50 connections by typing', async () => {
    await using stored = await homeWithConnections(Array.from({ length: 50 }, (_, index) => `file-${index}`))
    await using console = await openConsole({ engine: { home: stored.home } })
    const page = await open(console)
    await dialog(page).getByRole('combobox', { name: 'Connection' }).fill('file-37')
    await page.getByRole('option', { name: 'file-37' }).click()
    expect(await dialog(page).getByRole('combobox', { name: 'Connection' }).inputValue()).toBe('file-37')
  })

  it('explains what to do without connections, and that time keeps running while access is paused', async () => {
    await using console = await openConsole()
    await console.engine.owner.projects.create({ name: 'empty' })
    await console.engine.owner.pause()
    let page = await open(console)
    await page.getByText('Access is paused, but its time keeps running.').waitFor()
    page = await open(console, 'empty')
    await page.getByText('This project has no connections.').waitFor()
    await page.getByRole('button', { name: 'Add connection' }).click()
    await page.getByRole('heading', { name: 'Add connection', level: 1 }).waitFor()
  })

  it('RU1 is accessible in both themes, before and after creation', async () => {
    await using console = await openConsole({ viewport: { width: 900, height: 600 } })
    const page = await open(console)
    await page.getByRole('combobox', { name: 'Limited to tables' }).waitFor()
    expect(await violations(page)).toEqual([])
    await create(page).click()
    await page.getByText('Not used yet').waitFor()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Escape')
    await question(page).waitFor()
    await question(page).getByRole('button', { name: 'Close anyway' }).click()
    expect(console.complaints).toEqual([])
  })
})
