import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { violations } from '../support/accessibility.ts'
import { missingBrowser } from '../support/chromium.ts'
import { openConsole, type OpenConsole } from '../support/console-browser.ts'
import { pressOn, waitForFocus } from '../support/keyboard.ts'
import { openPalette } from './support/open-palette.ts'

describe.skipIf(missingBrowser() !== null)('keyboard shortcuts', () => {
  let open: OpenConsole
  beforeAll(async () => {
    open = await openConsole()
  })
  afterAll(() => open[Symbol.asyncDispose]())

  const list = () => open.page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  const heading = (name: string) => open.page.getByRole('heading', { name, level: 1 })

  /** Opens the list on a screen, and returns the keys of each line. */
  async function listed(path: string): Promise<string[]> {
    await open.goto(path)
    await open.page.getByRole('heading', { level: 1 }).first().waitFor()
    await open.page.keyboard.press('?')
    await list().getByRole('listitem').first().waitFor()
    const lines = await list().getByRole('listitem').all()
    const keys = await Promise.all(lines.map(async (line) => (await line.locator('kbd').allInnerTexts()).join(' ')))
    await open.page.keyboard.press('Escape')
    await list().waitFor({ state: 'detached' })
    return keys
  }

  test('PA3 ? lists exactly the shortcuts that work on the screen', async () => {
    const { page } = open
    const everywhere = ['Ctrl K', 'Ctrl Shift .', '?', 'Esc']
    const places = ['G O', 'G A', 'G P', 'G V', 'G L', 'G T', 'G C', 'G S']
    expect(await listed('/approvals')).toEqual([...everywhere, ...places])
    // N and / do nothing here: had they, the next keys would have led elsewhere.
    for (const key of ['n', '/', 'g', 'o']) await page.keyboard.press(key)
    await heading('Overview').waitFor()

    await open.goto('/projects/demo/tokens/local-agent')
    await page.getByRole('checkbox', { name: /^read on sales/ }).waitFor()
    expect(await listed('/projects/demo/tokens/local-agent')).toEqual([
      ...everywhere,
      '/',
      '→ ←',
      '↓ ↑',
      'Space',
      ...places,
    ])

    expect(await listed('/projects/demo/log')).toEqual(expect.arrayContaining(['/', 'F', 'L']))
    await page.keyboard.press('l')
    await page.getByRole('button', { name: 'Resume updates' }).waitFor()
    await page.keyboard.press('l')
    await page.getByRole('button', { name: 'Pause updates' }).waitFor()
    await page.keyboard.press('f')
    await page.getByLabel('Field').waitFor()
    await page.keyboard.press('Escape')

    await open.goto('/projects/demo/tokens')
    await page.getByRole('row', { name: /local-agent/ }).waitFor()
    const rows = ['↓ ↑', 'J K', 'Home End', 'Enter', 'Space', 'E', 'R']
    expect(await listed('/projects/demo/tokens')).toEqual([...everywhere, '/', 'N', ...rows, ...places])
    await page.keyboard.press('/')
    await waitForFocus(page.getByRole('searchbox', { name: 'Search tokens' }))
    // In a field, letters are text.
    await page.keyboard.type('n?g')
    expect(await page.getByRole('searchbox', { name: 'Search tokens' }).inputValue()).toBe('n?g')
    await page.getByRole('searchbox', { name: 'Search tokens' }).fill('')
    await page.getByRole('searchbox', { name: 'Search tokens' }).blur()
    await page.keyboard.press('n')
    await heading('New token').waitFor()
    for (const [key, name] of [
      ['a', 'Attention'],
      ['p', 'Approvals'],
      ['v', 'Activity'],
      ['l', 'Log'],
      ['t', 'Agents & tokens'],
      ['c', 'Connections'],
      ['s', 'Settings'],
    ] as const) {
      await page.getByRole('heading', { level: 1 }).first().click()
      await page.keyboard.press('g')
      await page.keyboard.press(key)
      await heading(name).waitFor()
    }
    await page.keyboard.press('ControlOrMeta+Shift+Period')
    await expect.poll(async () => (await open.engine.owner.status()).paused).toBe(true)
    await page.getByRole('button', { name: 'Resume access' }).first().waitFor()
    await page.keyboard.press('ControlOrMeta+Shift+Period')
    await expect.poll(async () => (await open.engine.owner.status()).paused).toBe(false)
    expect(open.complaints).toEqual([])
  })

  test('the list of shortcuts is accessible, and shortcuts are off while it is open', async () => {
    const { page } = open
    await open.goto('/projects/demo/tokens')
    await page.getByRole('row', { name: /local-agent/ }).waitFor()
    await page.keyboard.press('?')
    await list().waitFor()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('n')
    await page.keyboard.press('Escape')
    await list().waitFor({ state: 'detached' })
    await heading('Agents & tokens').waitFor()
  })

  test('a focused row does not handle the second letter after G', async () => {
    const { page, engine } = open
    await open.goto('/projects/demo/tokens')
    await page.getByRole('row', { name: /local-agent/ }).focus()
    // R alone would open the dialog that revokes the token, and T of a connection would test it.
    await page.keyboard.press('g')
    await page.keyboard.press('c')
    await heading('Connections').waitFor()
    await page.getByRole('row', { name: /sales/ }).focus()
    const before = (await engine.owner.connections.get({ name: 'sales' })).health.checked_at
    await page.keyboard.press('g')
    await page.keyboard.press('t')
    await heading('Agents & tokens').waitFor()
    expect((await engine.owner.connections.get({ name: 'sales' })).health.checked_at).toEqual(before)
  })

  test('single-letter shortcuts can be turned off, and the others still work', async () => {
    const { page, engine } = open
    await open.goto('/settings')
    await pressOn(page, page.getByRole('switch', { name: 'Single letters' }), 'Space')
    await expect.poll(async () => (await engine.owner.settings.get()).single_keys).toBe(false)
    await open.goto('/projects/demo/tokens')
    const row = page.getByRole('row', { name: /local-agent/ })
    await row.focus()
    for (const key of ['?', 'n', 'j', 'e', 'r', 'g', 's', '/']) await page.keyboard.press(key)
    await openPalette(page)
    expect(await list().count()).toBe(0)
    await page.keyboard.press('Escape')
    await heading('Agents & tokens').waitFor()
    await engine.owner.settings.update({ single_keys: true })
  })

  test('an empty palette lists recent pages, and Resume first while access is paused', async () => {
    const { page, engine } = open
    await open.goto('/overview')
    await (await openPalette(page)).fill('local-agent')
    await page.getByRole('button', { name: /^local-agent\b/ }).click()
    await page.waitForURL(/tokens\/local-agent/)
    await expect
      .poll(async () => (await engine.owner.preferences.get()).recent)
      .toEqual([{ kind: 'token', name: 'local-agent', project: 'demo' }])
    await open.goto('/overview')
    await engine.owner.pause()
    await page.getByRole('button', { name: 'Resume access' }).first().waitFor()
    await openPalette(page)
    const lines = page.getByRole('dialog', { name: 'Search or run a command' }).getByRole('button')
    await page.getByRole('button', { name: /^local-agent/ }).waitFor()
    expect(await lines.first().innerText()).toBe('Resume all access')
    await page.keyboard.press('Escape')
    await engine.owner.resume()
  })
})
