import { describe, expect, it } from 'vitest'
import { violations } from '../support/accessibility.ts'
import { missingBrowser } from '../support/chromium.ts'
import { openConsole, startConsole } from '../support/console-browser.ts'
import { pressFocused } from '../support/keyboard.ts'
import { post } from '../support/start-test-engine.ts'

const lack = missingBrowser()
const SECRET = /hp_pat_[0-9A-Za-z]{49}/

describe.skipIf(lack !== null)(`tokens in the console${lack === null ? '' : ` (left out: ${lack})`}`, () => {
  it("says that a token which ends while it is being extended can't be restored", async () => {
    await using console = await startConsole()
    const { page, engine } = console
    const short = { project: 'demo', name: 'short' }
    await engine.owner.tokens.create({ ...short, kind: 'access', clone: true, ttl: '30d' })
    await console.goto('/projects/demo/tokens')
    await page.getByRole('button', { name: 'Actions for short' }).click()
    await page.getByRole('menuitem', { name: 'Extend' }).click()
    await page.getByRole('dialog').getByText('Expires in').waitFor()
    // Only now, so that the token is active when the dialog opens, however long that takes.
    await engine.owner.tokens.extend({ ...short, ttl: '1s' })
    await page.getByText('This token has expired or was revoked').waitFor()
    expect(await page.getByRole('button', { name: 'Extend token' }).isDisabled()).toBe(true)
    expect(await page.getByRole('dialog').innerText()).not.toContain('in expired')
  })

  it("explains how to copy where the browser doesn't let the page copy", async () => {
    await using console = await openConsole()
    const { page } = console
    await page.evaluate(() => {
      Object.defineProperty(navigator, 'clipboard', { value: undefined })
    })
    await console.goto('/projects/demo/connect')
    await page.getByRole('button', { name: /^Copy/ }).first().click()
    await page.getByText('Select the text and copy it manually.').waitFor()
    expect(await page.getByText("Can't reach Hallpass").count()).toBe(0)
    expect(await page.getByText('Copied', { exact: true }).count()).toBe(0)
  })

  it('names what revoking a token ends, and rejects its session token afterward', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    const { secret } = await engine.owner.tokens.create({
      project: 'demo',
      name: 'doomed',
      kind: 'access',
      clone: true,
    })
    const { body } = await post(`${engine.url}/api/v1/sessions`, secret, { document: 'sales', permissions: ['read'] })
    await console.goto('/projects/demo/tokens')
    await page.getByRole('button', { name: 'Actions for doomed' }).click()
    await page.getByRole('menuitem', { name: 'Revoke…' }).click()
    await page.getByText('Revokes 1 session token.').waitFor()
    await pressFocused(page, page.getByRole('button', { name: 'Revoke token' }))
    await expect.poll(() => page.locator('[data-token="doomed"]').count()).toBe(0)
    const after = await post(`${engine.url}/api/v1/proxy`, String(body['token']), { method: 'list_tables' })
    expect([after.status, after.body['code']]).toEqual([401, 'TOKEN_EXPIRED'])
  })

  it('rotates a token: rejects the old secret and shows the new one once', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    const { secret } = await engine.owner.tokens.create({
      project: 'demo',
      name: 'turning',
      kind: 'access',
      clone: true,
    })
    await console.goto('/projects/demo/tokens')
    await page.getByRole('button', { name: 'Actions for turning' }).click()
    await page.getByRole('menuitem', { name: 'Rotate secret…' }).click()
    await page.getByRole('button', { name: 'Rotate secret' }).click()
    const fresh = SECRET.exec(await page.getByTestId('secret').innerText())?.[0] ?? ''
    const mint = (token: string | null) =>
      post(`${engine.url}/api/v1/sessions`, token, { document: 'sales', permissions: ['read'] })
    expect((await mint(secret)).status).toBe(401)
    expect((await mint(fresh)).status).toBe(200)
  })

  it('saves one setting at a time, and keeps the input when it is rejected', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    const before = await engine.owner.settings.get()
    await console.goto('/settings')
    const days = page.getByRole('textbox', { name: 'Keep for (days)' })
    await days.fill('0')
    await days.press('Enter')
    await page.getByRole('alert').waitFor()
    expect(await days.inputValue()).toBe('0')
    expect(await engine.owner.settings.get()).toEqual(before)
    await days.fill('7')
    await days.press('Enter')
    await expect.poll(async () => (await engine.owner.settings.get()).log_days).toBe(7)
    expect(await engine.owner.settings.get()).toEqual({ ...before, log_days: 7 })
  })

  it('signs the browser out, and rejects its old cookie', async () => {
    await using console = await startConsole()
    const { page } = console
    await console.goto('/settings')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in to Hallpass' }).waitFor()
    await expect.poll(() => page.evaluate(() => Object.keys(localStorage))).not.toContain('hallpass-console-key')
  })

  it('passes the accessibility checks in both themes', async () => {
    await using console = await startConsole()
    const { page } = console
    for (const [path, sign] of [
      ['/projects/demo/tokens', page.locator('[data-token="local-agent"]')],
      ['/settings', page.getByRole('button', { name: 'Sign out' })],
      ['/approvals', page.getByRole('heading', { name: 'Approvals', level: 1 })],
    ] as const) {
      await console.goto(path)
      await sign.waitFor()
      expect(await violations(page), path).toEqual([])
    }
  })
})
