import { expect, test } from 'vitest'
import { missingBrowser } from '../support/chromium.ts'
import { openConsole } from '../support/console-browser.ts'

test.skipIf(missingBrowser() !== null)(
  'the form for a new project opens empty after a canceled one, without its name or error',
  async () => {
    await using console = await openConsole()
    const { page } = console
    const name = page.getByRole('dialog').getByLabel('Name')
    await page.getByRole('button', { name: 'New project' }).click()
    await name.fill('demo')
    await name.press('Enter')
    await page.getByText('already exists').waitFor()
    expect(await name.inputValue()).toBe('demo')
    await name.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'New project' }).click()
    await name.waitFor()
    expect(await name.inputValue()).toBe('')
    expect(await page.getByText('already exists').count()).toBe(0)
  },
)
