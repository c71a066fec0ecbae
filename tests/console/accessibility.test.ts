import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { violations } from '../support/accessibility.ts'
import { missingBrowser } from '../support/chromium.ts'
import { startConsole, type OpenConsole } from '../support/console-browser.ts'

const VIEWPORT = { width: 900, height: 600 }

describe.skipIf(missingBrowser() !== null)('axe finds no violations on Welcome, Connections and Connect', () => {
  async function fits(page: Page): Promise<boolean> {
    return page.evaluate(
      'document.documentElement.scrollWidth <= innerWidth && document.documentElement.scrollHeight <= innerHeight',
    )
  }

  async function openForm(open: OpenConsole, kind: RegExp): Promise<void> {
    const { page } = open
    await open.goto('/projects/demo/connections/new')
    await page.getByRole('button', { name: kind }).click()
  }

  test('axe finds nothing on any screen, and each fits into 900 by 600', async () => {
    await using open = await startConsole({ viewport: VIEWPORT })
    const { page, engine } = open
    await engine.owner.connections.test({ name: 'sales' })
    await engine.owner.projects.create({ name: 'empty' })
    const screens = [
      ['/welcome', 'sales is connected'],
      ['/projects/demo/connections', 'SQLite file'],
      ['/projects/demo/connections/sales', 'Last 7 days'],
      ['/projects/demo/connections/sales?tab=settings', 'Test and save'],
      ['/projects/demo/connections/sales?tab=access', 'local-agent'],
      ['/projects/empty/connections', 'No connections yet'],
      ['/projects/demo/connect', 'Any other client'],
      ['/projects/nobody/connections', 'Project nobody not found'],
    ] as const
    for (const [path, sign] of screens) {
      await open.goto(path)
      await page.getByText(sign).first().waitFor()
      expect(await violations(page), path).toEqual([])
      expect(await fits(page), path).toBe(true)
    }
    await open.goto('/welcome')
    await page.getByRole('button', { name: 'Create session token' }).click()
    await page.getByRole('button', { name: 'Copy command' }).waitFor()
    expect(await violations(page)).toEqual([])
  })

  test('axe finds nothing on any form while its errors are shown', async () => {
    await using open = await startConsole({ viewport: VIEWPORT })
    const { page } = open
    await open.goto('/projects/demo/connections/new')
    await page.getByText('Grist document').waitFor()
    expect(await violations(page)).toEqual([])
    for (const [kind, act] of [
      [/Grist document/, 'Add connection'],
      [/SQLite file/, 'Add connection'],
      [/HTTP API/, 'Add connection'],
      [/MCP server/, 'Review command'],
    ] as const) {
      await openForm(open, kind)
      await page.getByRole('button', { name: act }).click()
      await page.locator('[aria-invalid=true]').first().waitFor()
      expect(await violations(page), String(kind)).toEqual([])
    }
    await openForm(open, /MCP server/)
    await page.getByLabel('Command', { exact: true }).fill('some-program --with "two words"')
    await page.getByRole('button', { name: 'Add variable' }).click()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Remove variable 1' }).click()
    await page.getByRole('button', { name: 'Review command' }).click()
    await page.getByRole('button', { name: 'Run command' }).waitFor()
    expect(await violations(page)).toEqual([])
  })

  test('axe finds nothing on dialogs that revoke or delete', async () => {
    await using open = await startConsole({ viewport: VIEWPORT })
    const { page } = open
    for (const [place, name, sign] of [
      ['connections/sales', 'Remove sales', 'Effect'],
      ['settings', 'Delete project…', 'to confirm'],
      ['settings', 'Record payloads…', 'Days'],
    ] as const) {
      await open.goto(`/projects/demo/${place}`)
      await page.getByRole('button', { name }).click()
      await page.getByRole('dialog').getByText(sign).waitFor()
      expect(await violations(page), name).toEqual([])
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'hidden' })
    }
  })
})
