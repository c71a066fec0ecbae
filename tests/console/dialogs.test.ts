import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { violations } from '../support/accessibility.ts'
import { missingBrowser } from '../support/chromium.ts'
import { openConsole, type OpenConsole } from '../support/console-browser.ts'

describe.skipIf(missingBrowser() !== null)('dialogs', () => {
  let open: OpenConsole
  beforeEach(async () => {
    open = await openConsole()
    await open.engine.owner.tokens.create({ project: 'demo', name: 'nightly', kind: 'access', ttl: '1d' })
  })
  afterEach(() => open[Symbol.asyncDispose]())

  test('RU1 axe finds nothing while "Close without the token?" covers the dialog with the token', async () => {
    const { page } = open
    await open.goto('/projects/demo/tokens')
    await page.getByRole('button', { name: 'Actions for nightly' }).click()
    await page.getByRole('menuitem', { name: 'Rotate secret…' }).click()
    await page.getByRole('button', { name: 'Rotate secret' }).click()
    await page.getByRole('dialog', { name: 'New secret for nightly' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog', { name: 'Close without the token?' }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Close anyway' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  test('return the focus to the element that opened them, including a menu button', async () => {
    const { page } = open
    const focused = () =>
      page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent)
    await open.goto('/projects/demo/tokens')
    for (const item of ['Extend…', 'Rotate secret…', 'Revoke…', 'Delete…']) {
      await page.getByRole('button', { name: 'Actions for nightly' }).click()
      await page.getByRole('menuitem', { name: item }).click()
      await page.getByRole('dialog').waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await expect.poll(focused, { message: item }).toBe('Actions for nightly')
    }
    await open.goto('/projects/demo/connections/sales')
    await page.getByRole('button', { name: 'Remove sales' }).press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(focused).toBe('Remove sales')
  })
})
