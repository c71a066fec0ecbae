import { mkdirSync } from 'node:fs'
import type { Request } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CATALOG } from '../../src/renderer/features/connections/add/catalog/catalog-entries.ts'
import { splitCommand } from '../../src/renderer/features/connections/add/mcp/split-command.ts'
import { violations } from '../support/accessibility.ts'
import { missingBrowser } from '../support/chromium.ts'
import { startConsole, type OpenConsole } from '../support/console-browser.ts'

const PICTURES = process.env['HALLPASS_PICTURES']
const RUNS = CATALOG.flatMap(({ name, secret, form }) =>
  form.kind === 'mcp' && form.values.command !== undefined
    ? [{ name, secret, words: splitCommand(form.values.command), env: form.values.env ?? [] }]
    : [],
)

test('catalog entries have unique names, exact versions and an address where to get the secret', () => {
  expect(new Set(CATALOG.map(({ id }) => id)).size).toBe(CATALOG.length)
  expect(new Set(CATALOG.map(({ form }) => form.values.name)).size).toBe(CATALOG.length)
  for (const { words } of RUNS) {
    expect(words.slice(0, 2)).toEqual(['npx', '-y'])
    expect(words[2]).toMatch(/^(@[a-z-]+\/)?[a-z0-9-]+@\d+\.\d+\.\d+$/)
  }
  for (const { secret } of CATALOG) expect(secret?.from ?? 'https://').toMatch(/^https:\/\//)
})

describe.skipIf(missingBrowser() !== null)('the catalog', () => {
  let open: OpenConsole
  const sent: string[] = []
  const note = (request: Request): void => void sent.push(request.url())
  beforeAll(async () => {
    open = await startConsole()
    await open.goto('/projects/demo/connections')
    await open.page.getByRole('link', { name: 'Add connection' }).click()
    await open.page.getByRole('button', { name: /^Catalog/ }).click()
    await entry('Notion').waitFor()
    open.page.on('request', note)
  })
  afterAll(async () => {
    open.page.off('request', note)
    await open[Symbol.asyncDispose]()
  })
  const entry = (name: string) =>
    open.page
      .getByRole('list', { name: 'Catalog' })
      .getByRole('button')
      .filter({ has: open.page.getByText(name, { exact: true }) })
  const button = (name: string) => open.page.getByRole('button', { name, exact: true })
  /** Calls of the owner API that reach or change anything outside of the page. */
  const reaching = () => sent.filter((url) => /connections\/(create|inspect|test|check|update)/i.test(url))

  test('CL4 browsing the catalog sends no request to other hosts and tests no connection', async () => {
    const { page, engine } = open
    expect(await violations(page)).toEqual([])
    if (PICTURES !== undefined) {
      mkdirSync(PICTURES, { recursive: true })
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        await page.screenshot({ path: `${PICTURES}/catalog-${colorScheme}.png` })
      }
    }
    for (const { name, does } of CATALOG) {
      await page.getByRole('textbox', { name: 'Search the catalog' }).fill(does)
      await entry(name)
        .getByText(/Needs (no|a) secret/)
        .waitFor()
      await entry(name).click()
      await page.getByRole('heading', { name: `Add ${name}` }).waitFor()
      await button('Back').click()
    }
    const own = new URL(engine.url).origin
    expect(sent.filter((url) => !url.startsWith(own) && !url.startsWith('data:'))).toEqual([])
    expect(reaching()).toEqual([])
    expect(await engine.owner.connections.list({})).toHaveLength(1)
  })

  test.each(RUNS)(
    'CL5 $name shows every argument and variable before it runs',
    async ({ name, secret, words, env }) => {
      const { page } = open
      await page.getByRole('textbox', { name: 'Search the catalog' }).fill('')
      await entry(name).click()
      if (secret !== null) await page.getByLabel('Secret', { exact: true }).fill('canary-of-the-catalog')
      await button('Review command').click()
      await button('Run command').waitFor()
      const shown = page.getByRole('list', { name: 'Command', exact: true }).getByRole('listitem')
      expect(await shown.allInnerTexts()).toEqual(words)
      for (const one of env) await page.getByText(new RegExp(`^${one.name} =`)).waitFor()
      expect(reaching()).toEqual([])
      await button('Back').click()
      await button('Back').click()
      if (secret !== null) await button('Discard').click()
      await entry('Notion').waitFor()
    },
  )
})
