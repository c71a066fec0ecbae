import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { violations } from '../support/accessibility.ts'
import { missingBrowser } from '../support/chromium.ts'
import { startConsole, type OpenConsole } from '../support/console-browser.ts'
import { chooseOption, pressOn, waitForFocus } from '../support/keyboard.ts'
import { findInPage } from '../support/page-memory.ts'

const CANARY = 'another-servers-s3cret-7d20'
const BEFORE = `{\n  // kept as it is\n  "mcpServers": {\n    "other": { "command": "other", "env": { "OTHER_KEY": "${CANARY}" } }\n  }\n}\n`
const LAUNCH = [process.execPath, join(import.meta.dirname, '../../bin/hallpass')]

describe.skipIf(missingBrowser() !== null)('connecting clients', () => {
  let home: string
  let config: string
  let open: OpenConsole
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'hallpass-clients-'))
    config = join(home, '.cursor', 'mcp.json')
    mkdirSync(join(home, '.cursor'))
    writeFileSync(config, BEFORE)
    open = await startConsole({
      engine: {
        clients: { launch: { command: LAUNCH, environment: {} }, places: { platform: 'linux', home, environment: {} } },
      },
    })
    await open.goto('/projects/demo/connect')
  })
  afterEach(async () => {
    await open[Symbol.asyncDispose]()
    rmSync(home, { recursive: true, force: true })
  })

  const button = (name: string) => open.page.getByRole('button', { name, exact: true })
  const cursor = () => open.page.getByRole('article', { name: 'Cursor' })

  test('previewing the change writes nothing and shows no secret of another server', async () => {
    await pressOn(open.page, button('Connect Cursor'))
    await open.page.getByRole('dialog').getByText('hp-demo').waitFor()
    expect(await violations(open.page)).toEqual([])
    expect(await findInPage(open.page, CANARY)).toMatchObject({ heap: 0, document: 0 })
    expect(open.heard.filter((text) => text.includes(CANARY))).toEqual([])
    await open.page.keyboard.press('Escape')
    await waitForFocus(button('Connect Cursor'))
    expect(readFileSync(config, 'utf8')).toBe(BEFORE)
  })

  test('a file that changed after its preview is not written, and the new preview is shown', async () => {
    await pressOn(open.page, button('Connect Cursor'))
    const dialog = open.page.getByRole('dialog')
    await dialog.getByText('hp-demo').waitFor()
    const changed = BEFORE.replace('"other"', '"renamed"')
    writeFileSync(config, changed)
    await pressOn(open.page, button('Save to Cursor'))
    await dialog.getByRole('alert').waitFor()
    expect(readFileSync(config, 'utf8')).toBe(changed)
    await dialog.getByText('"renamed"').first().waitFor()
    await pressOn(open.page, button('Save to Cursor'))
    await cursor().getByText('Connected', { exact: true }).waitFor()
  })

  test('renaming a local token offers to repair the client that connects as it', async () => {
    const { page, engine } = open
    await engine.owner.clients.connect({ client: 'cursor', project: 'demo', token: 'local-agent' })
    await open.goto('/projects/demo/tokens/local-agent')
    await button('Edit name').click()
    await page.getByRole('textbox', { name: 'Name' }).fill('desk-agent')
    await page.keyboard.press('Enter')
    await page.getByText('Cursor still connects as local-agent, which no longer exists.').waitFor()
    expect(await violations(page)).toEqual([])
    await button('Repair Cursor').click()
    await pressOn(page, button('Save to Cursor'))
    await expect.poll(() => button('Repair Cursor').count()).toBe(0)
    expect(readFileSync(config, 'utf8')).toContain('desk-agent')
    expect((await engine.owner.clients.list({ project: 'demo' })).find(({ id }) => id === 'cursor')).toMatchObject({
      state: 'connected',
      token: 'desk-agent',
    })
  })

  test('connecting writes the chosen token, and disconnecting restores the file', async () => {
    const { page, engine } = open
    await engine.owner.tokens.create({
      project: 'demo',
      name: 'reader',
      kind: 'local',
      grants: [{ connection: 'sales', permissions: ['read'] }],
    })
    await chooseOption(page, page.getByRole('combobox', { name: 'Clients use' }), 'reader')
    await page.getByText('hallpass stdio --project demo --as reader').waitFor()
    await pressOn(page, button('Connect Cursor'))
    await pressOn(page, button('Save to Cursor'))
    await cursor().getByText('Connected', { exact: true }).waitFor()
    const written = readFileSync(config, 'utf8')
    expect(written).toContain('// kept as it is')
    expect(written).toContain('"reader"')
    expect(written).not.toMatch(/hp_pat_|sess_/)
    await pressOn(page, button('Disconnect Cursor'))
    await pressOn(page, button('Disconnect'))
    await cursor().getByText('Not connected', { exact: true }).waitFor()
    expect(readFileSync(config, 'utf8')).toBe(BEFORE)
  })

  test('an unreadable configuration is reported, and no action that would write it is offered', async () => {
    writeFileSync(config, '{ "mcpServers": ')
    await open.page.reload()
    await cursor().getByText("Can't be read").waitFor()
    expect(await cursor().getByRole('button').count()).toBe(0)
  })

  test('a project without a local token shows how to create one, and connects nothing', async () => {
    const { engine, page } = open
    for (const { name } of await engine.owner.tokens.list({ project: 'demo' }))
      await engine.owner.tokens.delete({ project: 'demo', name })
    await page.getByText('Clients on this computer use a local token.').waitFor()
    await expect.poll(() => button('Connect Cursor').isDisabled()).toBe(true)
    expect(await page.getByRole('link', { name: 'New local token' }).count()).toBe(1)
  })

  test('CN1 New local token opens the form with the kind set, and returns with the new token selected', async () => {
    const { page } = open
    await pressOn(page, page.getByRole('link', { name: 'New local token' }))
    await page.getByRole('heading', { name: 'New token', level: 1 }).waitFor()
    expect(await page.getByRole('radio', { name: /^Local/ }).isChecked()).toBe(true)
    await page.getByRole('textbox', { name: 'Name' }).fill('cursor-only')
    await pressOn(page, button('Create token'))
    await pressOn(page, button('Done'))
    await page.getByRole('heading', { name: 'Connect', level: 1 }).waitFor()
    await expect.poll(() => page.getByRole('combobox', { name: 'Clients use' }).inputValue()).toBe('cursor-only')
    await page.getByText('hallpass stdio --project demo --as cursor-only').waitFor()
  })

  test("CN2 shows a connected client's first request and updates its last use without a reload", async () => {
    const { engine, page } = open
    await pressOn(page, button('Connect Cursor'))
    await pressOn(page, button('Save to Cursor'))
    await cursor().getByText('Restart Cursor. Waiting for it…').waitFor()
    const { secret } = await engine.owner.tokens.create({ project: 'demo', name: 'agent', kind: 'access', clone: true })
    const client = new Client({ name: 'cursor-vscode', version: '1.4.0' })
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${engine.url}/projects/demo/mcp`), {
        requestInit: { headers: { Authorization: `Bearer ${secret}` } },
      }),
    )
    await cursor().getByText('1.4.0').waitFor()
    await cursor()
      .getByText(/^Seen .+, 1 session$/)
      .waitFor()
    const time = cursor().locator('time')
    const first = await time.getAttribute('datetime')
    await client.listTools()
    await expect.poll(() => time.getAttribute('datetime'), { interval: 20 }).not.toBe(first)
    expect(await violations(page)).toEqual([])
    await engine.owner.pause()
    await cursor().getByText('Connected, paused').waitFor()
    await client.close()
  })

  test('any other client gets the configuration of the chosen transport', async () => {
    const { page, engine } = open
    const other = page.getByRole('region', { name: 'Any other client' })
    await other.getByText('hallpass stdio --project demo').waitFor()
    const endpoint = `${engine.url}/projects/demo/mcp`
    expect(await other.getByText(endpoint).count()).toBe(0)
    await pressOn(page, other.getByRole('radio', { name: 'stdio' }), 'ArrowRight')
    await other.getByText(endpoint, { exact: true }).waitFor()
    expect(await other.getByText('hallpass stdio').count()).toBe(0)
    const config = await other
      .getByRole('figure', { name: 'Configuration, Streamable HTTP' })
      .locator('pre')
      .innerText()
    expect(JSON.parse(config).mcpServers['hallpass-demo']).toMatchObject({ type: 'http', url: endpoint })
    expect(await violations(page)).toEqual([])
  })

  test('CN5 tool count and context size follow the chosen token', async () => {
    const { engine, page } = open
    await engine.owner.tokens.create({
      project: 'demo',
      name: 'reader',
      kind: 'local',
      grants: [{ connection: 'sales', permissions: ['read'] }],
    })
    const shown = async (token: string) => {
      const { all, search } = await engine.owner.clients.toolsShown({ project: 'demo', token })
      await page
        .getByRole('radio', { name: new RegExp(`^All tools: ${all.tools}, about [\\d,]+ tokens of context$`) })
        .waitFor({ state: 'attached' })
      await page.getByRole('radio', { name: new RegExp(`^Search: ${search.tools}, `) }).waitFor({ state: 'attached' })
      return all.tools
    }
    const all = await shown('local-agent')
    await chooseOption(page, page.getByRole('combobox', { name: 'Clients use' }), 'reader')
    expect(await shown('reader')).toBeLessThan(all)
    await page.getByRole('link', { name: 'reads 1 connection' }).waitFor()
    await engine.owner.tokens.update({ project: 'demo', name: 'reader', revision: 1, set: { grants: [] } })
    await page.getByRole('link', { name: 'no permissions yet' }).waitFor()
    await shown('reader')
  })

  test('shows the configuration snippets where no client can be connected', async () => {
    await using bare = await startConsole()
    await bare.goto('/projects/demo/connect')
    await bare.page.getByText("Couldn't read the clients on this computer").waitFor()
    await bare.page.getByText('hallpass stdio --project demo --as local-agent').waitFor()
    await pressOn(bare.page, bare.page.getByRole('radio', { name: 'stdio' }), 'ArrowRight')
    await bare.page.getByText(`${bare.engine.url}/projects/demo/mcp`, { exact: true }).waitFor()
  })
})
