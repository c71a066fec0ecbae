import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missingBrowser } from '../support/chromium.ts'
import { startConsole } from '../support/console-browser.ts'
import { fillLog } from '../support/fill-log.ts'
import { pressItem, pressOn } from '../support/keyboard.ts'
import { startTestEngine } from '../support/start-test-engine.ts'
import { expectOldestRowAtEnd, grid, rowIds, rows } from './support/log-page.ts'

async function countLines(path: string): Promise<number> {
  let lines = 0
  for await (const chunk of createReadStream(path)) for (const byte of chunk as Buffer) if (byte === 10) lines += 1
  return lines
}

const lack = missingBrowser()
/** So many that a search for rare rows and an export take more than one step. */
const MANY = 1_000_002

describe.skipIf(lack !== null)(
  `a million requests in the console${lack === null ? '' : ` (left out: ${lack})`}`,
  () => {
    let home: string
    beforeAll(async () => {
      home = await mkdtemp(join(tmpdir(), 'hallpass-test-'))
      await using engine = await startTestEngine({ home })
      await engine.owner.settings.update({ log_rows: 2 * MANY })
      await engine.stop()
      fillLog(home, MANY)
    })
    afterAll(async () => {
      await rm(home, { recursive: true, force: true })
    })

    it('LG4 scrolls to the oldest row without overlapping rows, in bounded memory', async () => {
      await using opened = await startConsole({ engine: { home } })
      const { page, engine } = opened
      await opened.goto('/log')
      await rows(page).first().waitFor()
      const { first_id, last_id } = (await engine.owner.requests.bounds()) ?? { first_id: 0, last_id: 0 }
      expect(last_id - first_id).toBeGreaterThanOrEqual(MANY - 1)
      await expect.poll(async () => Number(await grid(page).getAttribute('aria-rowcount'))).toBeGreaterThan(MANY)
      await expectOldestRowAtEnd(opened)

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

    it('searches for rare rows in bounded steps, shows how far it got, and finds the last ones on request', async () => {
      await using opened = await startConsole({ engine: { home } })
      const { page } = opened
      await opened.goto('/log?text=needle')
      await page.getByText(/searched back to/).waitFor()
      for (;;) {
        const further = page.getByRole('button', { name: 'Search older requests' })
        await expect
          .poll(
            async () =>
              (await further.count()) > 0 || (await page.getByText('10 requests', { exact: true }).count()) > 0,
          )
          .toBe(true)
        if ((await further.count()) === 0) break
        await further.click()
      }
      await expect.poll(async () => (await rowIds(page)).length).toBe(10)
    })

    it('shows the progress of an export, saves no file when it is canceled, and exports 100,000 rows to one file', async () => {
      await using opened = await startConsole({ engine: { home } })
      const { page } = opened
      // All rows, so that the export is still running when it is canceled.
      await opened.goto('/log')
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

      await opened.goto('/log?method=sql_query')
      await expect.poll(() => rows(page).filter({ hasNotText: 'sql_query' }).count()).toBe(0)
      await rows(page).first().waitFor()
      // The timeout of the whole test, because the speed of an export isn't tested here.
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

    it('draws a long period as soon as its counts are loaded, and reads it out by keyboard', async () => {
      await using opened = await startConsole({ engine: { home } })
      const { page, engine } = opened
      await opened.goto('/activity?time=30d')
      const chart = page.getByRole('slider', { name: 'Requests and p95 over the last 30 days' })
      await chart.waitFor()
      const total = async () => (await engine.owner.requests.summary({ since: '30d', steps: 1 })).requests
      expect(await total()).toBeGreaterThanOrEqual(MANY)
      await chart.press('End')
      await expect
        .poll(() => chart.getAttribute('aria-valuetext'))
        // The last step is of today, and just after midnight it may hold a single request.
        .toMatch(/^.+: [\d,]+ requests?, [\d,]+ denied, [\d,]+ failed$/)
      await chart.press('Shift+ArrowLeft')
      await chart.press('Shift+ArrowLeft')
      const counted = async () =>
        Number((await chart.getAttribute('aria-valuetext'))?.match(/([\d,]+) requests/)?.[1]?.replaceAll(',', ''))
      await expect.poll(counted).toBeGreaterThan(50_000)
      await page.keyboard.press('Escape')
      await expect.poll(() => chart.getAttribute('aria-valuetext')).toMatch(/^Total/)
    })
  },
)
