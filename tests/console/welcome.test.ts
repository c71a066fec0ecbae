import { exec, execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { violations } from '../support/accessibility.ts'
import { missingBrowser } from '../support/chromium.ts'
import { startConsole, type OpenConsole } from '../support/console-browser.ts'
import { pressOn } from '../support/keyboard.ts'
import { findInDocument } from '../support/page-memory.ts'
import { openPalette } from './support/open-palette.ts'

const ROOT = join(import.meta.dirname, '../..')
const hasPython = await promisify(execFile)('python3', ['--version']).then(
  () => true,
  () => false,
)

describe.skipIf(missingBrowser() !== null)('the first steps', () => {
  let open: OpenConsole
  beforeEach(async () => {
    open = await startConsole()
    await open.goto('/welcome')
  })
  afterEach(() => open[Symbol.asyncDispose]())

  const step = (title: string) =>
    open.page.getByRole('listitem').filter({ has: open.page.getByRole('heading', { name: title }) })

  test('only the sample step is done at first, because the sample responds', async () => {
    await step('A sample project is ready')
      .getByText('sales is connected. Tables: Customers, Orders, Products.')
      .waitFor()
    await step('Connect a client').getByText('To do').waitFor()
    await step('Run a script with a session token').getByText('To do').waitFor()
  })

  test('a rejected call completes no step', async () => {
    const { engine } = open
    await engine.owner.tokens.create({ project: 'demo', name: 'agent', kind: 'access' })
    const refused = await fetch(`${engine.url}/api/v1/proxy`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer sess_none' },
      body: '{"method":"list_tables"}',
    })
    expect(refused.status).toBe(401)
    const { token } = await engine.owner.sessions.mint({ project: 'demo', document: 'sales', permissions: ['read'] })
    const forbidden = await fetch(`${engine.url}/api/v1/proxy`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: '{"method":"delete_records","table":"Orders","record_ids":[1]}',
    })
    expect(forbidden.status).toBe(403)
    await expect.poll(async () => (await engine.owner.requests.list({ status: '403' })).length).toBe(1)
    await step('Run a script with a session token').getByText('To do').waitFor()
    const allowed = await fetch(`${engine.url}/api/v1/proxy`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: '{"method":"list_tables"}',
    })
    expect(allowed.status).toBe(200)
    // If the rejected call had counted, it would be shown here.
    await step('Run a script with a session token')
      .getByText(/A script called list_tables on sales/)
      .waitFor()
    expect(await step('Connect a client').getByText('Done').count()).toBe(0)
  })

  test("a client's first call completes two steps while the page is open, and they stay complete after a reload", async () => {
    const { engine, page } = open
    await step('Connect a client').getByText('To do').waitFor()
    const { secret } = await engine.owner.tokens.create({ project: 'demo', name: 'agent', kind: 'access', clone: true })
    const client = new Client({ name: 'tester', version: '1.0' })
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${engine.url}/projects/demo/mcp`), {
        requestInit: { headers: { Authorization: `Bearer ${secret}` } },
      }),
    )
    await client.listTools()
    await client.close()
    await step('Connect a client').getByText('Done').waitFor()
    await step('See the first request')
      .getByText(/called .* as agent/)
      .waitFor()
    await page.reload()
    await step('Connect a client').getByText('Done').waitFor()
  })

  test.skipIf(!hasPython)(
    'the printed command runs unchanged, completes the last step, and the page forgets its token',
    async () => {
      const { page } = open
      await pressOn(page, page.getByRole('button', { name: 'Create session token' }))
      const command = await page.getByLabel('Command').innerText()
      const token = /sess_[A-Za-z0-9_-]{43}/.exec(command)?.[0] ?? ''
      expect(token).not.toBe('')
      const { stdout } = await promisify(exec)(command, { cwd: ROOT })
      expect(stdout.split('\n')[0]).toMatch(/^id,/)
      expect(stdout.trim().split('\n').length).toBeGreaterThan(5)
      await step('Run a script with a session token').getByText('Done').waitFor()
      await open.goto('/activity')
      await page.getByRole('heading', { name: 'Activity' }).waitFor()
      expect(await findInDocument(page, token)).toBe(0)
      await open.goto('/welcome')
      await page.getByRole('button', { name: 'Create session token' }).waitFor()
      expect(await findInDocument(page, token)).toBe(0)
    },
  )

  test('PA6 each step is complete once it happened, in any order, and skipping is remembered', async () => {
    const { engine, page } = open
    await open.goto('/overview')
    const panel = page.getByRole('region', { name: 'Get started' })
    await panel.getByText('Waiting for a call…').waitFor()
    await expect.poll(() => panel.getByText('To do').count()).toBe(3)
    expect(await violations(page)).toEqual([])
    // The last step first.
    const { token } = await engine.owner.sessions.mint({ project: 'demo', document: 'sales', permissions: ['read'] })
    await fetch(`${engine.url}/api/v1/proxy`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: '{"method":"list_tables"}',
    })
    await step('Run a script with a session token').getByText('Done').waitFor()
    await step('See the first request').getByText('To do').waitFor()

    await pressOn(page, panel.getByRole('button', { name: 'Skip for now' }))
    await panel.waitFor({ state: 'detached' })
    expect((await engine.owner.preferences.get()).first_run).toBe('skipped')
    await page.reload()
    await page.getByText('All quiet. Nothing needs you.').waitFor()
    expect(await panel.count()).toBe(0)

    // The palette still opens them, and the remaining steps are completed.
    await (await openPalette(page)).fill('get started')
    await page.getByRole('button', { name: 'Get started' }).click()
    await step('Connect a client').getByText('To do').waitFor()
    await engine.owner.preferences.set({ first_run: 'open' })
    await open.goto('/overview')
    const { secret } = await engine.owner.tokens.create({ project: 'demo', name: 'agent', kind: 'access', clone: true })
    const client = new Client({ name: 'tester', version: '1.0' })
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${engine.url}/projects/demo/mcp`), {
        requestInit: { headers: { Authorization: `Bearer ${secret}` } },
      }),
    )
    await client.listTools()
    await client.close()
    await expect.poll(() => panel.getByText('Done').count()).toBe(4)
    await expect.poll(async () => (await engine.owner.preferences.get()).first_run).toBe('done')
    await open.goto('/attention')
    // The engine knew it first.
    await page.reload()
    await open.goto('/overview')
    await page.getByRole('heading', { name: 'Active now' }).waitFor()
    await panel.waitFor({ state: 'detached' })
  })

  test('explains how to begin without any project', async () => {
    await open.engine.owner.projects.delete({ name: 'demo' })
    await open.page.getByText('No documents yet').waitFor()
  })
})
