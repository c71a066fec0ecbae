import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { violations } from '../support/accessibility.ts'
import { missingBrowser } from '../support/chromium.ts'
import { SELF_SIGNED } from '../http-apis/support/self-signed.ts'
import { startConsole, type OpenConsole } from '../support/console-browser.ts'

const LAUNCH = [process.execPath, join(import.meta.dirname, '../../bin/hallpass')]
const GONE = { mcpServers: { 'hp-demo': { command: '/gone/hallpass', args: ['stdio', '--project', 'demo'] } } }

describe.skipIf(missingBrowser() !== null)('settings', () => {
  let home: string
  let open: OpenConsole
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'hallpass-settings-'))
    mkdirSync(join(home, '.cursor'))
    writeFileSync(join(home, '.cursor', 'mcp.json'), JSON.stringify(GONE))
    open = await startConsole({
      // The page leaves its port, so no other test can use it afterwards.
      context: {},
      engine: {
        clients: { launch: { command: LAUNCH, environment: {} }, places: { platform: 'linux', home, environment: {} } },
      },
    })
  })
  afterAll(async () => {
    await open[Symbol.asyncDispose]()
    rmSync(home, { recursive: true, force: true })
  })

  test('are found by name and by effect', async () => {
    const { page } = open
    await open.goto('/settings')
    const search = page.getByRole('textbox', { name: 'Search settings' })
    await search.fill('deleted')
    await expect.poll(() => page.getByLabel('Port', { exact: true }).count()).toBe(0)
    expect(await page.getByLabel('Keep for (days)').count()).toBe(1)
    expect(await page.getByRole('region', { name: 'Access' }).isVisible()).toBe(false)
    await search.fill('nothing like this')
    await page.getByText('No results').waitFor()
    await search.fill('')
  })

  test('ST1 requires encryption and a typed confirmation for other computers, and neither for this computer', async () => {
    const { page, engine } = open
    const [cert, key] = [join(home, 'cert.pem'), join(home, 'key.pem')]
    writeFileSync(cert, SELF_SIGNED.cert)
    writeFileSync(key, SELF_SIGNED.key, { mode: 0o600 })
    await open.goto('/settings')
    const others = page.getByRole('radio', { name: 'Other computers…' })
    await others.click()
    const dialog = page.getByRole('dialog', { name: 'Other computers' })
    await dialog.getByText('Anyone who reaches this address can try tokens.').waitFor()
    await dialog.getByRole('radio', { name: 'Every address of this computer (0.0.0.0)' }).waitFor()
    expect(await violations(page)).toEqual([])
    const save = dialog.getByRole('button', { name: 'Save' })
    const unchanged = async () => expect((await engine.owner.settings.get()).host).toBe('127.0.0.1')
    // Encryption without the confirmation, and the confirmation without encryption.
    await dialog.getByLabel('Certificate file').fill(cert)
    await dialog.getByLabel('Key file').fill(join(home, 'nothing.pem'))
    await save.click()
    await dialog.getByText('Type reachable to confirm.').waitFor()
    await dialog.getByLabel('Type reachable to confirm').fill('reachable')
    await save.click()
    await expect.poll(() => dialog.getByLabel('Key file').getAttribute('aria-invalid')).toBe('true')
    await unchanged()
    await dialog.getByLabel('Certificate file').fill('')
    await dialog.getByLabel('Key file').fill('')
    await save.click()
    await expect.poll(() => dialog.getByLabel('Certificate file').getAttribute('aria-invalid')).toBe('true')
    await unchanged()
    await dialog.getByLabel('Certificate file').fill(cert)
    await dialog.getByLabel('Key file').fill(key)
    await save.click()
    await dialog.waitFor({ state: 'detached' })
    await expect.poll(() => others.isChecked()).toBe(true)
    await page.getByText('Restart to apply listen address 0.0.0.0 (now 127.0.0.1) and the TLS files.').waitFor()
    expect(await engine.owner.settings.get()).toMatchObject({ host: '0.0.0.0', tls: { cert, key } })
    expect(await violations(page)).toEqual([])
    await page.getByRole('radio', { name: 'This computer only' }).click()
    await expect.poll(async () => (await engine.owner.settings.get()).host).toBe('127.0.0.1')
    expect((await engine.owner.settings.get()).tls).toBeNull()
    await page.getByRole('button', { name: 'Restart' }).waitFor({ state: 'detached' })
  })

  test('ST3 Restart moves to the new port, the page follows, and drifted clients can be repaired', async () => {
    const { page, engine } = open
    const before = new URL(engine.url)
    const port = await freePort()
    await open.goto('/settings')
    await page.getByLabel('Port', { exact: true }).fill(String(port))
    await page.keyboard.press('Enter')
    await page.getByText(`Restart to apply port ${port} (now ${before.port}).`).waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Restart' }).click()
    await page.waitForURL(`http://127.0.0.1:${port}/console/#/settings`)
    await page.getByLabel('Port', { exact: true }).waitFor()
    expect(await page.getByRole('button', { name: 'Restart' }).count()).toBe(0)
    expect((await engine.owner.status()).url).toBe(`http://127.0.0.1:${port}`)
    await page.getByRole('link', { name: 'Repair Cursor in demo' }).click()
    await page.getByRole('article', { name: 'Cursor' }).waitFor()
  })
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done)
  })
  const { port } = server.address() as AddressInfo
  await new Promise((done) => {
    server.close(done)
  })
  return port
}
