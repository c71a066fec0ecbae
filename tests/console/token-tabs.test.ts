import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { violations } from '../support/accessibility.ts'
import { missingBrowser } from '../support/chromium.ts'
import { startConsole, type OpenConsole } from '../support/console-browser.ts'
import { post } from '../support/start-test-engine.ts'

describe.skipIf(missingBrowser() !== null)("the tabs of a token's page", () => {
  let console: OpenConsole
  const get = () => console.engine.owner.tokens.get({ project: 'demo', name: 'agent' })
  const rows = async (filter: object = {}) =>
    console.engine.owner.requests.list({ project: 'demo', token: 'agent', limit: 1000, ...filter })
  const tab = (name: string) => console.page.getByRole('tab', { name })

  beforeAll(async () => {
    console = await startConsole()
    const { owner, url } = console.engine
    const grants = [{ connection: 'sales', permissions: ['read' as const] }]
    const { secret } = await owner.tokens.create({ project: 'demo', name: 'agent', kind: 'access', grants })
    const { body } = await post(`${url}/api/v1/sessions`, String(secret), { document: 'sales', permissions: ['read'] })
    const call = (fields: object) => post(`${url}/api/v1/proxy`, String(body['token']), fields)
    for (let each = 0; each < 3; each += 1) await call({ method: 'get_records', table: 'Orders', limit: 2 })
    for (let each = 0; each < 4; each += 1) await call({ method: 'delete_records', table: 'Orders', record_ids: [1] })
    await console.goto('/projects/demo/tokens/agent')
    await console.page.getByRole('heading', { name: 'agent', level: 1 }).waitFor()
  })
  afterAll(() => console[Symbol.asyncDispose]())

  it('TP7 TP10 shows as many requests and denials as the log has rows, and adds a missing permission only as a draft', async () => {
    const { page } = console
    const side = page.getByRole('region', { name: 'What agent did' })
    const all = await rows()
    const denied = all.filter(({ status }) => status !== null && status >= 400 && status < 499)
    expect(denied).toHaveLength(4)
    await side.getByText(`${all.length} requests`, { exact: true }).waitFor()
    await side.getByText(`${all.length - denied.length} OK, ${denied.length} denied, 0 failed`).waitFor()
    await side.getByText('4 × write on sales, table Orders').waitFor()
    expect(await violations(page)).toEqual([])
    await side.getByRole('button', { name: 'Add to draft: write on sales, table Orders' }).click()
    const box = page.getByRole('checkbox', { name: 'write on sales, Orders', exact: true })
    await expect.poll(() => box.isChecked()).toBe(true)
    expect((await get()).grants).toEqual([{ connection: 'sales', permissions: ['read'] }])
    // The draft stays while another tab is shown.
    await tab('History').click()
    await tab('Permissions').click()
    await expect.poll(() => box.isChecked()).toBe(true)
    await page.getByRole('button', { name: 'Discard' }).click()
    await expect.poll(() => page.getByRole('region', { name: 'Unsaved changes' }).count()).toBe(0)
  })

  it('TP11 shows its requests as a chart and as rows, and its session tokens', async () => {
    const { page } = console
    await tab('Activity').click()
    const table = page.getByRole('table', { name: 'Last requests of agent' })
    await table.waitFor()
    const all = await rows()
    expect(await table.getByRole('row').count()).toBe(all.length + 1)
    await page.getByText('4 denied', { exact: true }).waitFor()
    expect(await violations(page)).toEqual([])
    await tab('Session tokens 1').click()
    await page.getByRole('table', { name: 'Session tokens of agent' }).waitFor()
    expect(await violations(page)).toEqual([])
  })

  it('TP12 sets a daily budget, shows its meter, and undoes it', async () => {
    const { page } = console
    await tab('Limits').click()
    const requests = page.getByRole('textbox', { name: 'Requests per day' })
    await requests.fill('0')
    await page.getByText('Enter a number above 0.').waitFor()
    await requests.fill('10')
    await page.getByRole('textbox', { name: 'MiB per day' }).fill('1.5')
    await page.getByRole('textbox', { name: 'Requests per second or minute' }).fill('fast')
    await page.getByRole('button', { name: 'Save limits' }).click()
    await page.getByText('Invalid rate limit "fast".').first().waitFor()
    expect((await get()).budget).toBeNull()
    await page.getByRole('textbox', { name: 'Requests per second or minute' }).fill('50/s')
    await page.getByRole('button', { name: 'Save limits' }).click()
    await expect.poll(async () => (await get()).budget).toEqual({ requests: 10, bytes: 1_572_864 })
    const served = await rows({ permission: 'read', method: 'get_records' })
    await page.getByText(`${served.length} of 10 used today`).waitFor()
    expect((await get()).budget_used.requests).toBe(served.length)
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Undo' }).first().click()
    await expect.poll(async () => (await get()).budget).toBeNull()
    expect((await get()).rate).toBeNull()
  })

  it('TP5 keeps a draft of limits on another tab, and overwrites no change from elsewhere', async () => {
    const { page, engine } = console
    const rate = page.getByRole('textbox', { name: 'Requests per second or minute' })
    await rate.fill('70/s')
    await tab('Activity').click()
    await tab('Limits').click()
    expect(await rate.inputValue()).toBe('70/s')
    const { revision } = await get()
    await engine.owner.tokens.update({ project: 'demo', name: 'agent', revision, set: { budget: { requests: 77 } } })
    await page.getByText('of 77 used today').waitFor()
    await page.getByRole('button', { name: 'Save limits' }).click()
    await page.getByRole('alert').filter({ hasText: 'changed since you opened it' }).waitFor()
    expect([(await get()).rate, (await get()).budget]).toEqual([null, { requests: 77 }])
    await page.getByRole('button', { name: 'Discard' }).click()
    expect(await rate.inputValue()).toBe('')
  })

  it('TP5 a permission ticked and unticked again is no draft, so a change from elsewhere shows', async () => {
    const { page, engine } = console
    await tab('Permissions').click()
    const box = page.getByRole('checkbox', { name: 'write on sales, Orders', exact: true })
    await page.getByRole('button', { name: /^sales/, expanded: false }).click()
    await box.click()
    await box.click()
    await expect.poll(() => page.getByRole('region', { name: 'Unsaved changes' }).count()).toBe(0)
    const { revision, grants } = await get()
    const more = [...grants, { connection: 'sales', permissions: ['write' as const], tables: ['Orders'] }]
    await engine.owner.tokens.update({ project: 'demo', name: 'agent', revision, set: { grants: more } })
    await expect.poll(() => box.isChecked()).toBe(true)
    const now = await get()
    await engine.owner.tokens.update({ project: 'demo', name: 'agent', revision: now.revision, set: { grants } })
  })

  it('TP9 shows what the owner changed, before and after', async () => {
    const { page } = console
    await tab('History').click()
    const list = page.getByRole('list', { name: 'Changes of agent' })
    await list.getByText('Created token').waitFor()
    const { rows: changes } = await console.engine.owner.tokens.history({ project: 'demo', name: 'agent' })
    await expect.poll(() => list.locator(':scope > li').count()).toBe(changes.length)
    await list.getByText('50/s').first().waitFor()
    expect(await violations(page)).toEqual([])
    // The rejected rate limit is one.
    expect(console.complaints.filter((one) => !one.includes('status of 400'))).toEqual([])
  })

  it('opens the page of a token named "new"', async () => {
    const { page, engine } = console
    await engine.owner.tokens.create({ project: 'demo', name: 'new', kind: 'local' })
    await console.goto('/projects/demo/tokens')
    await page.getByRole('link', { name: 'new', exact: true }).click()
    await page.getByRole('heading', { name: 'new', level: 1, exact: true }).waitFor()
    await tab('Limits').click()
    await page.getByRole('heading', { name: 'Daily budget' }).waitFor()
    expect(new URL(page.url()).hash).toContain('/tokens/~new')
  })
})
