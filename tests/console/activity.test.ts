import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Locator, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { violations } from '../support/accessibility.ts'
import { missingBrowser } from '../support/chromium.ts'
import { startConsole, type OpenConsole } from '../support/console-browser.ts'
import { pressOn, waitForFocus } from '../support/keyboard.ts'
import { createForwardClock } from '../support/test-clock.ts'
import type { TestEngine } from '../support/start-test-engine.ts'
import { countCalls } from './support/count-calls.ts'
import { call, grid, mintSession } from './support/log-page.ts'

const lack = missingBrowser()

/** Requests of two tokens, some of them denied for different causes. */
async function makeRequests(engine: TestEngine): Promise<void> {
  for (const name of ['analyst', 'nightly']) {
    const token = await mintSession(engine, name)
    for (let count = 0; count < (name === 'analyst' ? 5 : 2); count += 1)
      await call(engine, token, { method: 'list_tables' })
    for (let count = 0; count < 3; count += 1)
      await call(engine, token, { method: 'delete_records', table: 'Orders', record_ids: [1] })
  }
  await call(engine, `sess_${'a'.repeat(43)}`, { method: 'list_tables' })
}

const numberIn = (text: string | null): number => Number(text?.match(/[\d,]+/)?.[0].replaceAll(',', ''))
/** Number of rows in the log. Without any, there is no list. */
async function logCount(page: Page): Promise<number> {
  if (await page.getByText(/^No results/).isVisible()) return 0
  return (await grid(page).count()) === 0 ? -1 : Number(await grid(page).getAttribute('aria-rowcount')) - 1
}
const region = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true })

describe.skipIf(lack !== null)(`Activity${lack === null ? '' : ` (left out: ${lack})`}`, () => {
  /** Opens each of the links and expects the log to have as many rows as the link says. */
  async function expectRows(
    opened: OpenConsole,
    path: string,
    links: () => Locator,
    count: (link: Locator) => Promise<number>,
  ) {
    const { page } = opened
    await opened.goto(path)
    await links().first().waitFor()
    const found = await links().count()
    for (let index = 0; index < found; index += 1) {
      await opened.goto(path)
      await expect.poll(() => links().count()).toBe(found)
      const shown = await count(links().nth(index))
      await links().nth(index).press('Enter')
      await page.waitForURL('**/log?*')
      await expect.poll(() => logCount(page), { message: page.url() }).toBe(shown)
    }
    return found
  }

  it('shades the time of a pause and names it in the time zone of the viewer', async () => {
    const clock = createForwardClock()
    await using opened = await startConsole({ engine: { clock }, context: { timezoneId: 'Asia/Kathmandu' } })
    const { page, engine } = opened
    const token = await mintSession(engine, 'analyst')
    await engine.owner.pause()
    await call(engine, token, { method: 'list_tables' })
    clock.forward(18 * 60_000)
    await engine.owner.resume()
    clock.forward(6 * 60_000)
    await opened.goto('/activity?time=1h')
    const [pause] = (await engine.owner.requests.summary({ since: '1h', steps: 60 })).pauses
    const at = (instant: string | null | undefined) =>
      new Intl.DateTimeFormat('en', {
        hour: '2-digit',
        minute: '2-digit',
        hourCycle: 'h23',
        timeZone: 'Asia/Kathmandu',
      }).format(Date.parse(instant ?? ''))
    await page.getByText(new RegExp(`Paused .*${at(pause?.from)}–.*${at(pause?.to)}`)).waitFor()
    const [band, plot] = await Promise.all(
      [page.locator('rect[class*=paused]'), page.locator('svg:has(rect[class*=paused])')].map((one) =>
        one.boundingBox(),
      ),
    )
    // 18 of 60 minutes, without the room for the scale.
    expect((band?.width ?? 0) / ((plot?.width ?? 0) - 56)).toBeCloseTo(18 / 60, 1)
    expect(await violations(page)).toEqual([])
    await engine.owner.pause()
    await page.getByText(/Paused since/).waitFor()
    await page.getByText('As a table').click()
    await page.getByText(/Paused since/).waitFor()
  })

  it.each(['Asia/Kolkata', 'Australia/Lord_Howe'])(
    "AC1 counts today from midnight in the viewer's time zone (%s)",
    async (zone) => {
      await using opened = await startConsole({ context: { timezoneId: zone } })
      const { page, engine } = opened
      await makeRequests(engine)
      await opened.goto('/activity?time=today&as=table')
      // Browsers know some zones by an older name.
      const known = await page.evaluate(() => new Intl.DateTimeFormat().resolvedOptions().timeZone)
      await page.getByText(`Times in ${known.replaceAll('_', ' ')}`, { exact: true }).waitFor()
      const midnight = await page.evaluate(() => new Date(new Date().setHours(0, 0, 0, 0)).toISOString())
      const rows = (await engine.owner.requests.list({ since: midnight, limit: 1000 })).length
      const figure = page.getByRole('link', { name: /^[\d,]+ requests/ })
      await expect.poll(async () => numberIn(await figure.innerText())).toBe(rows)
      const bars = await page.locator('tbody tr td:nth-child(2)').allInnerTexts()
      expect(bars.reduce((sum, text) => sum + numberIn(text), 0)).toBe(rows)
    },
  )

  it('AC3 opens with 4 owner calls, with 1 connection or with 40', async () => {
    await using opened = await startConsole()
    const { page, engine } = opened
    await makeRequests(engine)
    await using api = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1')
    await once(api, 'listening')
    const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}/`
    for (const connections of [1, 40]) {
      for (let index = 1; index < connections; index += 1)
        await engine.owner.connections.create({
          name: `copy-${index}`,
          project: 'demo',
          config: { kind: 'http', url, auth: { type: 'none' } },
        })
      await opened.goto('/settings')
      await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor()
      const calls = countCalls(page)
      await opened.goto('/activity')
      await region(page, 'Busiest').getByRole('listitem').first().waitFor()
      await region(page, 'Why requests were denied or failed').getByRole('listitem').first().waitFor()
      await page.getByRole('slider').waitFor()
      expect(calls.length, calls.join(', ')).toBeLessThanOrEqual(4)
      page.removeAllListeners('request')
    }
  })

  it('AC4 each figure, cause, name and bar opens exactly the log rows that it counts', async () => {
    await using opened = await startConsole()
    const { page, engine } = opened
    await makeRequests(engine)
    await opened.goto('/activity?time=1h')
    await page.getByRole('slider').waitFor()
    expect(await violations(page)).toEqual([])
    const ofLabel = async (link: Locator) => numberIn(await link.innerText())
    const ofCount = async (link: Locator) => numberIn(await link.locator('span').nth(-2).innerText())
    const figures = await expectRows(
      opened,
      '/activity?time=1h',
      () => page.getByRole('link', { name: /^[\d,]+ (requests?|denied|failed)/ }),
      ofLabel,
    )
    expect(figures).toBe(3)
    const causes = await expectRows(
      opened,
      '/activity?time=1h',
      () => region(page, 'Why requests were denied or failed').getByRole('link'),
      ofCount,
    )
    expect(causes).toBe(3)
    for (const by of ['connection', 'token', 'client', 'method']) {
      const names = await expectRows(
        opened,
        `/activity?time=1h&by=${by}`,
        () => region(page, 'Busiest').getByRole('link'),
        async (link) => numberIn(await link.locator('span').last().innerText()),
      )
      expect(names).toBeGreaterThan(0)
    }
    await opened.goto('/activity?time=1h')
    const chart = page.getByRole('slider')
    await chart.waitFor()
    await chart.focus()
    await waitForFocus(chart)
    await page.keyboard.press('End')
    for (let step = 0; step < 60 && / 0 requests/.test((await chart.getAttribute('aria-valuetext')) ?? ''); step += 1)
      await page.keyboard.press('ArrowLeft')
    const bar = (await chart.getAttribute('aria-valuetext')) ?? ''
    await page.keyboard.press('Enter')
    await page.waitForURL('**/log?*')
    await expect.poll(() => logCount(page)).toBe(numberIn(bar.match(/([\d,]+) requests/)?.[1] ?? ''))
    expect(opened.complaints).toEqual([])
  })

  it('AC5 the table has the same numbers as the chart', async () => {
    await using opened = await startConsole()
    const { page, engine } = opened
    await makeRequests(engine)
    await opened.goto('/activity?time=1h')
    await pressOn(page, page.getByRole('radio', { name: 'Chart' }), 'ArrowRight')
    const table = region(page, 'Requests in the last hour')
    await table.waitFor()
    const summary = await engine.owner.requests.summary({ since: '1h', steps: 61 })
    const numbers = (await table.locator('tbody tr').allInnerTexts()).map((text) =>
      text.split('\t').slice(1, 4).map(numberIn),
    )
    const drawn = summary.steps.filter(({ requests }) => requests > 0).reverse()
    expect(numbers).toEqual(drawn.map(({ requests, refused, failed }) => [requests, refused, failed]))
    expect((await table.locator('tfoot').innerText()).split('\t').slice(1, 4).map(numberIn)).toEqual([
      summary.requests,
      summary.refused,
      summary.failed,
    ])
    expect(await violations(page)).toEqual([])
  })

  it('shows an empty state for a period without requests, and offers the last 30 days', async () => {
    await using opened = await startConsole()
    const { page } = opened
    await opened.goto('/activity?since=2020-01-01T00%3A00%3A00Z&until=2020-01-02T00%3A00%3A00Z')
    await page.getByText('No requests in this time', { exact: true }).waitFor()
    await pressOn(page, page.getByRole('button', { name: 'Last 30 days' }))
    await page.waitForURL('**/activity?time=30d')
  })

  it('LG6 a bar of the chart above the log opens its exact period, with the same count', async () => {
    await using opened = await startConsole()
    const { page, engine } = opened
    await makeRequests(engine)
    for (const path of ['/log?time=1h', '/projects/demo/log?time=1h&token=analyst', '/log?time=1h&status=denied']) {
      await opened.goto(path)
      const strip = page.getByRole('slider', { name: /^Requests over time/ })
      await expect.poll(() => strip.getAttribute('aria-valuetext')).toMatch(/^Total: [1-9]/)
      // Either may be drawn first.
      const counted = async () => numberIn((await strip.getAttribute('aria-valuetext'))?.slice(7) ?? '')
      await expect.poll(async () => (await logCount(page)) === (await counted())).toBe(true)
      await strip.focus()
      await waitForFocus(strip)
      await page.keyboard.press('End')
      for (let step = 0; step < 60 && / 0 requests/.test((await strip.getAttribute('aria-valuetext')) ?? ''); step += 1)
        await page.keyboard.press('ArrowLeft')
      const text = (await strip.getAttribute('aria-valuetext')) ?? ''
      const said = numberIn(text.match(/([\d,]+) requests/)?.[1] ?? '')
      expect(said).toBeGreaterThan(0)
      await page.keyboard.press('Enter')
      await page.waitForURL(/since=.*until=/)
      await expect.poll(() => logCount(page), { message: `${page.url()} ${text}` }).toBe(said)
    }
    expect(opened.complaints).toEqual([])
  })
})
