import { describe, expect, it } from 'vitest'
import type { Grant } from '../../src/contract/grants.ts'
import { violations } from '../support/accessibility.ts'
import { missingBrowser } from '../support/chromium.ts'
import { startConsole, type OpenConsole } from '../support/console-browser.ts'
import { pressFocused } from '../support/keyboard.ts'
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
    const { body } = await post(`${engine.url}/api/v1/sessions`, secret, {
      document: 'sales',
      permissions: ['write'],
      resources: ['Orders'],
    })
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
    await dialog.getByText('1 session token has nothing left and ends.').waitFor()
    // A draft, even under review, changes nothing.
    expect((await engine.owner.tokens.get({ project: 'demo', name: 'agent' })).grants).toEqual([READ, WRITE_ORDERS])
    expect(await engine.owner.sessions.list({})).toHaveLength(1)
    // The button is enabled only once the effects are known, and has the focus from then on.
    await pressFocused(page, dialog.getByRole('button', { name: 'Save changes' }))
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
    expect((await engine.owner.tokens.get({ project: 'demo', name: 'agent' })).grants).toEqual([READ])
    expect(await engine.owner.sessions.list({})).toEqual([])
    expect((await write()).body['code']).toBe('TOKEN_EXPIRED')
    await expect.poll(() => page.getByRole('button', { name: 'Review and save' }).count()).toBe(0)
  })

  it('TP5 saves nothing if the token changed since it was opened', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    await openToken(console, [READ])
    await box(console, 'write on sales').click()
    await engine.owner.tokens.update({ project: 'demo', name: 'agent', revision: 1, set: { description: 'elsewhere' } })
    await page.getByText('This token changed since you opened it.').waitFor()
    await expect.poll(() => page.getByRole('button', { name: 'Review and save' }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Start over' }).click()
    await expect.poll(() => box(console, 'write on sales').isChecked()).toBe(false)
    expect((await engine.owner.tokens.get({ project: 'demo', name: 'agent' })).grants).toEqual([READ])
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

  it('shows an ended token, and offers no changes to it', async () => {
    await using console = await startConsole()
    await openToken(console, [READ])
    await console.engine.owner.tokens.revoke({ project: 'demo', name: 'agent' })
    await console.page.getByText('An ended token stays ended.').waitFor()
    await expect.poll(() => box(console, 'read on sales').isDisabled()).toBe(true)
  })
})
