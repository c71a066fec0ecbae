import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { ApprovalRecord } from '../../src/contract/records.ts'
import { violations } from '../support/accessibility.ts'
import { missingBrowser } from '../support/chromium.ts'
import { startConsole } from '../support/console-browser.ts'

const APPROVAL: ApprovalRecord = {
  id: 'first',
  project: 'demo',
  token: 'local-agent',
  client: 'Claude Desktop 1.4.0',
  connection: 'sales',
  permissions: ['write'],
  resources: ['Orders'],
  reason: '<b>The totals</b> are in the wrong currency.',
  ttl_seconds: null,
  asked_at: new Date().toISOString(),
  expires_at: new Date(Date.now() + 600_000).toISOString(),
}

describe.skipIf(missingBrowser() !== null)('Approvals', () => {
  // No request asks in this version, so the page is given the engine's answer.
  it('AP1 decides nothing within a second after a card appears or moves', async () => {
    await using console = await startConsole()
    const { page } = console
    let listed = [APPROVAL]
    const decided: unknown[] = []
    await page.route('**/console/rpc/approvals/list', (route) => route.fulfill({ json: { json: listed } }))
    await page.route('**/console/rpc/approvals/decide', (route) => {
      decided.push(route.request().postDataJSON())
      return route.fulfill({ json: { json: {} } })
    })
    await page.clock.install()
    await console.goto('/approvals')
    const first = page.getByRole('article').first()
    const button = (name: string) => first.getByRole('button', { name })
    await button('Deny').waitFor()
    expect(await first.getByText('<b>The totals</b>').isVisible()).toBe(true)
    expect(await first.locator('[data-variant=filled]').count()).toBe(0)
    expect(await violations(page)).toEqual([])
    await page.clock.pauseAt(new Date(Date.now() + 60_000))
    // Another card takes its place.
    listed = [{ ...APPROVAL, id: 'other', token: 'other-agent' }, APPROVAL]
    await refresh(page)
    await first.getByText('other-agent').waitFor()
    for (const name of ['Allow once', 'Deny']) await button(name).click()
    await button('Deny').focus()
    await page.keyboard.press('Enter')
    await page.clock.runFor(900)
    await button('Deny').click()
    await page.getByRole('article').nth(1).getByRole('button', { name: 'Deny' }).click()
    expect(decided).toEqual([])
    await page.clock.runFor(200)
    await button('Deny').click()
    await expect.poll(() => decided).toEqual([{ json: { id: 'other', decision: 'deny' } }])
  })
})

/** Has the page ask for the list again, as when the window gets the focus. */
async function refresh(page: Page): Promise<void> {
  await page.evaluate(() => {
    document.dispatchEvent(new Event('visibilitychange'))
    window.dispatchEvent(new Event('focus'))
  })
}
