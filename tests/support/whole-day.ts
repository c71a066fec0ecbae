import { execFile } from 'node:child_process'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { GristStandIn } from './grist-stand-in/start-grist-stand-in.ts'
import { chooseOption, pressItem, pressOn, tabTo, typeInto } from './keyboard.ts'
import { post } from './start-test-engine.ts'

const SCRIPT = join(import.meta.dirname, '../../examples/export.py')
const ACCESS = /hp_pat_[0-9A-Za-z]{49}/
const SESSION = /sess_[A-Za-z0-9_-]{43}/

export interface Day {
  page: Page
  url: string
  grist: GristStandIn
  key: string
  file: string
  python: string | null
}

/** Creates a document with a table of orders for a connection. */
export function makeShopFile(file: string): void {
  const database = new Sqlite(file)
  database.exec(
    "CREATE TABLE Orders (id INTEGER PRIMARY KEY, Customer TEXT, Total REAL); INSERT INTO Orders (Customer, Total) VALUES ('Ada', 12.5), ('Bo', 3)",
  )
  database.close()
}

/**
 * Does an owner's day without a mouse: a project, two connections, a token, a session token for a script, its rows in the
 * log, the end of the token, a pause. Returns the secrets that were shown, so that tests can search for them.
 */
export async function liveTheDay(day: Day): Promise<{ access: string; session: string }> {
  const { page } = day
  await makeProject(page)
  await addSqlite(day)
  await addGrist(day)
  const access = await makeToken(page)
  const session = await mintSession(page)
  await runScript(day, session)
  await readLog(page)
  await revoke(day, access, session)
  await pauseAndResume(day, session)
  return { access, session }
}

const button = (page: Page, name: string | RegExp): Locator =>
  page.getByRole('button', { name, exact: typeof name === 'string' })
/** Returns a tab of the project, because the sidebar has links with the same names. */
const tab = (page: Page, name: string): Locator =>
  page.getByRole('navigation', { name: /^Project / }).getByRole('link', { name, exact: true })

/** Waits until the dialog is closed and the focus is back. */
async function closed(page: Page): Promise<void> {
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
}

async function makeProject(page: Page): Promise<void> {
  await pressOn(page, button(page, 'New project').first())
  await typeInto(page, page.getByRole('dialog').getByLabel('Name', { exact: true }), 'shop')
  await page.keyboard.press('Enter')
  await page.getByText('No connections yet').waitFor()
  await closed(page)
}

async function addSqlite({ page, file }: Day): Promise<void> {
  await pressOn(page, page.getByRole('link', { name: 'Add connection', exact: true }))
  await pressOn(page, button(page, /SQLite file/))
  await typeInto(page, page.getByLabel('File path', { exact: true }), file)
  await typeInto(page, page.getByLabel('Name', { exact: true }), 'stock')
  await page.keyboard.press('Enter')
  await page.locator('[role=row][data-name="stock"]').waitFor()
  await closed(page)
}

async function addGrist({ page, grist, key }: Day): Promise<void> {
  await pressOn(page, page.getByRole('link', { name: 'Add connection', exact: true }))
  await pressOn(page, button(page, /Grist document/))
  await typeInto(page, page.getByLabel('Document URL', { exact: true }), `${grist.url}/o/docs/${grist.docId}/Customers`)
  await typeInto(page, page.getByLabel('Name', { exact: true }), 'crm')
  await typeInto(page, page.getByLabel('API key', { exact: true }), key)
  await pressOn(page, button(page, 'Add connection'))
  await page.locator('[role=row][data-name="crm"]').waitFor()
  await closed(page)
  expect(grist.requests.some(({ headers }) => headers.authorization === `Bearer ${key}`)).toBe(true)
}

async function makeToken(page: Page): Promise<string> {
  await pressOn(page, tab(page, 'Agents & tokens'))
  await pressOn(page, button(page, 'New token').first())
  await typeInto(page, page.getByRole('textbox', { name: 'Name' }), 'day-agent')
  for (const permission of ['read', 'write'])
    await pressOn(page, page.getByRole('checkbox', { name: `${permission} on stock`, exact: true }), 'Space')
  await page.getByText('read and write all of stock').waitFor()
  await pressOn(page, button(page, 'Create token'))
  const secret = ACCESS.exec(await page.getByTestId('secret').innerText())?.[0] ?? ''
  expect(secret).toMatch(ACCESS)
  await pressOn(page, button(page, 'Done'))
  // Nothing was copied, so Hallpass asks before it discards the token.
  await pressOn(page, button(page, 'Close anyway'))
  await page.getByRole('heading', { name: 'day-agent', level: 1 }).waitFor()
  await closed(page)
  await pressOn(page, tab(page, 'Agents & tokens'))
  await page.locator('[data-token="day-agent"]').waitFor()
  expect(await page.content()).not.toContain(secret)
  return secret
}

async function mintSession(page: Page): Promise<string> {
  await pressOn(page, button(page, 'New session token'))
  await chooseOption(page, page.getByRole('dialog').getByRole('combobox', { name: 'Connection' }), 'stock')
  await pressOn(page, button(page, 'Create session token'))
  const session = SESSION.exec(await page.getByTestId('secret').innerText())?.[0] ?? ''
  expect(session).toMatch(SESSION)
  await pressOn(page, button(page, 'Done'))
  await pressOn(page, button(page, 'Close anyway'))
  await page.getByText('Session token, created by you').waitFor()
  await closed(page)
  expect(await page.content()).not.toContain(session)
  return session
}

/** Runs the script from the README, or the same call if there is no Python. */
async function runScript({ url, python }: Day, session: string): Promise<void> {
  if (python === null) {
    const { status } = await post(`${url}/api/v1/proxy`, session, { method: 'get_records', table: 'Orders' })
    expect(status).toBe(200)
    return
  }
  const csv = await new Promise<string>((resolve, reject) => {
    const environment = {
      ...process.env,
      HALLPASS_TOKEN: session,
      HALLPASS_URL: url,
      HALLPASS_PROXY_URL: `${url}/api/v1/proxy`,
    }
    execFile(python, [SCRIPT, 'Orders'], { env: environment, timeout: 20_000 }, (error, out, said) =>
      error === null ? resolve(out) : reject(new Error(said, { cause: error })),
    )
  })
  expect(csv).toContain('Ada')
}

async function readLog(page: Page): Promise<void> {
  await pressOn(page, tab(page, 'Log'))
  const rows = page.locator('[role="grid"] [data-row]')
  await rows.filter({ hasText: 'get_records' }).first().waitFor()
  await pressOn(page, button(page, 'Filter'))
  await page.getByLabel('Field').selectOption('Method')
  await typeInto(page, page.getByRole('combobox', { name: 'Value' }), 'get_records')
  await page.keyboard.press('Enter')
  await button(page, 'Remove filter: Method is get_records').waitFor()
  // The list is empty while the filtered rows load; an arrow would find no row then.
  await expect.poll(() => rows.filter({ hasNotText: 'get_records' }).count()).toBe(0)
  await rows.first().waitFor()
  await page.keyboard.press('Escape')
  await tabTo(page, page.getByRole('grid'))
  await page.keyboard.press('ArrowDown')
  await page.locator('[role="grid"] [data-active="true"]').waitFor()
  await page.keyboard.press('Enter')
  const panel = page.getByRole('dialog')
  await panel.getByRole('heading', { name: 'get_records' }).waitFor()
  await expect.poll(() => panel.innerText()).toContain('Orders')
  await page.keyboard.press('Escape')
  await expect.poll(() => panel.count()).toBe(0)
}

async function revoke({ page, url }: Day, access: string, session: string): Promise<void> {
  const mint = () => post(`${url}/api/v1/sessions`, access, { document: 'stock', permissions: ['read'] })
  const before = await mint()
  expect(before.status).toBe(200)
  await pressOn(page, tab(page, 'Agents & tokens'))
  await pressOn(page, button(page, 'Actions for day-agent'))
  await pressItem(page, 'Revoke…')
  await page.getByText('Revokes 1 session token').waitFor()
  await pressOn(page, button(page, 'Revoke token'))
  await expect.poll(() => page.locator('[data-token="day-agent"]').count()).toBe(0)
  expect((await mint()).body['code']).toBe('TOKEN_EXPIRED')
  expect(
    (await post(`${url}/api/v1/proxy`, String(before.body['token']), { method: 'list_tables' })).body['code'],
  ).toBe('TOKEN_EXPIRED')
  expect((await post(`${url}/api/v1/proxy`, session, { method: 'list_tables' })).status).toBe(200)
}

async function pauseAndResume({ page, url }: Day, session: string): Promise<void> {
  const call = async () => (await post(`${url}/api/v1/proxy`, session, { method: 'list_tables' })).status
  await pressOn(page, button(page, 'Pause all access'))
  await page.getByText('All access paused').waitFor()
  expect(await call()).toBe(503)
  await pressOn(page, button(page, 'Resume access'))
  await button(page, 'Pause all access').waitFor()
  expect(await call()).toBe(200)
}
