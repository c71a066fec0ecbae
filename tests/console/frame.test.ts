import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { violations } from '../support/accessibility.ts'
import { missingBrowser } from '../support/chromium.ts'
import { openConsole, type OpenConsole } from '../support/console-browser.ts'

const SCREENS = [
  '/overview',
  '/attention',
  '/approvals',
  '/activity',
  '/log',
  '/settings',
  '/projects/demo/connections',
  '/projects/demo/connections/sales',
  '/projects/demo/tokens',
  '/projects/demo/connect',
] as const

describe.skipIf(missingBrowser() !== null)('the frame', () => {
  let open: OpenConsole
  beforeEach(async () => {
    open = await openConsole()
  })
  afterEach(() => open[Symbol.asyncDispose]())

  test('FR2 reaches each of 26 projects from the sidebar with 2 keys and its name', async () => {
    const { page, engine } = open
    for (let index = 1; index < 26; index += 1) await engine.owner.projects.create({ name: `project-${index}` })
    await open.goto('/overview')
    const all = page.getByRole('button', { name: 'All 26 projects' })
    await all.waitFor()
    const links = page.getByRole('group', { name: 'Projects' }).getByRole('link')
    expect(await links.count()).toBeLessThanOrEqual(8)
    for (const name of ['project-25', 'demo', 'project-13']) {
      await all.focus()
      await page.keyboard.press('Enter')
      const search = page.getByRole('combobox', { name: 'Search projects' })
      await expect.poll(() => search.evaluate((element) => element.matches(':focus'))).toBe(true)
      await page.keyboard.type(name)
      await page.getByRole('option', { name, exact: true, selected: true }).waitFor()
      await page.keyboard.press('Enter')
      await page.waitForURL((url) => url.hash.startsWith(`#/projects/${name}/`))
      await search.waitFor({ state: 'detached' })
    }
    await all.click()
    await page.getByRole('option').first().waitFor()
    expect(await page.getByRole('option').count()).toBe(26)
    expect(await violations(page)).toEqual([])
    // The menu of a narrow window closes by each of its links, also by that of the screen that is shown.
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.setViewportSize({ width: 550, height: 600 })
    await open.goto('/log')
    const menu = page.getByRole('button', { name: 'Menu' })
    for (const way of ['click', 'press'] as const) {
      await menu.click()
      const link = page.getByRole('navigation', { name: 'Hallpass' }).getByRole('link', { name: 'Log' })
      await (way === 'click' ? link.click() : link.press('Enter'))
      await expect.poll(() => menu.getAttribute('aria-expanded')).toBe('false')
    }
    expect(open.complaints).toEqual([])
  })

  test('RU9 no placeholder has the color of an error, and no list has two filled buttons', async () => {
    const { page } = open
    await open.goto('/projects/demo/connections')
    await page.getByRole('link', { name: 'Add connection' }).click()
    await page.getByRole('button', { name: /HTTP API/ }).click()
    await page.getByRole('button', { name: 'Add connection' }).click()
    const field = page.getByLabel('Base URL')
    await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true')
    const [placeholder, error] = await field.evaluate((element) => [
      getComputedStyle(element, '::placeholder').color,
      getComputedStyle(element).borderColor,
    ])
    expect(placeholder).not.toBe(error)
    for (const path of SCREENS) {
      await open.goto(path)
      await page.getByRole('heading', { level: 1 }).first().waitFor()
      expect(await page.locator('main button[data-variant=filled]:visible').count(), path).toBeLessThanOrEqual(1)
    }
  })
})
