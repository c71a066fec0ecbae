import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { processBrowser } from '../tests/support/chromium.ts'
import { openConsole, type OpenConsole } from '../tests/support/console-browser.ts'
import { fillLog } from '../tests/support/fill-log.ts'
import { startTestEngine } from '../tests/support/start-test-engine.ts'
import { prepareExampleDay } from './example-day.ts'

/**
 * Takes screenshots of every screen and state, light and dark, at each size, with example data: `node scripts/take-screenshots.ts OUT [PART…]`.
 * With parts, only files whose names contain one of them. They are for review after a change, and for the README.
 */
const out = resolve(process.argv[2] ?? 'screenshots')
const parts = process.argv.slice(3)
/** `zoom` is 1100×720 at 200 %. */
const SIZES = [
  { label: '900', width: 900, height: 600, scale: 1 },
  { label: '1100', width: 1100, height: 720, scale: 1 },
  { label: '1440', width: 1440, height: 900, scale: 1 },
  { label: 'zoom', width: 550, height: 360, scale: 2 },
] as const

type Scene = readonly [name: string, path: string, act?: (page: Page, open: OpenConsole) => Promise<unknown>]
const press = (name: string | RegExp) => (page: Page) => page.getByRole('button', { name }).first().click()
const pause = async (_page: Page, { engine }: OpenConsole) => engine.owner.pause()
const search = (text: string) => async (page: Page) => {
  await page.keyboard.press('ControlOrMeta+k')
  await page.getByRole('textbox', { name: 'Search', exact: true }).fill(text)
}
const AT = '/projects/listings'
const SCENES: readonly Scene[] = [
  ['overview', '/overview'],
  ['attention', '/attention'],
  ['approvals', '/approvals'],
  ['activity', '/activity'],
  ['welcome', '/welcome'],
  ['log', '/log'],
  ['log-project', `${AT}/log`],
  ['log-denied', '/log?status=denied'],
  ['log-filter', '/log', press('Filter')],
  ['log-nothing', '/log?text=nothing-like-this'],
  ['request-denied', '/requests/DENIED'],
  ['request', '/requests/OK'],
  ['request-beside', `${AT}/log`, (page) => page.locator('[role=grid] [data-row]').nth(3).click()],
  ['tokens', `${AT}/tokens`],
  ['token', `${AT}/tokens/claude-desktop`],
  [
    'token-draft',
    `${AT}/tokens/claude-desktop`,
    (page) => page.getByRole('checkbox', { name: 'write on crm', exact: true }).click(),
  ],
  ['token-activity', `${AT}/tokens/claude-desktop?tab=activity`],
  ['token-sessions', `${AT}/tokens/claude-desktop?tab=sessions`],
  ['token-limits', `${AT}/tokens/claude-desktop?tab=limits`],
  ['token-history', `${AT}/tokens/claude-desktop?tab=history`],
  ['token-revoked', `${AT}/tokens/last-quarter`],
  ['token-revoke', `${AT}/tokens/nightly-export`, press('Revoke')],
  ['new-token', `${AT}/tokens/new?like=claude-desktop`],
  ['new-session-token', `${AT}/tokens`, press('New session token')],
  ['connections', `${AT}/connections`],
  ['connection', `${AT}/connections/sales`],
  ['connection-down', `${AT}/connections/billing-api`],
  ['connection-review', `${AT}/connections/tracker?tab=tools`],
  ['connection-access', `${AT}/connections/sales?tab=access`],
  ['connection-settings', `${AT}/connections/crm?tab=settings`],
  ['connection-remove', `${AT}/connections/crm`, press('Remove crm')],
  ['add-connection', `${AT}/connections/new`],
  ['connect', `${AT}/connect`],
  ['project', `${AT}/settings`],
  ['project-unknown', '/projects/nobody/connections'],
  ['settings', '/settings'],
  ['palette', '/overview', search('nightly')],
  ['palette-command', '/overview', search('remove crm')],
  // Pausing adds rows to the log.
  ['overview-paused', '/overview', pause],
  ['keys', '/overview', (page) => page.keyboard.press('?')],
]

const home = mkdtempSync(join(tmpdir(), 'hallpass-pictures-'))
mkdirSync(out, { recursive: true })
// Creates the sample. Its log is filled after the engine has stopped.
await (await startTestEngine({ home })).stop()
fillLog(home, 6000, { days: 1 })
const open = await openConsole({ engine: { home } })
const example = await prepareExampleDay(open.engine)
try {
  const { page, engine } = open
  const metrics = await page.context().newCDPSession(page)
  const [[denied], [ok]] = await Promise.all([
    engine.owner.requests.list({ project: 'listings', status: '403', token: 'nightly-export' }),
    engine.owner.requests.list({ project: 'listings', method: 'add_records', status: 'ok' }),
  ])
  for (const { label, width, height, scale } of SIZES) {
    await page.setViewportSize({ width, height })
    await metrics.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: scale, mobile: false })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      for (const [name, path, act] of SCENES) {
        const file = `${name}-${colorScheme}-${label}.png`
        if (parts.length > 0 && !parts.some((part) => file.includes(part))) continue
        await open.goto(path.replace('DENIED', String(denied?.id)).replace('OK', String(ok?.id)))
        await page.getByRole('heading', { level: 1 }).first().waitFor()
        await page.waitForTimeout(300)
        await act?.(page, open)
        await page.waitForTimeout(600)
        await page.screenshot({ path: join(out, file) })
        if (act === pause) await engine.owner.resume()
        // Dialogs, drafts and menus would follow to the next screen.
        if (act !== undefined) await page.reload()
      }
    }
  }
} finally {
  await example[Symbol.asyncDispose]()
  await open[Symbol.asyncDispose]()
  await (await processBrowser()).close()
  rmSync(home, { recursive: true, force: true, maxRetries: 5 })
}
