import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Grant } from '../../src/contract/grants.ts'
import { missingBrowser } from '../support/chromium.ts'
import { startConsole, type OpenConsole } from '../support/console-browser.ts'
import { post } from '../support/start-test-engine.ts'
import { call, rows } from './support/log-page.ts'
import { openPalette } from './support/open-palette.ts'

const lack = missingBrowser()
const CLICKS = 2

/** The questions and clicks of docs/questions.md. */
describe.skipIf(lack !== null)(`a newcomer's questions${lack === null ? '' : ` (left out: ${lack})`}`, () => {
  let console: OpenConsole
  let api: Server

  beforeAll(async () => {
    console = await startConsole()
    api = await startServer()
    await prepare(console, api, await startServer())
  })
  afterAll(async () => {
    await console?.[Symbol.asyncDispose]()
    api.close()
  })

  /** Opens Overview, and returns a function that clicks at most twice. */
  async function fromOverview(): Promise<(target: Locator) => Promise<void>> {
    await console.goto('/overview')
    await part('Active now').waitFor()
    let clicks = 0
    return async (target) => {
      clicks += 1
      expect(clicks).toBeLessThanOrEqual(CLICKS)
      await target.click()
    }
  }
  const part = (name: string) => console.page.getByRole('region', { name })
  const link = (within: Locator, name: string | RegExp) => within.getByRole('link', { name })

  it('“Which agent changed Orders today?” All writes › the row', async () => {
    const { page } = console
    const click = await fromOverview()
    await click(link(part('Today'), 'All writes'))
    const write = rows(page).filter({ hasText: 'sales › Orders' }).filter({ hasText: '200' })
    await write.getByText('analyst').waitFor()
    expect(await write.count()).toBe(1)
    await click(write)
    await page.getByText(/^read, write on .*sales/).waitFor()
  })

  it('“Why was nightly-export refused?” denied › the row', async () => {
    const { page } = console
    const click = await fromOverview()
    await part('Needs you').getByText('nightly-export lacks write on sales, table Orders.').waitFor()
    await click(link(part('Today'), /denied$/))
    await click(rows(page).filter({ hasText: 'nightly-export' }).first())
    await page.getByRole('heading', { name: 'Why' }).waitFor()
    await page.getByRole('link', { name: 'Add write on Orders to a draft' }).waitFor()
    await page.getByText(/needs write on .*Orders/i).waitFor()
  })

  it('“What can claude-desktop do?” its name', async () => {
    const { page } = console
    const click = await fromOverview()
    await click(link(part('Active now'), /^claude-desktop/).first())
    const sales = page.locator('[data-connection="sales"]')
    await sales.getByText('all tables', { exact: true }).waitFor()
  })

  it('“Who still uses the old token?” Show requests › the row', async () => {
    const { page } = console
    const click = await fromOverview()
    const item = part('Needs you').getByRole('listitem').filter({ hasText: 'last-quarter is still being tried' })
    await click(item.getByRole('link', { name: 'Show requests' }))
    await click(rows(page).filter({ hasText: 'last-quarter (revoked)' }).first())
    await page.getByText(/^quarterly-report\/3\.1 › last-quarter/).waitFor()
  })

  it('“Is anything broken?” no click, All attention for the rest', async () => {
    const { page } = console
    const click = await fromOverview()
    await part('Needs you')
      .getByText(/^billing-api is down/)
      .waitFor()
    await click(part('Needs you').getByRole('link', { name: /^All/ }))
    await page.getByRole('heading', { name: 'Attention', level: 1 }).waitFor()
    await page.getByText(/^billing-api is down/).waitFor()
  })

  it('“What happens if I remove crm?” search for “remove crm” › Remove crm…', async () => {
    const { page, engine } = console
    const click = await fromOverview()
    await click(page.getByRole('button', { name: 'Search or run a command' }))
    await (await openPalette(page)).fill('remove crm')
    await click(page.getByRole('button', { name: /^Remove crm…/ }))
    const dialog = page.getByRole('dialog', { name: 'Remove crm' })
    await dialog.getByText('demo/analyst').waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect((await engine.owner.connections.get({ name: 'crm' })).name).toBe('crm')
  })

  // The last one, because it changes what a token can do.
  it('“Take write away from it.” its name › write, then saved after a review', async () => {
    const { page, engine } = console
    const click = await fromOverview()
    await click(link(part('Active now'), /^claude-desktop/).first())
    await click(page.getByRole('checkbox', { name: 'write on sales', exact: true }))
    await page.getByRole('button', { name: 'Review and save' }).click()
    await page.getByRole('dialog').getByText('− write on all of sales').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Save changes' }).click()
    await expect
      .poll(async () => (await engine.owner.tokens.get({ project: 'demo', name: 'claude-desktop' })).grants)
      .toEqual([{ connection: 'sales', permissions: ['read'] }])
    expect(console.complaints).toEqual([])
  })
})

/** Makes a day's requests: a write, denials, a token that was revoked and is still used, and a connection that is down. */
async function prepare({ engine, goto }: OpenConsole, crm: Server, billing: Server): Promise<void> {
  const { owner, url } = engine
  await goto('/settings')
  await owner.preferences.set({ first_run: 'skipped' })
  for (const [name, server] of Object.entries({ crm, 'billing-api': billing }))
    await owner.connections.create({
      name,
      project: 'demo',
      config: {
        kind: 'http',
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
        auth: { type: 'none' },
      },
    })
  billing.closeAllConnections()
  billing.close()
  expect(await owner.connections.test({ name: 'billing-api' })).toMatchObject({ ok: false })

  const create = async (name: string, grants: Grant[]): Promise<string> =>
    String((await owner.tokens.create({ project: 'demo', name, kind: 'access', grants })).secret)
  const session = async (secret: string, permissions: string[]): Promise<string> =>
    String((await post(`${url}/api/v1/sessions`, secret, { document: 'sales', permissions })).body['token'])
  const both: Grant = { connection: 'sales', permissions: ['read', 'write'] }
  const analyst = await create('analyst', [both, { connection: 'crm', permissions: ['read'] }])
  const desktop = await create('claude-desktop', [both])
  const nightly = await create('nightly-export', [{ connection: 'sales', permissions: ['read'] }])
  const old = await create('last-quarter', [both])

  const add = (table: string) => ({ method: 'add_records', table, records: [{}] })
  expect(await call(engine, await session(analyst, ['read', 'write']), add('Orders'))).toMatchObject({ status: 200 })
  const desktopSession = await session(desktop, ['read', 'write'])
  expect(await call(engine, desktopSession, add('Customers'))).toMatchObject({ status: 200 })
  expect(await call(engine, desktopSession, { method: 'list_tables' })).toMatchObject({ status: 200 })
  const nightlySession = await session(nightly, ['read'])
  for (let count = 0; count < 5; count += 1)
    expect(await call(engine, nightlySession, add('Orders'))).toMatchObject({ status: 403 })
  await owner.tokens.revoke({ project: 'demo', name: 'last-quarter' })
  for (let count = 0; count < 5; count += 1)
    await post(`${url}/api/v1/proxy`, old, { method: 'list_tables' }, { 'user-agent': 'quarterly-report/3.1' })
}

async function startServer(): Promise<Server> {
  const server = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}
