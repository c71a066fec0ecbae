import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { missingBrowser } from '../support/chromium.ts'
import { startConsole, type OpenConsole } from '../support/console-browser.ts'
import { startGristStandIn, type GristStandIn } from '../support/grist-stand-in/start-grist-stand-in.ts'
import { pressItem, pressOn, settle, tabTo, typeInto, waitForFocus } from '../support/keyboard.ts'
import { findInPage } from '../support/page-memory.ts'

const KEY = 'c4nary-0f-the-Grist-key-9b1d77e2'

describe.skipIf(missingBrowser() !== null)("a project's connections, by keyboard alone", () => {
  let grist: GristStandIn
  let open: OpenConsole
  beforeAll(async () => {
    grist = await startGristStandIn({ key: KEY })
  })
  afterAll(async () => {
    await grist.close()
  })
  beforeEach(async () => {
    open = await startConsole()
  })
  afterEach(() => open[Symbol.asyncDispose]())

  const button = (name: string | RegExp) => open.page.getByRole('button', { name, exact: typeof name === 'string' })
  const field = (name: string | RegExp) => open.page.getByLabel(name, { exact: typeof name === 'string' })

  /** Of the list. */
  const row = (name: string) => open.page.locator(`[role=row][data-name="${name}"]`)

  const addLink = () => open.page.getByRole('link', { name: 'Add connection', exact: true })

  async function toConnections(project = 'demo'): Promise<void> {
    await open.goto(`/projects/${project}/connections`)
    await open.page.getByRole('heading', { name: 'Connections', level: 1 }).waitFor()
  }

  async function openForm(kind: RegExp): Promise<void> {
    await pressOn(open.page, addLink())
    await pressOn(open.page, button(kind))
  }

  async function fillGrist(key: string, name = 'crm'): Promise<void> {
    await typeInto(open.page, field('Document URL'), `${grist.url}/o/docs/${grist.docId}/Customers?style=light`)
    await typeInto(open.page, field('Name'), name)
    await typeInto(open.page, field('API key'), key)
  }

  test('an address without a document is rejected at its field while typing, and keeps its place', async () => {
    await toConnections()
    await openForm(/Grist document/)
    await typeInto(open.page, field('Document URL'), 'ftp://docs.example.com/x')
    await expect.poll(() => field('Document URL').getAttribute('aria-invalid')).toBe('true')
    await open.page.getByText('Enter an address starting with https://').waitFor()
    await pressOn(open.page, button('Add connection'))
    await waitForFocus(field('Document URL'))
    expect(await field('Document URL').inputValue()).toBe('ftp://docs.example.com/x')
    expect(await open.engine.owner.connections.list({})).toHaveLength(1)
  })

  test("a wrong key is rejected at its field with the engine's sentence, other input stays, and the page forgets the key", async () => {
    await toConnections()
    await openForm(/Grist document/)
    await fillGrist('wr0ng-key-that-is-refused')
    await pressOn(open.page, button('Add connection'))
    await open.page.getByText(/Grist rejected the API key.*Enter the secret again/).waitFor()
    await waitForFocus(field('API key'))
    expect(await field('API key').inputValue()).toBe('')
    expect(await field('Name').inputValue()).toBe('crm')
    expect(await findInPage(open.page, 'wr0ng-key-that-is-refused')).toMatchObject({ heap: 0, document: 0 })
    expect(await open.engine.owner.connections.list({})).toHaveLength(1)
  })

  test('the helper that searches the page for a key finds a planted one', async () => {
    await toConnections()
    await openForm(/Grist document/)
    await fillGrist(KEY)
    const { heap, document } = await findInPage(open.page, KEY)
    expect(heap).toBeGreaterThan(0)
    expect(document).toBe(1)
  })

  test('without a secret store the form warns beforehand, and the error names the next step', async () => {
    await using locked = await startConsole({ engine: { vaultKey: 'short' } })
    await locked.goto('/projects/demo/connections')
    await locked.page.getByRole('link', { name: 'Add connection' }).click()
    await locked.page.getByRole('button', { name: /Grist document/ }).click()
    await locked.page
      .getByText(
        /HALLPASS_VAULT_KEY must have at least 16 characters.*You can also use an environment variable or a file/,
      )
      .waitFor()
    await locked.page.getByLabel('Document URL').fill(`${grist.url}/doc/${grist.docId}`)
    await locked.page.getByRole('textbox', { name: 'Name' }).fill('crm')
    await locked.page.getByLabel('API key', { exact: true }).fill(KEY)
    await locked.page.getByLabel('API key', { exact: true }).press('Enter')
    const alert = locked.page.getByRole('alert')
    await alert.getByText(/HALLPASS_VAULT_KEY must have at least 16 characters.*Unset it.*Enter it again/).waitFor()
    expect(await locked.page.getByLabel('Document URL').inputValue()).toContain(grist.docId)
    expect(await findInPage(locked.page, KEY)).toMatchObject({ heap: 0, document: 0 })
  })

  test("a server that doesn't respond is reported at the address field", async () => {
    await toConnections()
    await openForm(/Grist document/)
    await typeInto(open.page, field('Document URL'), `http://127.0.0.1:9/doc/${grist.docId}`)
    await typeInto(open.page, field('Name'), 'crm')
    await typeInto(open.page, field('API key'), KEY)
    await pressOn(open.page, button('Add connection'))
    await open.page.getByText(/Couldn't connect to http:\/\/127\.0\.0\.1:9/).waitFor()
    await waitForFocus(field('Document URL'))
  })

  test('a file that is not a database, a relative path and a taken name are each rejected at their field', async () => {
    await toConnections()
    await openForm(/SQLite file/)
    const path = field('File path')
    await typeInto(open.page, path, 'books.sqlite')
    await open.page.getByText(/Enter the full path/).waitFor()
    await typeInto(open.page, path, join(import.meta.dirname, 'connections.test.ts'))
    await pressOn(open.page, button('Add connection'))
    await open.page.getByText(/isn't a SQLite database/).waitFor()
    await waitForFocus(path)
    await typeInto(open.page, path, join(open.engine.home, '..', 'hallpass-none', 'books.sqlite'))
    await pressOn(open.page, button('Add connection'))
    await open.page.getByText(/folder of this file doesn't exist|not found/).waitFor()
    await typeInto(open.page, field('Name'), 'sales')
    await pressOn(open.page, button('Add connection'))
    await open.page.getByText(/sales/).and(open.page.locator('[class*=error]')).waitFor()
    await waitForFocus(field('Name'))
  })

  test('creates a project, a new SQLite file and a Grist document, and stores the key only in the vault', async () => {
    const { page, engine } = open
    await open.goto('/welcome')
    await pressOn(page, button('New project').first())
    await typeInto(page, field('Name'), 'books')
    await page.keyboard.press('Enter')
    await page.getByText('No connections yet').waitFor()

    await openForm(/SQLite file/)
    await typeInto(page, field('File path'), `${engine.home}-books.sqlite`)
    await pressOn(page, field(/Create the file if it doesn't exist/), 'Space')
    await tabTo(page, field('Name'))
    await expect.poll(() => field('Name').inputValue()).toContain('books')
    await typeInto(page, field('Name'), 'ledger')
    await page.keyboard.press('Enter')
    await row('ledger').waitFor()
    await waitForFocus(addLink())

    await openForm(/Grist document/)
    await fillGrist(KEY)
    const read = page.getByLabel('Detected from the URL')
    await expect.poll(() => read.textContent()).toContain(grist.url)
    await expect.poll(() => read.textContent()).toContain(grist.docId)
    await pressOn(page, button('Add connection'))
    await row('crm').waitFor()
    await open.goto('/projects/books/connections/crm')
    await page.getByText(/^Vault file/).waitFor()
    expect(grist.requests.some(({ headers }) => headers.authorization === `Bearer ${KEY}`)).toBe(true)

    const { heap, document, searched } = await findInPage(page, KEY)
    expect({ heap, document }).toEqual({ heap: 0, document: 0 })
    expect(searched).toBeGreaterThan(1_000_000)
    expect(open.heard.length).toBeGreaterThan(5)
    expect(open.heard.filter((text) => text.includes(KEY))).toEqual([])
    for (const file of readdirSync(engine.home, { recursive: true, withFileTypes: true })) {
      if (file.isFile()) expect(readFileSync(join(file.parentPath, file.name)).includes(KEY), file.name).toBe(false)
    }
    expect(open.complaints).toEqual([])
  })

  test('testing a connection shows the result and updates its health', async () => {
    await toConnections()
    await pressOn(open.page, button('Actions for sales'))
    await pressItem(open.page, 'Test')
    await row('sales')
      .getByText(/^Connected in [\d.,]+ m?s\./)
      .waitFor()
    await open.goto('/projects/demo/connections/sales')
    await open.page.getByText(/^Up, /).waitFor()
  })

  test('replaces a key only after a successful test, and never shows it', async () => {
    await open.engine.owner.connections.create({
      name: 'crm',
      project: 'demo',
      config: { kind: 'grist', url: `${grist.url}/doc/${grist.docId}` },
      secret: { value: KEY },
    })
    await open.goto('/projects/demo/connections/crm?tab=settings')
    await pressOn(open.page, button('Replace secret of crm'))
    expect(await field('API key').inputValue()).toBe('')
    await typeInto(open.page, field('API key'), 'another-wrong-key')
    await open.page.keyboard.press('Enter')
    await open.page
      .getByText(/Grist rejected the API key/)
      .first()
      .waitFor()
    await typeInto(open.page, field('API key'), KEY)
    await open.page.keyboard.press('Enter')
    await button('Replace secret of crm').waitFor()
    expect(await findInPage(open.page, KEY)).toMatchObject({ heap: 0, document: 0 })
  })

  test('lists what depends on a connection before deleting it, and deletes it only after confirmation', async () => {
    const { owner } = open.engine
    await owner.projects.create({ name: 'other' })
    await owner.connections.include({ name: 'sales', project: 'other' })
    await owner.tokens.create({
      project: 'demo',
      name: 'reporter',
      kind: 'access',
      grants: [{ connection: 'sales', permissions: ['read'] }],
    })
    await owner.sessions.mint({ project: 'demo', document: 'sales', permissions: ['read'] })
    await open.goto('/projects/demo/connections/sales')
    await pressOn(open.page, button('Remove sales'))
    const dialog = open.page.getByRole('dialog')
    await dialog.getByText(/demo\/reporter/).waitFor()
    await dialog.getByText('Revokes 1 session token.').waitFor()
    await pressOn(open.page, dialog.getByRole('radio', { name: /Remove from demo/ }), 'ArrowDown')
    await dialog.getByText(/Used in 2 projects/).waitFor()
    await pressOn(open.page, dialog.getByRole('radio', { name: 'Delete everywhere' }), 'ArrowUp')
    await pressOn(open.page, dialog.getByRole('button', { name: 'Remove from demo' }))
    await open.page.getByText('No connections yet').waitFor()
    expect((await owner.connections.get({ name: 'sales' })).projects).toEqual(['other'])
    expect(await owner.sessions.list({})).toEqual([])
  })

  test('each kind has an address and a title, Back goes one step back, and leaving asks before changes are lost', async () => {
    const { page } = open
    await toConnections()
    await openForm(/Grist document/)
    await waitForFocus(field('Document URL'))
    await expect.poll(() => page.title()).toBe('Add a Grist document · demo – Hallpass')
    expect(page.url()).toMatch(/\/projects\/demo\/connections\/new\/grist$/)
    await typeInto(page, field('Document URL'), 'https://docs.example.com/doc/abc')
    await page.goBack()
    const question = page.getByRole('dialog', { name: 'Discard changes?' })
    await pressOn(page, question.getByRole('button', { name: 'Keep editing' }))
    await question.waitFor({ state: 'detached' })
    expect(await field('Document URL').inputValue()).toBe('https://docs.example.com/doc/abc')
    await pressOn(page, button('Back'))
    await pressOn(page, question.getByRole('button', { name: 'Discard' }))
    await page.getByRole('heading', { name: 'Add connection', level: 1 }).waitFor()
    await waitForFocus(button(/Grist document/))
    await page.goBack()
    await page.getByRole('heading', { name: 'Connections', level: 1 }).waitFor()
    expect(await open.engine.owner.connections.list({})).toHaveLength(1)
    // A choice from a list is a change like what is typed.
    await open.goto('/projects/demo/connections/new/http')
    await page.getByRole('combobox', { name: 'Authentication' }).click()
    await page.getByRole('option', { name: 'Username and password' }).click()
    await pressOn(page, button('Back'))
    await pressOn(page, question.getByRole('button', { name: 'Discard' }))
    // From anywhere else, the palette leads there; a cold start too.
    await open.goto('/overview')
    await page.keyboard.press('ControlOrMeta+k')
    await page.getByRole('textbox', { name: 'Search', exact: true }).fill('add conn')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Add connection', level: 1 }).waitFor()
    await open.goto('/projects/demo/connections/new/sqlite')
    await page.reload()
    await pressOn(page, button('Back'))
    await page.getByRole('heading', { name: 'Add connection', level: 1 }).waitFor()
  })

  test('a connection named new has a page of its own', async () => {
    const { page, engine } = open
    await engine.owner.connections.create({
      name: 'new',
      project: 'demo',
      config: { kind: 'sqlite', path: `${engine.home}-new.sqlite`, create: true },
    })
    await toConnections()
    await row('new').dblclick()
    await page.getByRole('heading', { name: 'new', level: 1 }).waitFor()
  })

  test('includes a connection of another project without giving any token permissions on it', async () => {
    const { owner } = open.engine
    await owner.projects.create({ name: 'other' })
    await toConnections('other')
    await openForm(/Existing connection/)
    await pressOn(open.page, field(/^sales/), 'Space')
    await pressOn(open.page, button('Add to other'))
    await row('sales').waitFor()
    expect((await owner.connections.get({ name: 'sales' })).projects.toSorted()).toEqual(['demo', 'other'])
    expect(await owner.tokens.list({ project: 'other' })).toEqual([])
  })

  test('deletes a project only after its name is typed', async () => {
    const { owner } = open.engine
    await owner.tokens.create({ project: 'demo', name: 'reporter', kind: 'access' })
    await open.goto('/projects/demo/settings')
    await pressOn(open.page, button('Delete project…'))
    const dialog = open.page.getByRole('dialog')
    await dialog.getByText(/demo\/reporter/).waitFor()
    const confirm = dialog.getByRole('button', { name: 'Delete project' })
    await waitForFocus(dialog.getByRole('textbox'))
    await typeInto(open.page, dialog.getByRole('textbox'), 'dem')
    await open.page.keyboard.press('Enter')
    await settle(open.page)
    expect(await confirm.isDisabled()).toBe(true)
    expect(await owner.projects.list()).toHaveLength(1)
    await typeInto(open.page, dialog.getByRole('textbox'), 'demo')
    await open.page.keyboard.press('Enter')
    await open.page.getByRole('heading', { name: 'Get started' }).waitFor()
    expect(await owner.projects.list()).toEqual([])
    await open.goto('/projects/demo/connections')
    await open.page.getByText('Project demo not found').waitFor()
  })
})
