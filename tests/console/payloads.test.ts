import { mkdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { violations } from '../support/accessibility.ts'
import { missingBrowser } from '../support/chromium.ts'
import { startConsole } from '../support/console-browser.ts'
import { call, grid, mintSession, rows } from './support/log-page.ts'

const PICTURES = process.env['HALLPASS_PICTURES']

describe.skipIf(missingBrowser() !== null)("a project's settings page, and payloads", () => {
  let console: Awaited<ReturnType<typeof startConsole>>
  let token: string
  beforeAll(async () => {
    console = await startConsole()
    for (const name of ['alpha', 'zeta']) await console.engine.owner.projects.create({ name })
    token = await mintSession(console.engine)
  })
  afterAll(() => console[Symbol.asyncDispose]())

  async function picture(name: string): Promise<void> {
    if (PICTURES === undefined) return
    mkdirSync(PICTURES, { recursive: true })
    for (const [width, height] of [
      [900, 600],
      [1440, 900],
    ] as const)
      for (const colorScheme of ['light', 'dark'] as const) {
        await console.page.setViewportSize({ width, height })
        await console.page.emulateMedia({ colorScheme })
        await console.page.screenshot({ path: `${PICTURES}/${name}-${width}-${colorScheme}.png` })
      }
  }

  it('LG8 the request page offers to record payloads, and shows recorded ones', async () => {
    const { page, engine } = console
    await call(engine, token, { method: 'list_tables' })
    const [before] = await engine.owner.requests.list({ method: 'list_tables' })
    await console.goto(`/requests/${before?.id}`)
    const section = page.getByRole('region', { name: 'Payload' })
    await section.getByText('Not recorded.').waitFor()
    await section.getByRole('button', { name: 'Record payloads of demo…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Days').fill('31')
    await dialog.getByText('Enter a whole number from 1 to 30.').waitFor()
    expect(await dialog.getByRole('button', { name: 'Record payloads' }).isDisabled()).toBe(true)
    await dialog.getByLabel('Days').fill('3')
    await picture('dialog')
    await dialog.getByRole('button', { name: 'Record payloads' }).click()
    await section.getByText(/Payloads of demo are recorded until/).waitFor()
    expect(await engine.owner.projects.get({ name: 'demo' })).toMatchObject({ payloads: 'on' })

    await call(engine, token, { method: 'get_records', table: 'Orders', limit: 2 })
    await console.goto('/projects/demo/log')
    await page.getByText(/Payloads of demo are recorded until.*Secrets and tokens are masked/).waitFor()
    await picture('log')
    await rows(page).filter({ hasText: 'get_records' }).click()
    await page.getByRole('region', { name: 'Request', exact: true }).getByText('"table":"Orders"').waitFor()
    await page.getByRole('region', { name: 'Response', exact: true }).getByText('"records"').waitFor()
    await picture('panel')
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Escape')
    await grid(page).waitFor()
  })

  it('describes and pins the project, undoes that with Ctrl-Z, and stops recording', async () => {
    const { page, engine } = console
    await console.goto('/projects/demo/settings')
    await page.getByRole('heading', { name: 'Project', level: 1 }).waitFor()
    await expect.poll(() => page.title()).toBe('Project · demo – Hallpass')
    await page.getByLabel('Description').fill('What we sell')
    await page.keyboard.press('Enter')
    await expect.poll(async () => (await engine.owner.projects.get({ name: 'demo' })).description).toBe('What we sell')
    const sidebar = page.getByRole('group', { name: 'Projects' }).getByRole('link')
    expect((await sidebar.allInnerTexts()).map((text) => text.trim())).toEqual(['alpha', 'demo', 'zeta'])
    await page.getByLabel('Pinned').press('Space')
    await expect.poll(async () => (await sidebar.allInnerTexts())[0]?.trim()).toBe('demo')
    await page.keyboard.press('Control+z')
    await expect.poll(async () => (await sidebar.allInnerTexts())[0]?.trim()).toBe('alpha')
    await picture('project')
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Stop…' }).click()
    await page.getByRole('button', { name: 'Stop and delete payloads' }).click()
    await page.getByText('Not recorded. The log has no contents of requests.').waitFor()
    expect(await engine.owner.projects.get({ name: 'demo' })).toMatchObject({ payloads: 'off', payloads_until: null })
  })
})
