import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingBrowser } from '../support/chromium.ts'
import { startConsole, type OpenConsole } from '../support/console-browser.ts'
import type { TestEngine } from '../support/start-test-engine.ts'

type Owner = TestEngine['owner']

interface Undoable {
  action: string
  path: string
  record: (owner: Owner) => Promise<unknown>
  act: (page: Page) => Promise<void>
}

const LAUNCH = [process.execPath, join(import.meta.dirname, '../../bin/hallpass')]
const home = mkdtempSync(join(tmpdir(), 'hallpass-undo-'))
const cursorFile = join(home, '.cursor', 'mcp.json')
const geminiFile = join(home, '.gemini', 'settings.json')

const press = async (page: Page, name: string): Promise<void> => {
  await page.getByRole('button', { name, exact: true }).first().click()
}
const choose = async (page: Page, menu: string | RegExp, item: string): Promise<void> => {
  await page.getByRole('button', { name: menu }).first().click()
  await page.getByRole('menuitem', { name: item, exact: true }).click()
}
const type = async (page: Page, label: string, text: string): Promise<void> => {
  await page.getByLabel(label, { exact: true }).fill(text)
  await page.keyboard.press('Enter')
}
const turn = async (page: Page, name: string): Promise<void> => {
  await page.getByRole('switch', { name, exact: true }).click({ force: true })
}
const confirm = async (page: Page, name: string | RegExp): Promise<void> => {
  await page.getByRole('dialog').getByRole('button', { name }).last().click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
}
const token = (owner: Owner) => owner.tokens.get({ project: 'demo', name: 'nightly' })
const tokens = async (owner: Owner) => {
  const all = await owner.tokens.list({ project: 'demo' })
  return all.map(({ revision: _revision, ...rest }) => rest)
}
const project = (owner: Owner) => owner.projects.get({ name: 'demo' })
const settings = (owner: Owner) => owner.settings.get()
const connection = async (owner: Owner) => {
  const [found] = (await owner.connections.list({ project: 'demo' })).filter(({ kind }) => kind === 'sqlite')
  const { health: _health, ...rest } = found ?? { health: null }
  return rest
}
const snoozed = async (owner: Owner) => (await owner.attention.list({ state: 'snoozed' })).map(({ kind }) => kind)

const PAGE = '/projects/demo/tokens/nightly'
const SALES = '/projects/demo/connections/sales'
const ACTIONS: readonly Undoable[] = [
  { action: 'pausing a token', path: PAGE, record: token, act: (page) => press(page, 'Pause') },
  {
    action: 'pausing a token in the list',
    path: '/projects/demo/tokens',
    record: token,
    act: (page) => choose(page, 'Actions for nightly', 'Pause'),
  },
  {
    action: 'pausing two tokens',
    path: '/projects/demo/tokens',
    record: tokens,
    act: async (page) => {
      for (const name of ['nightly', 'weekly']) await page.getByRole('checkbox', { name: `Select ${name}` }).click()
      await press(page, 'Pause')
    },
  },
  {
    action: 'extending a token',
    path: PAGE,
    record: token,
    act: async (page) => {
      await press(page, 'Change expiry')
      await confirm(page, 'Extend token')
    },
  },
  {
    action: 'extending two tokens',
    path: '/projects/demo/tokens',
    record: tokens,
    act: async (page) => {
      for (const name of ['nightly', 'weekly']) await page.getByRole('checkbox', { name: `Select ${name}` }).click()
      await press(page, 'Extend…')
      await confirm(page, /^Extend 2 tokens$/)
    },
  },
  {
    action: 'describing a token',
    path: PAGE,
    record: token,
    act: async (page) => {
      await press(page, 'Add description')
      await type(page, 'Description', 'Exports at night')
    },
  },
  {
    action: 'renaming a token',
    path: PAGE,
    record: tokens,
    act: async (page) => {
      await press(page, 'Edit name')
      await type(page, 'Name', 'weekend')
      await page.getByRole('heading', { name: 'weekend', level: 1 }).waitFor()
    },
  },
  {
    action: 'limiting a token',
    path: `${PAGE}?tab=limits`,
    record: token,
    act: (page) => type(page, 'Requests per second or minute', '10/s'),
  },
  {
    action: 'changing permissions after a review',
    path: PAGE,
    record: token,
    act: async (page) => {
      await page.getByRole('checkbox', { name: 'write on sales', exact: true }).click()
      await press(page, 'Review and save')
      await confirm(page, 'Save changes')
    },
  },
  { action: 'pausing a connection', path: SALES, record: connection, act: (page) => press(page, 'Pause sales') },
  {
    action: 'describing a connection',
    path: `${SALES}?tab=settings`,
    record: connection,
    act: async (page) => {
      await page.getByLabel('Description').fill('Orders of the shop')
      await press(page, 'Test and save')
    },
  },
  {
    action: 'renaming a connection',
    path: `${SALES}?tab=settings`,
    record: connection,
    act: async (page) => {
      await page.getByLabel('Name', { exact: true }).fill('orders')
      await press(page, 'Test and save')
      await page.getByRole('heading', { name: 'orders', level: 1 }).waitFor()
    },
  },
  {
    action: 'describing a project',
    path: '/projects/demo/settings',
    record: project,
    act: (page) => type(page, 'Description', 'Sales of the shop'),
  },
  {
    action: 'pinning a project',
    path: '/projects/demo/settings',
    record: project,
    act: (page) => turn(page, 'Pinned'),
  },
  {
    action: 'choosing what clients see',
    path: '/projects/demo/connect',
    record: project,
    act: (page) => page.getByRole('radio', { name: /^Search/ }).click({ force: true }),
  },
  {
    action: 'connecting a client',
    path: '/projects/demo/connect',
    record: () => Promise.resolve(readFileSync(cursorFile, 'utf8')),
    act: async (page) => {
      await press(page, 'Connect Cursor')
      await confirm(page, 'Save to Cursor')
    },
  },
  {
    action: "repairing a client's entry",
    path: '/projects/demo/connect',
    record: () => Promise.resolve(readFileSync(geminiFile, 'utf8')),
    act: async (page) => {
      await press(page, 'Repair Gemini CLI')
      await confirm(page, 'Save to Gemini CLI')
    },
  },
  {
    action: 'changing a setting',
    path: '/settings',
    record: settings,
    act: (page) => turn(page, 'Pause while locked'),
  },
  {
    action: 'typing a setting',
    path: '/settings',
    record: settings,
    act: (page) => type(page, 'Keep for (days)', '12'),
  },
  {
    action: 'pausing all access',
    path: '/overview',
    record: async (owner) => (await owner.status()).paused,
    act: (page) => press(page, 'Pause all access'),
  },
  {
    action: 'snoozing an item',
    path: '/attention',
    record: snoozed,
    act: (page) => choose(page, /^More for:/, 'Snooze 1 hour'),
  },
  {
    action: 'saving a view',
    path: '/log?token=nightly',
    record: (owner) => owner.views.list(),
    act: async (page) => {
      await choose(page, 'Views', 'Save view…')
      await page.getByRole('dialog').getByLabel('Name').fill('of nightly')
      await page.keyboard.press('Enter')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    },
  },
  {
    action: 'saving a preset',
    path: '/projects/demo/tokens/new',
    record: (owner) => owner.presets.list(),
    act: async (page) => {
      const box = page.getByRole('checkbox', { name: 'read on sales', exact: true })
      await box.click()
      await press(page, 'Save as preset…')
      await page.getByRole('dialog').getByLabel('Name').fill('reader')
      await page.keyboard.press('Enter')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      // A form with changes would ask before it is left.
      await box.click()
    },
  },
  {
    action: 'deleting a preset',
    path: '/projects/demo/tokens/new',
    record: (owner) => owner.presets.list(),
    act: (page) => choose(page, 'Saved', 'Delete kept'),
  },
]

function withoutRevision(record: unknown): unknown {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return record
  return { ...record, revision: undefined }
}

// One console for all: the actions are undone.
describe.skipIf(missingBrowser() !== null)('RU8 Ctrl or Cmd-Z', () => {
  let open: OpenConsole
  let api: Server
  beforeAll(async () => {
    mkdirSync(join(home, '.cursor'))
    writeFileSync(cursorFile, '{\n  "mcpServers": {}\n}\n')
    mkdirSync(join(home, '.gemini'))
    const former = { command: '/gone/hallpass', args: ['stdio', '--project', 'demo', '--as', 'local-agent'] }
    writeFileSync(geminiFile, JSON.stringify({ mcpServers: { 'hp-demo': former } }))
    open = await startConsole({
      engine: {
        clients: { launch: { command: LAUNCH, environment: {} }, places: { platform: 'linux', home, environment: {} } },
      },
    })
    const { owner } = open.engine
    const grants = [{ connection: 'sales', permissions: ['read' as const] }]
    for (const name of ['nightly', 'weekly'])
      await owner.tokens.create({ project: 'demo', name, kind: 'access', ttl: '2h', grants })
    await owner.presets.save({ name: 'kept', by_kind: {}, grants, ttl: null, rate: '5/s', budget: { requests: 10 } })
    let isBroken = false
    api = createServer((_request, response) => response.writeHead(isBroken ? 401 : 200).end('{}'))
    await new Promise<void>((done) => {
      api.listen(0, '127.0.0.1', done)
    })
    const bound = api.address()
    const url = `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : 0}/`
    await owner.connections.create({
      name: 'gone',
      project: 'demo',
      config: { kind: 'http', url, auth: { type: 'none' } },
    })
    // A connection that is down needs the owner.
    isBroken = true
    await owner.connections.test({ name: 'gone' })
  })
  afterAll(async () => {
    await open[Symbol.asyncDispose]()
    api.close()
    rmSync(home, { recursive: true, force: true })
  })

  /** Presses it outside of fields, where it undoes typing. */
  async function undo({ page }: OpenConsole): Promise<void> {
    await page.getByRole('heading', { level: 1 }).first().click()
    await page.keyboard.press('ControlOrMeta+z')
  }

  test.for(ACTIONS)('leaves the record as it was after $action', async ({ path, record, act }) => {
    const { page, engine } = open
    const read = async () => withoutRevision(await record(engine.owner))
    await open.goto(path)
    // What the page shows of the record is then of its present revision.
    await page.reload()
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    const before = await read()
    await act(page)
    await expect.poll(read).not.toEqual(before)
    await page.getByRole('button', { name: 'Undo', exact: true }).last().waitFor()
    await undo(open)
    await expect.poll(read).toEqual(before)
    await page.getByText('Undone', { exact: true }).last().waitFor()
    // The page asks once more for a connection by its former name.
    expect(open.complaints.filter((complaint) => !complaint.includes('status of 400'))).toEqual([])
  })

  test('undoes nothing and says so if the record changed since, with and without a revision', async () => {
    const { page, engine } = open
    await open.goto(PAGE)
    await press(page, 'Pause')
    await page.getByText('Paused nightly').last().waitFor()
    const { revision } = await token(engine.owner)
    await engine.owner.tokens.update({ project: 'demo', name: 'nightly', revision, set: { description: 'Another' } })
    await undo(open)
    await page
      .getByText(/^Nothing was undone\./)
      .last()
      .waitFor()
    expect(await token(engine.owner)).toMatchObject({ paused: true, description: 'Another' })

    await open.goto('/settings')
    await type(page, 'Keep for (days)', '13')
    await expect.poll(async () => (await settings(engine.owner)).log_days).toBe(13)
    await page.getByRole('button', { name: 'Undo', exact: true }).last().waitFor()
    await engine.owner.settings.update({ log_days: 14 })
    await undo(open)
    await page.getByText('Nothing was undone. It changed again since.').waitFor()
    expect((await settings(engine.owner)).log_days).toBe(14)
  })

  test('undoes nothing that another screen saved', async () => {
    const { page, engine } = open
    await open.goto('/settings')
    await turn(page, 'Pause while locked')
    await page.getByRole('button', { name: 'Undo', exact: true }).last().waitFor()
    const saved = await settings(engine.owner)
    await open.goto('/attention')
    await undo(open)
    // What is shown next is read after the key.
    await page.keyboard.press('?')
    const keys = page.getByRole('dialog')
    await keys.waitFor()
    expect(await keys.getByText('Undo the last change').count()).toBe(0)
    expect(await settings(engine.owner)).toEqual(saved)
  })
})
