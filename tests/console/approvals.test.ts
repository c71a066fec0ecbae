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
  it('AP1 decides nothing within a second after a card appears', async () => {
    await using console = await startConsole()
    const { page } = console
    let listed = [APPROVAL]
    const decided: unknown[] = []
    await page.route('**/console/rpc/approvals/list', (route) => route.fulfill({ json: { json: listed } }))
    await page.route('**/console/rpc/approvals/decide', (route) => {
      decided.push(route.request().postDataJSON())
      return route.fulfill({ json: { json: {} } })
    })
    const start = Date.now()
    await page.clock.setFixedTime(start)
    await console.goto('/approvals')
    const first = page.getByRole('article').first()
    const button = (name: string) => first.getByRole('button', { name })
    await button('Deny').waitFor()
    expect(await first.getByText('<b>The totals</b>').isVisible()).toBe(true)
    expect(await first.locator('[data-variant=filled]').count()).toBe(0)
    expect(await violations(page)).toEqual([])
    const pressAll = async () => {
      for (const name of ['Allow once', 'Deny']) await button(name).click()
      await button('Deny').focus()
      await page.keyboard.press('Enter')
    }
    await pressAll()
    await page.clock.setFixedTime(start + 999)
    await pressAll()
    // Another card takes the place of the first.
    await console.goto('/overview')
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
    listed = [{ ...APPROVAL, id: 'other', token: 'other-agent' }, APPROVAL]
    await page.reload()
    await console.goto('/approvals')
    await first.getByText('other-agent').waitFor()
    await pressAll()
    await page.clock.setFixedTime(start + 1998)
    await pressAll()
    expect(decided).toEqual([])
    await page.clock.setFixedTime(start + 1999)
    await button('Deny').click()
    await expect.poll(() => decided).toEqual([{ json: { id: 'other', decision: 'deny' } }])
  })
})
