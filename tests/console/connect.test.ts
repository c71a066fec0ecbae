import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

  test('looking at what would be written writes nothing, and shows no secret of another server', async () => {
    await pressOn(open.page, button('Connect Cursor'))
    await open.page.getByRole('dialog').getByText('hp-demo').waitFor()
    expect(await violations(open.page)).toEqual([])
    expect(await findInPage(open.page, CANARY)).toMatchObject({ heap: 0, document: 0 })
    expect(open.heard.filter((text) => text.includes(CANARY))).toEqual([])
    await open.page.keyboard.press('Escape')
    await waitForFocus(button('Connect Cursor'))
    expect(readFileSync(config, 'utf8')).toBe(BEFORE)
  })

  test('a file that changed after it was shown is not written, and what is new is shown', async () => {
    await pressOn(open.page, button('Connect Cursor'))
    const dialog = open.page.getByRole('dialog')
    await dialog.getByText('hp-demo').waitFor()
    const changed = BEFORE.replace('"other"', '"renamed"')
    writeFileSync(config, changed)
    await pressOn(open.page, button('Connect'))
    await dialog.getByRole('alert').waitFor()
    expect(readFileSync(config, 'utf8')).toBe(changed)
    await dialog.getByText('"renamed"').first().waitFor()
    await pressOn(open.page, button('Connect'))
    await cursor().getByText('Connected', { exact: true }).waitFor()
  })

  test('a client is connected as the token that was chosen, and disconnecting leaves the file as it was', async () => {
    const { page, engine } = open
    await engine.owner.tokens.create({
      project: 'demo',
      name: 'reader',
      kind: 'local',
      grants: [{ connection: 'sales', permissions: ['read'] }],
    })
    await chooseOption(page, page.getByRole('combobox', { name: 'Token for clients' }), 'reader')
    await page.getByText('hallpass stdio --project demo --as reader').waitFor()
    await pressOn(page, button('Connect Cursor'))
    await pressOn(page, button('Connect'))
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

  test('an unreadable configuration is reported, and nothing is offered that would write it', async () => {
    writeFileSync(config, '{ "mcpServers": ')
    await open.page.reload()
    await cursor().getByText("Can't be read").waitFor()
    expect(await cursor().getByRole('button').count()).toBe(0)
  })

  test('without a local token it says how to get one, and connects nothing', async () => {
    const { engine, page } = open
    for (const { name } of await engine.owner.tokens.list({ project: 'demo' }))
      await engine.owner.tokens.delete({ project: 'demo', name })
    await page.getByText('No local token in this project').waitFor()
    await expect.poll(() => button('Connect Cursor').isDisabled()).toBe(true)
    await pressOn(page, page.getByRole('link', { name: 'Create one' }).first())
    await page.getByRole('heading', { name: 'New token', level: 1 }).waitFor()
  })

  test('where no client can be connected the snippets still stand', async () => {
    await using bare = await startConsole()
    await bare.goto('/projects/demo/connect')
    await bare.page.getByText("Couldn't read the clients on this computer").waitFor()
    await bare.page.getByText(`${bare.engine.url}/projects/demo/mcp`, { exact: true }).waitFor()
    await bare.page.getByText('hallpass stdio --project demo --as local-agent').waitFor()
  })
})
