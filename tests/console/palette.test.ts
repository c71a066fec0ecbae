import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { violations } from '../support/accessibility.ts'
import { missingBrowser } from '../support/chromium.ts'
import { openConsole, type OpenConsole } from '../support/console-browser.ts'
import { openPalette } from './support/open-palette.ts'

const lack = missingBrowser()

describe.skipIf(lack !== null)(`palette${lack === null ? '' : ` (left out: ${lack})`}`, () => {
  /** Opens the palette, types, and waits until the first line of a kind is there and chosen by the arrow keys. */
  async function search({ page }: OpenConsole, text: string): Promise<void> {
    const field = await openPalette(page)
    await field.fill(text)
  }

  it('PA1 finds each of 26 projects, 1,000 tokens and 50 connections by name', async () => {
    await using opened = await openConsole()
    const { page, engine } = opened
    const { owner } = engine
    await using api = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1')
    await once(api, 'listening')
    const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}/`
    for (let index = 0; index < 25; index += 1) await owner.projects.create({ name: `team-${index}` })
    for (let index = 0; index < 49; index += 1)
      await owner.connections.create({
        name: `api-${index}`,
        project: `team-${index % 25}`,
        config: { kind: 'http', url, auth: { type: 'none' } },
      })
    for (let index = 0; index < 1000; index += 1)
      await owner.tokens.create({ project: `team-${index % 25}`, name: `agent-${index}`, kind: 'local' })
    await opened.goto('/overview')
    for (const [text, address] of [
      ['team-17', /projects\/team-17\/connections/],
      ['agent-731', /projects\/team-6\/tokens\/agent-731/],
      ['api-44', /projects\/team-19\/connections/],
    ] as const) {
      await search(opened, text)
      const line = page.getByRole('button', { name: new RegExp(`^${text}\\b`) })
      await line.waitFor()
      await page.keyboard.press('ArrowDown')
      await expect.poll(() => line.getAttribute('data-selected')).toBe('true')
      await page.keyboard.press('Enter')
      await page.waitForURL(address)
    }
    await search(opened, 'agent-')
    await page.getByRole('button', { name: 'Show all 1,000' }).click()
    await expect.poll(() => page.getByRole('button', { name: /^agent-/ }).count()).toBe(1000)
    expect(opened.complaints).toEqual([])
  })

  it('PA2 a verb and a name open the dialog of the action, or run it', async () => {
    await using opened = await openConsole()
    const { page, engine } = opened
    await engine.owner.tokens.create({ project: 'demo', name: 'nightly-export', kind: 'local' })
    await opened.goto('/overview')
    await search(opened, 'revoke nig')
    await page.getByRole('button', { name: /^Revoke nightly-export…/ }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: /^Revoke nightly-export…/ }).click()
    const dialog = page.getByRole('dialog', { name: 'Revoke nightly-export' })
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect((await engine.owner.tokens.get({ project: 'demo', name: 'nightly-export' })).status).toBe('active')
    await search(opened, 'extend nightly')
    await page.getByRole('button', { name: /^Extend nightly-export…/ }).click()
    await page.getByRole('dialog', { name: 'Extend nightly-export' }).getByRole('button', { name: 'Cancel' }).click()
    await search(opened, 'pause nightly')
    await page.getByRole('button', { name: /^Pause nightly-export/ }).click()
    await expect
      .poll(async () => (await engine.owner.tokens.get({ project: 'demo', name: 'nightly-export' })).paused)
      .toBe(true)
    await search(opened, 'test sales')
    await page.getByRole('button', { name: /^Test sales/ }).click()
    await page.getByText(/^sales: connected in /).waitFor()
    await search(opened, 'no such name')
    await page.getByText('No results. Try a token, a connection or a request ID.').waitFor()
    expect(opened.complaints).toEqual([])
  })
})
