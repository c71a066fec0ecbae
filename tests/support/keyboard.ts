import type { Locator, Page } from 'playwright-core'
import { until } from './until.ts'

const MAX_STEPS = 80
/** More options than any list that tests navigate by arrow keys. */
const MAX_OPTIONS = 40

/**
 * Waits until the page has finished its pending work. React runs effects as a task after drawing, and they start the timers
 * with which a dialog, a menu or a list takes the focus. A background task runs after those, and a timer after earlier timers.
 */
export async function settle(page: Page): Promise<void> {
  await page.evaluate(`(async () => {
    const background = () => scheduler.postTask(() => undefined, { priority: 'background' })
    await background()
    await new Promise((resolve) => setTimeout(resolve))
    await background()
  })()`)
}

/**
 * Presses Tab until the focus is on the element, like someone without a mouse. Waits first until the element can be used and
 * the layer that it belongs to has taken the focus. Throws if the element is never reached.
 */
export async function tabTo(
  page: Page,
  target: Locator,
  key: 'Tab' | 'Shift+Tab' | 'ArrowDown' = 'Tab',
): Promise<void> {
  // Waits for attached, not visible, because controls that are drawn by their label have an input without a size.
  await target.waitFor({ state: 'attached' })
  await until(`${target} is enabled`, () => target.isEnabled())
  await settle(page)
  // Finds it once, because finding a role and a name takes the page longer than handling the key.
  let element = await target.elementHandle()
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const state = await element?.evaluate((one) => (one.isConnected ? one.matches(':focus') : 'gone'))
    if (state === 'gone') element = await target.elementHandle()
    else if (state === true) {
      if (await isFocused(target)) return
      // React reused the element for another control.
      element = await target.elementHandle()
      await page.keyboard.press(key)
    } else await page.keyboard.press(key)
  }
  throw new Error(`${MAX_STEPS} times ${key} never reached ${target}`)
}

export function isFocused(target: Locator): Promise<boolean> {
  return target.evaluate((element) => element.matches(':focus'))
}

/** Waits until the element has the focus, which Hallpass gives it. */
export async function waitForFocus(target: Locator): Promise<void> {
  await until(`${target} has the focus`, () => isFocused(target))
}

/** Reaches an element by Tab and presses a key on it. */
export async function pressOn(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await tabTo(page, target)
  await page.keyboard.press(key)
}

/** Waits until Hallpass has given the element the focus, and presses a key on it. */
export async function pressFocused(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await waitForFocus(target)
  await settle(page)
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

/** Reaches a field by Tab and replaces its content by typing. */
export async function typeInto(page: Page, target: Locator, text: string): Promise<void> {
  await tabTo(page, target)
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type(text)
  await until(`${target} holds what was typed`, async () => (await target.inputValue()) === text)
}

/** Opens a list of choices by ArrowDown (Enter would send its form), reaches an option by arrow keys and selects it. */
export async function chooseOption(page: Page, list: Locator, name: string): Promise<void> {
  const isOpen = async (): Promise<boolean> => (await list.getAttribute('aria-expanded')) === 'true'
  await pressOn(page, list, 'ArrowDown')
  await until(`${list} is open`, isOpen)
  await takeOption(page, name)
  await until(`${list} is closed`, async () => !(await isOpen()))
}

/** Reaches an option of the open list by arrow keys and selects it. */
export async function takeOption(page: Page, name: string): Promise<void> {
  const option = page.getByRole('option', { name, exact: true })
  await option.waitFor()
  // The list marks the current option in a timer. An arrow key pressed before that has no starting point.
  await settle(page)
  for (let step = 0; (await option.getAttribute('data-combobox-selected')) !== 'true'; step += 1) {
    if (step === MAX_OPTIONS) throw new Error(`${MAX_OPTIONS} times ArrowDown never reached option “${name}”`)
    await page.keyboard.press('ArrowDown')
  }
  await page.keyboard.press('Enter')
}
