import type { Locator, Page } from 'playwright-core'
import { waitForFocus } from '../../support/keyboard.ts'
import { until } from '../../support/until.ts'

/** Opens the palette, which loads after the first screen, and returns its field once it has the focus. */
export async function openPalette(page: Page): Promise<Locator> {
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  const field = page.getByRole('textbox', { name: 'Search', exact: true })
  await until('the palette opens', async () => {
    if (!(await field.isVisible())) await page.keyboard.press('ControlOrMeta+k')
    return field.isVisible()
  })
  await waitForFocus(field)
  return field
}
