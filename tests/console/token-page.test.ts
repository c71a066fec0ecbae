import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Grant } from '../../src/contract/grants.ts'
import { violations } from '../support/accessibility.ts'
import { missingBrowser } from '../support/chromium.ts'
import { startConsole, type OpenConsole } from '../support/console-browser.ts'
import { pressFocused, pressOn, waitForFocus } from '../support/keyboard.ts'
import { homeWithConnections } from '../support/home-with-connections.ts'
import { post } from '../support/start-test-engine.ts'

const READ: Grant = { connection: 'sales', permissions: ['read'] }
const WRITE_ORDERS: Grant = { connection: 'sales', permissions: ['write'], tables: ['Orders'] }

describe.skipIf(missingBrowser() !== null)("a token's page in the console", () => {
  async function openToken(console: OpenConsole, grants: Grant[]): Promise<string> {
    const { secret } = await console.engine.owner.tokens.create({
      project: 'demo',
      name: 'agent',
      kind: 'access',
      grants,
    })
    await console.goto('/projects/demo/tokens/agent')
    await console.page.getByRole('heading', { name: 'agent', level: 1 }).waitFor()
    return secret ?? ''
  }
  const box = ({ page }: OpenConsole, name: string) => page.getByRole('checkbox', { name, exact: true })

  it('TP1 shows two grants on one connection as text, without hovering', async () => {
    await using console = await startConsole()
    await openToken(console, [READ, WRITE_ORDERS])
    const row = console.page.locator('[data-connection="sales"]')
    await row.getByText('read on everything').waitFor()
    await row.getByText('write on tables Orders').waitFor()
    await row.getByText(/^write on 1 of \d tables?$/).waitFor()
    // Folded, the grants are shown to those who point at them or focus them.
    await row.getByRole('button', { name: /^sales/ }).click()
    await row.getByText('write on tables Orders').waitFor({ state: 'detached' })
    await box(console, 'schema on sales').focus()
    await console.page.keyboard.press('ArrowRight')
    await console.page.getByRole('tooltip').getByText('write on tables Orders').waitFor()
    await row.getByRole('button', { name: /^sales/ }).click()
    expect(await box(console, 'read on sales').isChecked()).toBe(true)
    expect(await box(console, 'write on sales').evaluate((input: HTMLInputElement) => input.indeterminate)).toBe(true)
    await console.page.getByRole('rowheader', { name: 'Orders', exact: true }).waitFor()
    expect(await violations(console.page)).toEqual([])
    expect(console.complaints).toEqual([])
  })

  it('TP3 TP4 previews what a save interrupts, interrupts exactly that, and denies the next request', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    const secret = await openToken(console, [READ, WRITE_ORDERS])
    const mint = (permissions: string[]) =>
      post(`${engine.url}/api/v1/sessions`, secret, { document: 'sales', permissions, resources: ['Orders'] })
    const { body } = await mint(['write'])
    await mint(['read', 'write'])
    const write = () =>
      post(`${engine.url}/api/v1/proxy`, String(body['token']), {
        method: 'delete_records',
        table: 'Orders',
        row_ids: [],
      })
    await box(console, 'write on sales, Orders').click()
    await page.getByRole('button', { name: 'Review and save' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('− write on sales › Orders').waitFor()
    await dialog
      .getByText(/1 session token loses write on sales › Orders\. 1 session token has nothing left and ends\./)
      .waitFor()
    // A draft, even under review, changes nothing.
    expect((await engine.owner.tokens.get({ project: 'demo', name: 'agent' })).grants).toEqual([READ, WRITE_ORDERS])
    expect(await engine.owner.sessions.list({})).toHaveLength(2)
    // The button is enabled only once the effects are known, and has the focus from then on.
    await pressFocused(page, dialog.getByRole('button', { name: 'Save changes' }))
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
    expect((await engine.owner.tokens.get({ project: 'demo', name: 'agent' })).grants).toEqual([READ])
    expect(await engine.owner.sessions.list({})).toMatchObject([{ permissions: ['read', 'write'] }])
    expect((await write()).body['code']).toBe('TOKEN_EXPIRED')
    await expect.poll(() => page.getByRole('button', { name: 'Review and save' }).count()).toBe(0)
  })

  it('TP5 saves nothing if the token changed since it was opened', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    await openToken(console, [READ])
    await box(console, 'write on sales').click()
    await engine.owner.tokens.update({
      project: 'demo',
      name: 'agent',
      revision: 1,
      set: { description: 'elsewhere', budget: { records: 5 } },
    })
    await page.getByText('This token changed since you opened it.').waitFor()
    await expect.poll(() => page.getByRole('button', { name: 'Review and save' }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Show both' }).click()
    const both = page.getByRole('dialog')
    await both.getByText('elsewhere', { exact: true }).waitFor()
    await both.getByText('Records per day').waitFor()
    await both.getByText('+ write on all of sales').waitFor()
    await both.getByRole('button', { name: 'Keep both' }).click()
    await expect.poll(() => page.getByRole('button', { name: 'Review and save' }).isEnabled()).toBe(true)
    await engine.owner.tokens.update({ project: 'demo', name: 'agent', revision: 2, set: { description: 'again' } })
    await page.getByRole('button', { name: 'Start over' }).click()
    await expect.poll(() => box(console, 'write on sales').isChecked()).toBe(false)
    expect((await engine.owner.tokens.get({ project: 'demo', name: 'agent' })).grants).toEqual([READ])
  })

  it('TP6 can’t save a connection limited to nothing until a table is chosen or all is allowed', async () => {
    await using console = await startConsole()
    const { page } = console
    await openToken(console, [READ])
    const review = page.getByRole('button', { name: 'Review and save' })
    const limit = async () => {
      await page.getByRole('button', { name: 'Access to sales' }).click()
      await page.getByRole('menuitem', { name: 'Limit to tables…' }).click()
      await page.getByText('Choose at least one table, or allow all.').waitFor()
    }
    await limit()
    expect(await review.isDisabled()).toBe(true)
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Allow all tables of sales' }).click()
    // As saved: no draft is left.
    await expect.poll(() => review.count()).toBe(0)
    await limit()
    await page.keyboard.press('Control+s')
    await box(console, 'read on sales, Orders').click()
    await expect.poll(() => review.isEnabled()).toBe(true)
    await page.getByText('2 changes: − read on all of sales, + read on sales › Orders').waitFor()
    await page.keyboard.press('Control+s')
    const dialog = page.getByRole('dialog', { name: 'Save changes to agent?' })
    await dialog.getByText('− read on all of sales').waitFor()
    // Escape closes the review and keeps the draft.
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await page.keyboard.press('Control+s')
    await waitForFocus(dialog.getByRole('button', { name: 'Save changes' }))
    await page.keyboard.press('Control+Enter')
    await dialog.waitFor({ state: 'detached' })
    expect((await console.engine.owner.tokens.get({ project: 'demo', name: 'agent' })).grants).toEqual([
      { connection: 'sales', permissions: ['read'], tables: ['Orders'] },
    ])
    expect(console.complaints).toEqual([])
  })

  it('arrows move through the grid, Space ticks, → unfolds, and leaving asks about the draft', async () => {
    await using console = await startConsole()
    const { page } = console
    await openToken(console, [READ])
    await pressOn(page, page.getByRole('button', { name: /^sales/ }), 'ArrowRight')
    const orders = box(console, 'write on sales, Orders')
    await orders.waitFor()
    await page.keyboard.press('ArrowRight')
    await waitForFocus(box(console, 'read on sales'))
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowDown')
    await waitForFocus(box(console, 'write on sales, all tables'))
    await orders.focus()
    await page.keyboard.press('Space')
    await expect.poll(() => orders.isChecked()).toBe(true)
    await page.getByText('Not saved: added').waitFor()
    await page.keyboard.press('ArrowUp')
    await page.getByRole('link', { name: '‹ Agents & tokens' }).click()
    await page.getByRole('button', { name: 'Keep editing' }).click()
    await expect.poll(() => orders.isChecked()).toBe(true)
    await page.getByRole('button', { name: 'Discard', exact: true }).click()
    await page.getByRole('link', { name: '‹ Agents & tokens' }).click()
    await page.getByRole('heading', { name: 'Agents & tokens', level: 1 }).waitFor()
  })

  it('renames the token in place, tests a request, and undoes the rename', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    await openToken(console, [READ])
    await page.getByRole('button', { name: 'Test a request…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Test a request of agent' })
    await dialog.getByRole('button', { name: 'Test', exact: true }).click()
    await dialog.getByText('Allowed by grant 1: read on everything.').waitFor()
    await dialog.getByRole('combobox', { name: 'Permission' }).selectOption('write')
    await dialog.getByRole('button', { name: 'Test', exact: true }).click()
    await dialog.getByText('Permission denied').waitFor()
    expect(await violations(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Close' }).last().click()

    await page.getByRole('button', { name: 'Edit name' }).click()
    const field = page.getByRole('textbox', { name: 'Name' })
    await field.fill('two words')
    await field.press('Enter')
    await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true')
    expect(await field.inputValue()).toBe('two words')
    await field.fill('renamed')
    await field.press('Enter')
    await page.getByRole('heading', { name: 'renamed', level: 1 }).waitFor()
    expect(new URL(page.url()).hash).toContain('/tokens/renamed')
    await page.keyboard.press('Control+z')
    await page.getByRole('heading', { name: 'agent', level: 1, exact: true }).waitFor()
    expect((await engine.owner.tokens.list({ project: 'demo' })).map(({ name }) => name)).toContain('agent')
  })

  it('TP8 keeps the save bar visible at 900×600 with 51 connections', async () => {
    await using stored = await homeWithConnections(Array.from({ length: 50 }, (_, index) => `file-${index}`))
    await using console = await startConsole({ viewport: { width: 900, height: 600 }, engine: { home: stored.home } })
    await openToken(console, [])
    await box(console, 'read on file-3').click()
    const bar = await console.page.getByRole('region', { name: 'Unsaved changes' }).boundingBox()
    expect((bar?.y ?? 600) + (bar?.height ?? 0)).toBeLessThanOrEqual(600)
    expect(bar?.y).toBeGreaterThan(0)
    const sideways = await console.page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
    expect(sideways).toBe(false)
  })

  it('draws few of 1,000 tables, reaches the last with the arrow keys, and keeps the save bar visible', async () => {
    await using console = await startConsole({ viewport: { width: 900, height: 600 } })
    const { page, engine } = console
    const folder = mkdtempSync(join(tmpdir(), 'hallpass-wide-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const path = join(folder, 'wide.sqlite')
    const database = new Database(path)
    for (let index = 1000; index < 2000; index += 1) database.exec(`CREATE TABLE t${index} (id INTEGER PRIMARY KEY)`)
    database.close()
    await engine.owner.connections.create({ name: 'wide', project: 'demo', config: { kind: 'sqlite', path } })
    const grants: Grant[] = [{ connection: 'wide', permissions: ['read'], tables: ['t1000'] }]
    await openToken(console, grants)
    await page
      .locator('[data-connection="wide"]')
      .getByText(/^1 of 1,?000 tables$/)
      .waitFor()
    const rows = page.getByRole('table', { name: 'Permissions' }).getByRole('row')
    expect(await rows.count()).toBeLessThan(80)
    await box(console, 'write on wide, t1000').click()
    for (let table = 1001; table <= 1060; table += 1) {
      await page.keyboard.press('ArrowDown')
      await waitForFocus(box(console, `write on wide, t${table}`))
    }
    expect(await rows.count()).toBeLessThan(80)
    await page.getByRole('textbox', { name: 'Add to tables of wide' }).scrollIntoViewIfNeeded()
    await box(console, 'read on wide, t1999').click()
    expect(await rows.count()).toBeLessThan(80)
    const bar = await page.getByRole('region', { name: 'Unsaved changes' }).boundingBox()
    expect((bar?.y ?? 600) + (bar?.height ?? 0)).toBeLessThanOrEqual(600)
    await page
      .getByRole('region', { name: 'Unsaved changes' })
      .getByText(/^2 changes:/)
      .waitFor()
    expect(console.complaints).toEqual([])
  })

  it('shows an ended token, and offers no changes to it', async () => {
    await using console = await startConsole()
    await openToken(console, [READ])
    await console.engine.owner.tokens.revoke({ project: 'demo', name: 'agent' })
    await console.page.getByText('An ended token stays ended.').waitFor()
    await expect.poll(() => box(console, 'read on sales').isDisabled()).toBe(true)
    await console.page.getByRole('button', { name: 'New token like this' }).click()
    await console.page.getByRole('heading', { name: 'New token' }).waitFor()
  })
})
