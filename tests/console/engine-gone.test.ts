import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { missingBrowser, processBrowser } from '../support/chromium.ts'
import { commandLineOf } from '../support/command-line.ts'
import { until } from '../support/until.ts'

const CONNECTION = ['Edit name', 'Actions for sales', 'Overview', 'Who can use it 1', 'Settings']
/** The controls of each screen that stay on without an engine, and those that write. */
const READING: Readonly<Record<string, readonly string[]>> = {
  '/projects/demo/tokens/local-agent': [
    'Edit name',
    'Add description',
    'Change expiry',
    'Actions for local-agent',
    'Permissions',
    'Activity',
    'Session tokens',
    'Limits',
    'History',
    'With access only',
    'Test a request…',
    'salesSQLite file',
    'read on sales',
    'write on sales',
    'schema on sales',
    'all tables',
    'Access to sales',
  ],
  '/projects/demo/connections/sales': CONNECTION,
  '/projects/demo/connections/sales?tab=settings': CONNECTION,
  '/settings': [],
  '/projects/demo/tokens/new': [
    'Local client, no secret',
    'With a secret, over HTTP',
    'Nothing',
    'Read everything',
    'Read and write documents',
    'Like another token',
    'With access only',
    'Select all 1',
    'Select sales',
    'salesSQLite file',
    'read on sales',
    'write on sales',
    'schema on sales',
    '30 days',
    '12 hours',
    '90 days',
    'Date',
    'Never',
    'Limits',
    'Cancel',
  ],
}
const WRITING: Readonly<Record<string, readonly string[]>> = {
  '/projects/demo/tokens/local-agent': ['Pause', 'Revoke…'],
  '/projects/demo/connections/sales': ['Test sales', 'Pause sales', 'Remove sales'],
  '/projects/demo/connections/sales?tab=settings': ['Test sales', 'Pause sales', 'Remove sales', 'Test and save'],
  '/settings': [
    'System',
    'Light',
    'Dark',
    'Sign out',
    'Pause while locked',
    'This computer only',
    'Other computers…',
    'Allowed origins',
    'Write to disk',
    'Single letters',
  ],
  '/projects/demo/tokens/new': ['Create token'],
}
const FRAME = ['Try now', 'Search or run a command Ctrl K', 'Search projects', 'New project', '127.0.0.1']
/** Last parts of the paths of calls that change nothing. */
const READS = ['follow', 'summary', 'top', 'scan', 'config', 'list', 'status', 'check', 'get', 'active']
const WHY_OFF = "Not available while Hallpass isn't answering."
const CONTROLS = 'button, select, input:is([type=checkbox], [type=radio], [role=combobox]), [role=menuitem]'

describe.skipIf(missingBrowser() !== null)('a page whose engine is killed', () => {
  it('RU4 keeps typed text and its sign-in, says how old it is, and is live within 5 s of the engine’s return', async () => {
    const home = mkdtempSync(join(tmpdir(), 'hallpass-gone-'))
    onTestFinished(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }))
    const port = String(await freePort())
    const serve = async () => {
      const child = commandLineOf(home).start(['serve'], { HALLPASS_PORT: port })
      onTestFinished(() => void child.kill('SIGKILL'))
      let output = ''
      child.stdout.on('data', (chunk) => (output += String(chunk)))
      await until('the engine listens', () => output.includes('Press Ctrl-C'))
      return { child, link: /http\S+\/console\/sign-in#\S+/.exec(output)?.[0] ?? '' }
    }
    const first = await serve()
    const context = await (await processBrowser()).newContext()
    onTestFinished(() => context.close())
    const page = await context.newPage()
    await page.goto(first.link)
    await page.waitForURL(/\/console\/(#|$)/)
    await page.goto(`http://127.0.0.1:${port}/console/#/projects/demo/tokens/new`)
    const screens = await context.newPage()
    await screens.goto(`http://127.0.0.1:${port}/console/`)
    const live = new Map<string, readonly string[]>()
    for (const path of Object.keys(READING)) {
      await show(screens, path)
      await until('its controls are drawn', async () => {
        live.set(path, await namesOf(screens, 'on'))
        return [...(READING[path] ?? []), ...(WRITING[path] ?? [])].every((name) => live.get(path)?.includes(name))
      })
    }
    const name = page.getByRole('textbox', { name: /^Name/ })
    await name.fill('night-export')

    first.child.kill('SIGKILL')
    await once(first.child, 'exit')
    const strip = page.getByRole('status').filter({ hasText: /^Hallpass isn't answering\..*As of \d\d:\d\d:\d\d\./ })
    await strip.waitFor()
    // It says when it tries again, and nothing is lost by trying at once.
    await strip.getByText(/^Trying again in \d s\.$/).waitFor()
    await strip.getByRole('button', { name: 'Try now' }).click()
    await strip.waitFor()
    expect(await namesOf(page, 'off')).toContain('Create token')
    const sent: string[] = []
    page.on('request', (request) => sent.push(new URL(request.url()).pathname))
    await name.press('Enter')
    await name.press('Control+Enter')
    await name.press('Control+Shift+Period')
    expect(await name.inputValue()).toBe('night-export')
    expect(sent.filter((path) => /\/(?:create|pause|resume)$/.test(path))).toEqual([])

    // Screens keep their content, and what writes there is off and says why.
    const asked: string[] = []
    screens.on('request', (request) => asked.push(new URL(request.url()).pathname))
    for (const [path, reading] of Object.entries(READING)) {
      await show(screens, path)
      expect.soft({ path, on: await namesOf(screens, 'on') }).toEqual({ path, on: [...FRAME, ...reading] })
      const off = await namesOf(screens, 'off')
      expect.soft({ path, off }).toEqual({ path, off: ['Pause all access', ...(WRITING[path] ?? [])] })
      for (const control of await screens.locator('[aria-disabled=true]').all()) {
        await control.focus()
        await control.press('Enter')
        await control.dispatchEvent('click')
      }
      expect.soft(await screens.getByRole('dialog').count(), path).toBe(0)
    }
    const calls = asked.filter((path) => path.startsWith('/console/rpc/'))
    expect(calls.filter((path) => !READS.includes(path.split('/').at(-1) ?? ''))).toEqual([])

    await serve()
    const returned = Date.now()
    await strip.waitFor({ state: 'detached' })
    expect(Date.now() - returned).toBeLessThan(5000)
    expect(await name.inputValue()).toBe('night-export')
    await screens.getByText("Hallpass isn't answering.").first().waitFor({ state: 'detached' })
    for (const path of Object.keys(READING)) {
      await show(screens, path)
      await expect.poll(async () => ({ path, on: await namesOf(screens, 'on') })).toEqual({ path, on: live.get(path) })
    }
    await page.getByRole('button', { name: 'Create token' }).click()
    await page.getByRole('heading', { name: 'night-export is ready' }).waitFor()
  })
})

async function show(page: Page, path: string): Promise<void> {
  await page.evaluate((hash) => location.assign(hash), `#${path}`)
  await page.getByRole('main').getByRole('heading').first().waitFor()
  await page.waitForFunction(() => document.querySelector('.mantine-Skeleton-root') === null)
}

async function namesOf(page: Page, state: 'on' | 'off'): Promise<string[]> {
  return page.locator(CONTROLS).evaluateAll(
    (all, [wanted, why]) =>
      all
        .filter((one) => one.checkVisibility())
        .filter((one) => {
          const described = (one.getAttribute('aria-describedby') ?? '').split(' ')
          const isOff =
            one.ariaDisabled === 'true' && described.some((id) => document.getElementById(id)?.textContent === why)
          return wanted === 'off' ? isOff : !isOff && !one.matches(':disabled')
        })
        .map((one) => one.ariaLabel ?? (one as HTMLInputElement).labels?.[0]?.textContent ?? one.textContent)
        // The port of the address differs.
        .map((name) => name.replace(/(?<=^127.0.0.1):\d+$/, '').trim()),
    [state, WHY_OFF] as const,
  )
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}
