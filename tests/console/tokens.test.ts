import { describe, expect, it } from 'vitest'
import { violations } from '../support/accessibility.ts'
import { missingBrowser } from '../support/chromium.ts'
import { openConsole, startConsole } from '../support/console-browser.ts'
import { chooseOption, pressFocused, pressOn, settle, typeInto } from '../support/keyboard.ts'
import { findInPage } from '../support/page-memory.ts'
import { post } from '../support/start-test-engine.ts'

const lack = missingBrowser()
const SECRET = /hp_pat_[0-9A-Za-z]{49}/
const SESSION = /sess_[A-Za-z0-9_-]{43}/

describe.skipIf(lack !== null)(`tokens in the console${lack === null ? '' : ` (left out: ${lack})`}`, () => {
  it('keeps the wizard closed to a name that is taken or malformed, and says why', async () => {
    await using console = await startConsole()
    await console.goto('/projects/demo/tokens')
    await console.page.getByRole('button', { name: 'New token' }).click()
    const name = console.page.getByRole('textbox', { name: 'Name' })
    await name.fill('local-agent')
    await expect.poll(() => console.page.getByText('A token with this name already exists').count()).toBe(1)
    await name.fill('two words')
    await console.page.getByText('must start with a letter or digit').waitFor()
    await name.press('Enter')
    await settle(console.page)
    expect(await console.page.getByText('No access yet').count()).toBe(0)
    expect(await name.inputValue()).toBe('two words')
  })

  it('says of a token that ends while it is being extended that nothing brings it back', async () => {
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

  it('says of a session token in plain words that it has ended, once it has', async () => {
    // A page's clock belongs to its whole context.
    await using console = await startConsole({ context: {} })
    const { page } = console
    await console.goto('/projects/demo/tokens')
    await page.getByRole('button', { name: 'New session token' }).click()
    await page.clock.install()
    await page.getByRole('dialog').getByRole('button', { name: 'Create session token' }).click()
    await page.getByText(/Expires in (5 min|4 min( \d+ s)?)\./).waitFor()
    await page.clock.fastForward('06:00')
    await page.getByText('Expired. All its requests are logged.').waitFor()
    expect(await page.getByRole('dialog').innerText()).not.toContain('in expired')
  })

  it('says what to do where the browser does not let the page copy', async () => {
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

  it('makes a token by keyboard alone, shows its secret once and never again', async () => {
    await using console = await startConsole()
    const { page } = console
    await console.goto('/projects/demo/tokens')
    await pressOn(page, page.getByRole('button', { name: 'New token', exact: true }))
    await typeInto(page, page.getByRole('textbox', { name: 'Name' }), 'report-agent')
    await page.keyboard.press('Enter')
    await chooseOption(page, page.getByRole('combobox', { name: /sales/ }), 'Editor (read, write)')
    await pressOn(page, page.getByRole('checkbox', { name: 'Limit to tables' }), 'Space')
    await typeInto(page, page.getByRole('combobox', { name: 'Tables of sales' }), 'Orders')
    await page.keyboard.press('Enter')
    await page.getByText('Can read and write Orders in sales, but not change its schema.').waitFor()
    await pressOn(page, page.getByRole('button', { name: 'Next' }))
    await pressOn(page, page.getByRole('button', { name: 'Create token' }))

    const shown = await page.getByTestId('secret').innerText()
    const secret = SECRET.exec(shown)?.[0] ?? ''
    expect(secret).toMatch(SECRET)
    const minted = await post(`${console.engine.url}/api/v1/sessions`, secret, {
      document: 'sales',
      permissions: ['write'],
    })
    expect(minted.status).toBe(200)
    const refused = await post(`${console.engine.url}/api/v1/sessions`, secret, {
      document: 'sales',
      permissions: ['schema'],
    })
    expect(refused.status).toBe(403)

    await pressOn(page, page.getByRole('button', { name: 'Done' }))
    await page.locator('[data-token="report-agent"]').waitFor()
    await expect.poll(() => page.getByTestId('secret').count()).toBe(0)
    expect(await findInPage(page, secret)).toMatchObject({ heap: 0, document: 0 })
  })

  it('makes a session token that works, counts down, and ends when it is ended', async () => {
    await using console = await startConsole()
    const { page } = console
    await console.goto('/projects/demo/tokens')
    await page.getByRole('button', { name: 'New session token' }).click()
    const label = page.getByRole('textbox', { name: 'Label' })
    await label.fill('import')
    await page.getByRole('button', { name: 'Create session token', disabled: false }).waitFor()
    await label.press('Enter')
    const session = SESSION.exec(await page.getByTestId('secret').innerText())?.[0] ?? ''
    const list = () => post(`${console.engine.url}/api/v1/proxy`, session, { method: 'list_tables' })
    expect((await list()).status).toBe(200)
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await findInPage(page, session)).toMatchObject({ heap: 0, document: 0 })
    const row = page.locator('[data-session^="import-"]')
    await expect.poll(() => row.innerText()).toMatch(/\b1\b/)
    await row.getByRole('button', { name: /End session token import-/ }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'End session token' }).click()
    await expect.poll(() => row.count()).toBe(0)
    expect((await list()).body['code']).toBe('TOKEN_EXPIRED')
  })

  it('names what a revoke ends, and rejects the holder from then on', async () => {
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

  it('rotates a token: the old secret is rejected, the new one is shown once', async () => {
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

  it('saves a setting alone, and keeps what was typed when it is rejected', async () => {
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

  it('signs the browser out, and what it had is rejected', async () => {
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
    await console.goto('/projects/demo/tokens')
    await page.getByRole('button', { name: 'New token' }).click()
    const name = page.getByRole('textbox', { name: 'Name' })
    await name.fill('x')
    await name.press('Enter')
    await page.getByRole('combobox', { name: /sales/ }).waitFor()
    expect(await violations(page)).toEqual([])
  })
})
