import type { Locator, Page } from 'playwright-core'

const MOST_STEPS = 80

/** Presses Tab until the focus is on the element, as someone without a mouse does. Throws when it is never reached. */
export async function tabTo(
  page: Page,
  target: Locator,
  key: 'Tab' | 'Shift+Tab' | 'ArrowDown' = 'Tab',
): Promise<void> {
  // Attached, not visible: controls drawn by their label keep an input of no size.
  await target.waitFor({ state: 'attached' })
  for (let step = 0; step < MOST_STEPS; step += 1) {
    if (await isFocused(target)) return
    await page.keyboard.press(key)
  }
  throw new Error(`${MOST_STEPS} times ${key} never reached ${target}`)
}

export function isFocused(target: Locator): Promise<boolean> {
  return target.evaluate((element) => element.matches(':focus'))
}

/** Reaches an element by Tab and presses a key on it. */
export async function pressOn(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await tabTo(page, target)
  await page.keyboard.press(key)
}

/** Reaches an item of the open menu by arrow keys and presses Enter on it. */
export async function pressItem(page: Page, name: string): Promise<void> {
  const item = page.getByRole('menuitem', { name })
  await item.waitFor()
  // The menu takes the focus after it has opened. A key pressed before that goes nowhere.
  await page.locator('[role="menu"]:focus-within').waitFor()
  await tabTo(page, item, 'ArrowDown')
  await page.keyboard.press('Enter')
}

/** Reaches a field by Tab and types into it, in place of what it holds. */
export async function typeInto(page: Page, target: Locator, text: string): Promise<void> {
  await tabTo(page, target)
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type(text)
}
