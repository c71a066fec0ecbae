import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { RequestRecord } from '../../src/contract/records.ts'
import { violations } from '../support/accessibility.ts'
import { missingBrowser } from '../support/chromium.ts'
import { startConsole } from '../support/console-browser.ts'
import { pressFocused, pressItem, pressOn, tabTo, takeOption, typeInto, waitForFocus } from '../support/keyboard.ts'
import { call, callMany, grid, makeLosable, mintSession, rowIds, rows, waitForAllRows } from './support/log-page.ts'

const lack = missingBrowser()

describe.skipIf(lack !== null)(`the request log in the console${lack === null ? '' : ` (left out: ${lack})`}`, () => {
  const chip = (page: Page, text: string) => page.getByRole('button', { name: `Remove filter: ${text}` })

  /** Adds a part of the filter by keyboard. Text that isn't in the list is added with Enter. */
  async function addFilter(page: Page, field: string, value: string): Promise<void> {
    await pressOn(page, page.getByRole('button', { name: 'Filter', exact: true }))
    await page.getByLabel('Field').selectOption(field)
    await typeInto(page, page.getByRole('combobox', { name: 'Value' }), value)
    await page.keyboard.press('Enter')
  }

  async function everyRowHas(page: Page, text: string): Promise<boolean> {
    const drawn = await rows(page).allInnerTexts()
    return drawn.length > 0 && drawn.every((one) => one.includes(text))
  }

  it('explains an invalid status filter, keeps it in the field, and shows rows again once it is valid', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    const token = await mintSession(engine)
    await call(engine, token, { method: 'list_tables' })
    await console.goto('/projects/demo/log')
    await rows(page).first().waitFor()
    await addFilter(page, 'Status', 'nonsense')
    await page.getByRole('alert').getByText('Invalid status. Use a status code such as 404').waitFor()
    await chip(page, 'Status nonsense').waitFor()
    await expect.poll(() => rows(page).count()).toBe(0)
    await addFilter(page, 'Status', 'ok')
    await rows(page).first().waitFor()
    await expect.poll(() => page.getByRole('alert').count()).toBe(0)
  })

  it('shows the chosen columns, remembers them, and a saved view keeps its own', async () => {
    await using console = await startConsole({ viewport: { width: 1440, height: 900 } })
    const { page, engine } = console
    await call(engine, await mintSession(engine), { method: 'list_tables' })
    await console.goto('/projects/demo/log?status=ok')
    await rows(page).first().waitFor()
    const heads = () => page.getByRole('columnheader').allInnerTexts()
    const toggle = async (name: string) => {
      await page.getByRole('button', { name: 'Columns' }).click()
      await page.getByRole('menuitemcheckbox', { name }).click()
      await page.keyboard.press('Escape')
    }
    expect(await heads()).toEqual(['Time', 'Who', 'Request', 'On', 'Permission', 'Outcome', 'Took'])
    await toggle('Permission')
    await toggle('Took')
    await expect.poll(heads).toEqual(['Time', 'Who', 'Request', 'On', 'Outcome'])
    expect(await rows(page).first().getByRole('gridcell').count()).toBe(5)
    await expect
      .poll(async () => (await engine.owner.preferences.get()).columns)
      .toEqual({
        log: ['time', 'project', 'who', 'request', 'on', 'outcome'],
      })
    await page.getByRole('button', { name: 'Views' }).click()
    await page.getByRole('menuitem', { name: 'Save view…' }).click()
    await typeInto(page, page.getByRole('textbox', { name: 'Name' }), 'Narrow')
    await page.keyboard.press('Enter')
    await expect
      .poll(async () => (await engine.owner.views.list())[0]?.filter)
      .toEqual({
        status: 'ok',
        columns: 'time,project,who,request,on,outcome',
      })
    await toggle('Took')
    await expect.poll(heads).toContain('Took')
    await page.getByRole('button', { name: 'Views' }).click()
    await page.getByRole('menuitem', { name: 'Narrow' }).click()
    await expect.poll(heads).toEqual(['Time', 'Who', 'Request', 'On', 'Outcome'])
    expect(await violations(page)).toEqual([])
    await page.reload()
    await expect.poll(heads).toEqual(['Time', 'Who', 'Request', 'On', 'Outcome'])
  })

  it('explains an empty log', async () => {
    await using console = await startConsole()
    await console.goto('/projects/demo/log')
    await console.page.getByText('Every request appears here, including denied ones').waitFor()
  })

  it('shows requests of a session token as they happen, including denied ones, newest first', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    await console.goto('/projects/demo/log')
    const token = await mintSession(engine)
    await call(engine, token, { method: 'list_tables' })
    await call(engine, token, { method: 'get_records', table: 'Orders', limit: 2 })
    expect((await call(engine, token, { method: 'delete_records', table: 'Orders', record_ids: [1] })).status).toBe(403)
    const first = () => rows(page).first().innerText()
    await expect.poll(first).toMatch(/loader[^]*› [^]*delete_records[^]*write[^]*403[^]*No write/)
    const read = rows(page).filter({ hasText: 'get_records' })
    await expect.poll(() => read.innerText()).toMatch(/sales › Orders[^]*read[^]*200[^]*OK/)
    const ids = await rowIds(page)
    expect(ids).toEqual([...ids].sort((one, other) => other - one))
    await page.getByText('Live', { exact: true }).waitFor()
    expect(console.complaints).toEqual([])
  })

  it('LG5 filters by keyboard, stores the filter in the address, and clears it', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    const token = await mintSession(engine)
    for (const body of [
      { method: 'list_tables' },
      { method: 'get_records', table: 'Orders' },
      { method: 'get_records', table: 'Nothing' },
    ])
      await call(engine, token, body)
    await console.goto('/projects/demo/log')
    const all = await waitForAllRows(page, engine)
    await pressOn(page, page.getByRole('button', { name: 'Filter', exact: true }))
    await page.getByLabel('Field').selectOption('Method')
    await typeInto(page, page.getByRole('combobox', { name: 'Value' }), 'get_rec')
    await takeOption(page, 'get_records')
    await chip(page, 'Method is get_records').waitFor()
    await expect.poll(() => rows(page).count()).toBe(2)
    expect(page.url()).toContain('method=get_records')
    await addFilter(page, 'Status', 'failed')
    await expect.poll(() => rows(page).count()).toBe(1)
    await page.reload()
    await expect.poll(() => rows(page).count()).toBe(1)
    await chip(page, 'Method is get_records').waitFor()
    // Typed text that no name equals is looked for in the names.
    await addFilter(page, 'Token', 'OAD')
    await chip(page, 'Token contains OAD').waitFor()
    await expect.poll(() => rows(page).count()).toBe(1)
    await call(engine, token, { method: 'get_records', table: 'Missing' })
    await expect.poll(() => rows(page).count()).toBe(2)
    await pressOn(page, page.getByRole('button', { name: 'Clear', exact: true }))
    await expect.poll(() => rows(page).count()).toBe(all + 1)
    expect(page.url()).not.toContain('method=')
    await typeInto(page, page.getByRole('searchbox', { name: 'Search the log' }), 'missing')
    await expect.poll(() => rows(page).count()).toBe(1)
  })

  it('opens a row by keyboard, moves to the next one, and returns the focus', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    const token = await mintSession(engine)
    await call(engine, token, { method: 'list_tables' })
    await call(engine, token, { method: 'get_records', table: 'Orders' })
    await console.goto('/projects/demo/log')
    await rows(page).first().waitFor()
    await tabTo(page, grid(page))
    await page.keyboard.press('ArrowDown')
    await rows(page).and(page.locator('[data-active="true"]')).filter({ hasText: 'get_records' }).waitFor()
    await page.keyboard.press('Enter')
    const panel = page.getByRole('dialog')
    await panel.getByRole('heading', { name: 'get_records' }).waitFor()
    await waitForFocus(panel)
    // The token's state is asked for when the row opens.
    await panel.getByText(/expires in/).waitFor()
    for (const word of [
      'session',
      'loader',
      'Orders',
      'proxy',
      'expires in',
      'curl -sS -X POST',
      '$HALLPASS_TOKEN',
      '"table":"Orders"',
    ])
      await expect.poll(() => panel.innerText()).toContain(word)
    expect(await panel.innerText()).not.toContain(token)
    await pressFocused(page, panel, 'ArrowDown')
    await panel.getByRole('heading', { name: 'list_tables' }).waitFor()
    await engine.owner.tokens.revoke({ project: 'demo', name: 'loader' })
    await panel.getByText('Expired or revoked', { exact: true }).waitFor()
    await panel
      .getByRole('region', { name: 'Allowed by' })
      .getByText(/^read on sales/)
      .waitFor()
    await panel.getByRole('region', { name: 'Timing' }).getByText('Upstream').waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => panel.count()).toBe(0)
    await waitForFocus(grid(page))
    await rows(page).and(page.locator('[data-active="true"]')).filter({ hasText: 'list_tables' }).waitFor()
  })

  it('copies a command that works, and filters by the token of the open row or for similar rows', async () => {
    await using console = await startConsole({
      context: { permissions: ['clipboard-read', 'clipboard-write'] },
    })
    const { page, engine } = console
    const token = await mintSession(engine)
    await call(engine, await mintSession(engine, 'another'), { method: 'list_tables' })
    await call(engine, token, { method: 'get_records', table: 'Orders' })
    await console.goto('/projects/demo/log')
    await rows(page).filter({ hasText: 'Orders' }).click()
    const panel = page.getByRole('dialog')
    await panel.getByRole('button', { name: 'Copy as curl' }).click()
    await panel.getByText('Copied').waitFor()
    const clipboard = () => page.evaluate(() => navigator.clipboard.readText())
    const command = await clipboard()
    // IDs show 8 characters. The whole one is shown on focus, and copied by the usual keys.
    const [newest] = (await engine.owner.requests.list({ limit: 1 })) as [RequestRecord]
    for (const [id, shown] of [
      [newest.request_id, newest.request_id.slice(0, 8)],
      [String(newest.token), `s-${String(newest.token).slice(2, 10)}`],
    ] as const) {
      const short = panel.getByRole('button', { name: shown, exact: true })
      await page.keyboard.press('Tab')
      await short.focus()
      await page.getByRole('tooltip').filter({ hasText: id }).waitFor()
      await page.keyboard.press('ControlOrMeta+c')
      await expect.poll(clipboard).toBe(id)
    }
    const { execFile } = await import('node:child_process')
    const answer = await new Promise<string>((resolve, reject) => {
      execFile(
        '/bin/sh',
        ['-c', command],
        { env: { ...process.env, HALLPASS_TOKEN: token }, timeout: 10_000 },
        (error, out) => (error === null ? resolve(out) : reject(error)),
      )
    })
    expect(JSON.parse(answer)).toMatchObject({ success: true })
    await panel.getByRole('button', { name: 'Requests with this token' }).click()
    await expect.poll(() => page.url()).toContain('token=loader')
    await expect.poll(() => everyRowHas(page, 'loader')).toBe(true)
    await chip(page, 'Token is loader').waitFor()
    await rows(page).filter({ hasText: 'get_records' }).first().click()
    await panel.getByRole('button', { name: 'Similar requests' }).click()
    await expect.poll(() => page.url()).toContain('method=get_records')
    await expect.poll(() => everyRowHas(page, 'get_records')).toBe(true)
  })

  it('pauses updates without losing a row, counts the rows held back, and shows them on resume', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    const token = await mintSession(engine)
    await call(engine, token, { method: 'list_tables' })
    await console.goto('/projects/demo/log')
    await waitForAllRows(page, engine)
    const before = await rowIds(page)
    await pressOn(page, page.getByRole('button', { name: 'Pause updates', exact: true }))
    for (let count = 0; count < 12; count += 1) await call(engine, token, { method: 'list_tables' })
    await page.getByText('Paused · 12 new', { exact: true }).waitFor()
    expect(await rowIds(page)).toEqual(before)
    await pressFocused(page, page.getByRole('button', { name: 'Resume updates · 12 new' }))
    await expect.poll(async () => (await rowIds(page)).length).toBe(before.length + 12)
  })

  it('stays paused when the filter changes: shows existing rows and holds new ones back', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    const token = await mintSession(engine)
    await call(engine, token, { method: 'list_tables' })
    await console.goto('/log?status=denied')
    await page.getByText('No results').waitFor()
    await pressOn(page, page.getByRole('button', { name: 'Pause updates', exact: true }))
    await call(engine, token, { method: 'delete_records', table: 'Orders', record_ids: [1] })
    await page.getByText('Paused · 1 new', { exact: true }).waitFor()
    expect(await rows(page).count()).toBe(0)
    await pressOn(page, page.getByRole('button', { name: 'Clear', exact: true }), 'Enter')
    const { last_id } = (await engine.owner.requests.bounds()) ?? { last_id: 0 }
    await expect.poll(async () => (await rowIds(page))[0]).toBe(last_id)
    await call(engine, token, { method: 'list_tables' })
    await page.getByText('Paused · 1 new', { exact: true }).waitFor()
    expect((await rowIds(page))[0]).toBe(last_id)
  })

  it('shows a running request, and its result once it ends', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    const token = await mintSession(engine, 'writer', ['write'])
    await console.goto('/projects/demo/log')
    const body = new TransformStream<Uint8Array, Uint8Array>()
    const upload = fetch(`${engine.url}/api/v1/proxy?method=delete_records&table=Orders`, {
      method: 'POST',
      body: body.readable,
      duplex: 'half',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
    } as RequestInit)
    const writer = body.writable.getWriter()
    void writer.write(new TextEncoder().encode('1\n'))
    const row = rows(page).filter({ hasText: 'delete_records' })
    await row.getByText('running').waitFor()
    await writer.close()
    expect((await upload).status).toBe(200)
    await row.getByText(/^ok$/i).waitFor()
    expect(await row.count()).toBe(1)
  })

  it('exports the filtered rows as a file, in both formats', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    const token = await mintSession(engine)
    for (let count = 0; count < 5; count += 1)
      await call(engine, token, { method: 'get_records', table: 'Orders', limit: 1 })
    await call(engine, token, { method: 'list_tables' })
    await console.goto('/projects/demo/log?method=get_records')
    await expect.poll(() => rows(page).count()).toBe(5)
    const saved = async (format: string): Promise<{ name: string; text: string }> => {
      await pressOn(page, page.getByRole('button', { name: 'Export' }))
      const [download] = await Promise.all([page.waitForEvent('download'), pressItem(page, format)])
      return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') }
    }
    const lines = await saved('JSON Lines')
    expect(lines.name).toMatch(/^hallpass-demo-log-\d{4}-\d\d-\d\d\.jsonl$/)
    expect(
      lines.text
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { method: string }).method),
    ).toEqual(Array.from({ length: 5 }, () => 'get_records'))
    await page.getByText('Saved 5 requests as hallpass-demo-log').waitFor()
    const table = await saved('CSV')
    expect(table.text.trim().split('\r\n')).toHaveLength(6)
    expect(lines.text + table.text).not.toContain(token)
  })

  it('keeps its scroll position while rows arrive, and offers a way to the new ones', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    const token = await mintSession(engine)
    await callMany(engine, token, 200)
    await console.goto('/projects/demo/log')
    // Only a list that is long enough can be scrolled as far.
    await expect
      .poll(() => grid(page).evaluate((element) => element.scrollHeight - element.clientHeight))
      .toBeGreaterThan(900)
    await grid(page).hover()
    await page.mouse.wheel(0, 900)
    await expect.poll(() => grid(page).evaluate((element) => element.scrollTop)).toBe(900)
    const top = async (id: number | undefined) => (await page.locator(`[data-row="${id}"]`).boundingBox())?.y
    const middle = async () => (await rowIds(page)).at(Math.floor((await rows(page).count()) / 2))
    // The rows of the new place are drawn after the list has moved.
    const bounds = await grid(page).boundingBox()
    await expect.poll(async () => (await top(await middle())) ?? 0).toBeGreaterThan(bounds?.y ?? Infinity)
    const read = await middle()
    const before = await top(read)
    await callMany(engine, token, 100)
    await page.getByRole('button', { name: /new requests$/ }).waitFor()
    expect(await top(read)).toEqual(before)
    await pressOn(page, page.getByRole('button', { name: /new requests$/ }), 'Enter')
    await expect.poll(() => grid(page).evaluate((element) => element.scrollTop)).toBe(0)
    const { last_id } = (await engine.owner.requests.bounds()) ?? { last_id: 0 }
    await expect.poll(async () => (await rowIds(page))[0]).toBe(last_id)
  })

  it('reports a lost connection, reconnects automatically, and misses no row', async () => {
    // The test controls the page's connection to the engine until the page is closed.
    await using console = await startConsole({ context: {} })
    const { page, engine } = console
    const token = await mintSession(engine)
    await call(engine, token, { method: 'list_tables' })
    await console.goto('/projects/demo/log')
    const setLost = await makeLosable(page)
    const before = await waitForAllRows(page, engine)
    await page.getByText('Live', { exact: true }).waitFor()
    await setLost(true)
    await page.getByText('Reconnecting…').waitFor()
    for (let count = 0; count < 9; count += 1) await call(engine, token, { method: 'list_tables' })
    expect(await rows(page).count()).toBe(before)
    await setLost(false)
    await page.getByText('Live', { exact: true }).waitFor()
    await expect.poll(() => rows(page).count()).toBe(before + 9)
  })

  it('shows every row of a burst, and is live afterward', async () => {
    await using opened = await startConsole()
    const { page, engine } = opened
    const token = await mintSession(engine)
    await opened.goto('/log')
    await rows(page).first().waitFor()
    const before = (await engine.owner.requests.bounds())?.last_id ?? 0
    await callMany(engine, token, 2000)
    const last_id = before + 2000
    await expect.poll(async () => (await engine.owner.requests.bounds())?.last_id).toBe(last_id)
    await expect.poll(async () => (await rowIds(page))[0]).toBe(last_id)
    await expect.poll(async () => Number(await grid(page).getAttribute('aria-rowcount'))).toBe(last_id + 1)
    await page.getByText('Live', { exact: true }).waitFor()
  })

  it('LG2 LG9 explains a denial on a page of its own, even if opened directly by address', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    const token = await mintSession(engine)
    await call(engine, token, { method: 'list_tables' })
    await call(engine, token, { method: 'delete_records', table: 'Orders', record_ids: [1] })
    await call(engine, token, { method: 'delete_records', table: 'Orders', record_ids: [2] })
    const [denied] = await engine.owner.requests.list({ code: 'UNAUTHORIZED', limit: 1 })
    await console.goto(`/requests/${denied?.id}`)
    await page.reload()
    await page.getByRole('heading', { name: 'delete_records on sales › Orders' }).waitFor()
    const why = page.getByRole('region', { name: 'Why' })
    await why
      .getByText('It needs write on sales, table Orders. The session token of loader had read on sales.')
      .waitFor()
    await page.getByRole('region', { name: 'Allowed by' }).getByText('Nothing.').waitFor()
    expect(await violations(page)).toEqual([])
    await pressOn(page, why.getByRole('button', { name: '2 like this in 24 h' }))
    await expect.poll(() => rows(page).count()).toBe(2)
    await chip(page, 'Same cause').waitFor()
    const before = await engine.owner.tokens.get({ project: 'demo', name: 'loader' })
    await console.goto(`/requests/${denied?.id}`)
    await why.getByRole('link', { name: 'Add write on Orders to a draft' }).click()
    await page.getByRole('heading', { name: 'loader', level: 1 }).waitFor()
    await page.getByRole('button', { name: 'Review and save' }).waitFor()
    await page.getByText('write on sales › Orders').first().waitFor()
    expect(await engine.owner.tokens.get({ project: 'demo', name: 'loader' })).toEqual(before)
    expect(page.url()).not.toContain('add=')
    await page.getByRole('button', { name: 'Discard' }).click()
    await console.goto('/requests/999999')
    await page.getByText('This request is no longer in the log.').waitFor()
    await console.goto('/requests/undefined')
    await page.getByText('This address names no request. Choose one in the log.').waitFor()
    await page.getByRole('main').getByRole('link', { name: 'the log' }).click()
    await grid(page).waitFor()
    expect(console.complaints.filter((text) => !text.includes('Failed to load resource'))).toEqual([])
  })

  it('passes the accessibility checks in both themes', async () => {
    await using console = await startConsole()
    const { page, engine } = console
    const token = await mintSession(engine)
    await call(engine, token, { method: 'list_tables' })
    await call(engine, token, { method: 'delete_records', table: 'Orders', record_ids: [1] })
    for (const path of ['/projects/demo/log', '/log']) {
      await console.goto(path)
      await rows(page).first().waitFor()
      await rows(page).filter({ hasText: 'list_tables' }).first().click()
      await page.getByRole('dialog').waitFor()
      expect(await violations(page)).toEqual([])
    }
  })
})
