import type { Locator, Page } from 'playwright-core'
import { settle } from '../../support/keyboard.ts'

/** What folds, and what opens a menu, a list or a dialog. Three dots say that something is asked before it is done. */
const OPENERS = '#main :is(button, input):is([aria-expanded=false], [aria-haspopup]), #main button:has-text("…")'
const LAYERS = '[role=dialog], [role=menu], [role=listbox]'

/** Opens everything that a screen can open, one after the other, and each dialog of a menu too. Nothing is changed. */
export async function openEverything(page: Page): Promise<void> {
  const openers = page.locator(OPENERS)
  for (let index = 0; index < (await openers.count()); index += 1) {
    const opener = openers.nth(index)
    if (!(await opener.isVisible()) || !(await opener.isEnabled())) continue
    await openOnce(page, opener)
    const items = page.getByRole('menuitem', { disabled: false }).filter({ hasText: '…' })
    for (let item = 0; item < (await items.count()); item += 1) {
      await items.nth(item).click()
      await closeAll(page)
      await openOnce(page, opener)
    }
    await closeAll(page)
  }
}

async function openOnce(page: Page, opener: Locator): Promise<void> {
  await opener.click()
  await settle(page)
}

async function closeAll(page: Page): Promise<void> {
  await settle(page)
  for (let left = 5; left > 0 && (await page.locator(LAYERS).locator('visible=true').count()) > 0; left -= 1) {
    await page.keyboard.press('Escape')
    await settle(page)
  }
}
