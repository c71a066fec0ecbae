import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missingBrowser } from '../support/chromium.ts'
import { openConsole } from '../support/console-browser.ts'
import { fillLog } from '../support/fill-log.ts'
import { pressItem, pressOn, tabTo } from '../support/keyboard.ts'
import { startTestEngine } from '../support/start-test-engine.ts'
import { call, grid, mintSession, rowIds, rows } from './support/log-page.ts'

async function countLines(path: string): Promise<number> {
  let lines = 0
  for await (const chunk of createReadStream(path)) for (const byte of chunk as Buffer) if (byte === 10) lines += 1
  return lines
}

const lack = missingBrowser()
/** So many that a search for rare rows and an export take more than one step. */
const MANY = 1_000_000

describe.skipIf(lack !== null)(`Activity in the console${lack === null ? '' : ` (left out: ${lack})`}`, () => {
  let home: string
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'hallpass-test-'))
    await (await startTestEngine({ home })).stop()
    fillLog(home, MANY)
  })
  afterAll(async () => {
    await rm(home, { recursive: true, force: true })
  })

  it('scrolls through all rows to the first one, in bounded memory', async () => {
    await using opened = await openConsole({ engine: { home } })
    const { page, engine } = opened
    await engine.owner.settings.update({ log_rows: 2 * MANY })
    await opened.goto('/activity')
    await rows(page).first().waitFor()
    const { first_id, last_id } = (await engine.owner.requests.bounds()) ?? { first_id: 0, last_id: 0 }
    expect(last_id - first_id).toBeGreaterThanOrEqual(MANY - 1)
    await expect.poll(async () => Number(await grid(page).getAttribute('aria-rowcount'))).toBeGreaterThan(MANY)
    await tabTo(page, grid(page))
    await page.keyboard.press('End')
    await expect.poll(async () => (await rowIds(page)).at(-1)).toBe(first_id)
    await expect
      .poll(async () => {
        const box = await rows(page).last().boundingBox()
        const around = await grid(page).boundingBox()
        return (box?.y ?? Infinity) + (box?.height ?? 0) - (around?.y ?? 0) - (around?.height ?? 0)
      })
      .toBeLessThanOrEqual(1)

    // Dragged through: two hundred places, each somewhere else.
    await grid(page).evaluate(async (element) => {
      for (let step = 0; step <= 200; step += 1) {
        element.scrollTop = (element.scrollHeight / 200) * ((step * 37) % 200)
        await new Promise((resolve) => requestAnimationFrame(resolve))
      }
      element.scrollTop = element.scrollHeight / 2
    })
    await expect
      .poll(async () => {
        const ids = await rowIds(page)
        return ids.length > 5 && Math.abs((ids[0] ?? 0) - (first_id + last_id) / 2) < 100
      })
      .toBe(true)
    const heap = await page.evaluate(
      () => (performance as unknown as { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize ?? 0,
    )
    expect(heap).toBeLessThan(250_000_000)
    await pressOn(page, grid(page), 'Home')
    await expect.poll(async () => (await rowIds(page))[0]).toBe(last_id)
  })

  it('looks for rare rows in bounded steps, says how far, and finds the last of them when asked on', async () => {
    await using opened = await openConsole({ engine: { home } })
    const { page } = opened
    await opened.goto('/activity?text=needle')
    await page.getByText(/searched back to/).waitFor()
    for (;;) {
      const further = page.getByRole('button', { name: 'Search older requests' })
      await expect
        .poll(
          async () => (await further.count()) > 0 || (await page.getByText('10 requests', { exact: true }).count()) > 0,
        )
        .toBe(true)
      if ((await further.count()) === 0) break
      await further.click()
    }
    await expect.poll(async () => (await rowIds(page)).length).toBe(10)
  })

  it('shows how far an export is and saves no file when it is canceled; a hundred thousand rows go into one when it is not', async () => {
    await using opened = await openConsole({ engine: { home } })
    const { page } = opened
    // All rows, so that the export is still running when it is canceled.
    await opened.goto('/activity')
    await rows(page).first().waitFor()
    let files = 0
    page.on('download', () => {
      files += 1
    })
    const start = async () => {
      await pressOn(page, page.getByRole('button', { name: 'Export' }))
      await pressItem(page, 'CSV, for spreadsheets')
    }
    await start()
    await page.getByText(/^Exporting… [1-9][\d,]* requests$/).waitFor()
    await page.getByRole('button', { name: 'Cancel' }).press('Enter')
    await expect.poll(() => page.getByText(/^Exporting/).count()).toBe(0)
    expect(files).toBe(0)

    await opened.goto('/activity?method=sql_query')
    await expect.poll(() => rows(page).filter({ hasNotText: 'sql_query' }).count()).toBe(0)
    await rows(page).first().waitFor()
    // As long as the whole test may take: how fast an export is, is not asked here.
    const download = page.waitForEvent('download', { timeout: 280_000 })
    await start()
    const path = await (await download).path()
    const heap = await page.evaluate(
      () => (performance as unknown as { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize ?? 0,
    )
    const lines = await countLines(path)
    expect(lines).toBeGreaterThan(100_000)
    await page.getByText(`Saved ${(lines - 1).toLocaleString('en')} requests as hallpass-log-`).waitFor()
    expect(heap).toBeLessThan(400_000_000)
  })

  it('counts what happened in the chosen time, reads it out by keyboard, and follows what happens', async () => {
    await using opened = await openConsole({ engine: { home } })
    const { page, engine } = opened
    await opened.goto('/activity')
    await page.getByText('30 d', { exact: true }).click()
    const chart = page.getByRole('slider', { name: 'Requests, errors and p95 over the last 30 days' })
    await chart.waitFor()
    const total = async () => (await engine.owner.requests.summary({ since: '30d', steps: 1 })).requests
    expect(await total()).toBeGreaterThanOrEqual(MANY)
    // Both at once: the time goes on, and the first rows leave it.
    const isShown = async () =>
      (await page.locator('figure dd').first().innerText()) === (await total()).toLocaleString('en')
    await expect.poll(isShown).toBe(true)
    await chart.press('End')
    await expect
      .poll(() => chart.getAttribute('aria-valuetext'))
      .toMatch(/^\w{3}.*: [\d,]+ requests, [\d,]+ errors, p95 [\d.]+ m?s$/)
    await chart.press('Escape')
    await expect.poll(() => chart.getAttribute('aria-valuetext')).toMatch(/^Total/)
    const token = await mintSession(engine)
    for (let count = 0; count < 7; count += 1) await call(engine, token, { method: 'list_tables' })
    await expect.poll(isShown).toBe(true)
    await page.getByRole('switch', { name: 'Show as table' }).click()
    await page.getByRole('table').getByRole('row').nth(1).waitFor()
    await page.getByRole('link', { name: /^sales/ }).click()
    await expect.poll(() => page.url()).toContain('connection=sales')
  })

  it('counts today from the viewer’s midnight, and each busiest connection as the log does', async () => {
    await using opened = await openConsole({ engine: { home }, context: { timezoneId: 'Asia/Kolkata' } })
    const { page, engine } = opened
    const rowsOf = async (selection: { since: string; connection?: string }): Promise<number> => {
      let counted = 0
      for await (const { rows: soFar } of await engine.owner.requests.export({ ...selection, format: 'jsonl' }))
        counted = soFar
      return counted
    }
    await opened.goto('/activity')
    const midnight = await page.evaluate(() => new Date(new Date().setHours(0, 0, 0, 0)).toISOString())
    const today = page.getByText(/^Today: [\d,]+ request/)
    await expect
      .poll(async () => (await today.innerText()).split(' ')[1])
      .toBe((await rowsOf({ since: midnight })).toLocaleString('en'))
    await page.getByText('24 h', { exact: true }).click()
    const busiest = page.getByRole('region', { name: /^Busiest connections.*24 hours/ }).getByRole('listitem')
    await busiest.first().waitFor()
    for (const line of await busiest.allInnerTexts()) {
      const [connection = '', shown] = line.split('\n')
      const { from } = await engine.owner.requests.summary({ since: '24h', steps: 1 })
      expect(shown, connection).toBe((await rowsOf({ since: from, connection })).toLocaleString('en'))
    }
  })
})
