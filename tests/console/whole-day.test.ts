import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingBrowser, processBrowser } from '../support/chromium.ts'
import { startHeadlessEngine, type EngineProcess } from '../support/desktop-app.ts'
import { startGristStandIn, type GristStandIn } from '../support/grist-stand-in/start-grist-stand-in.ts'
import { findInPage } from '../support/page-memory.ts'
import { findPython } from '../support/python.ts'
import { liveTheDay, makeShopFile } from '../support/whole-day.ts'

const KEY = 'c4nary-0f-a-console-day-77a2c9'
const lack = missingBrowser()

/** With the keychain of this session where the suite made one, else the vault file. */
const environment: NodeJS.ProcessEnv =
  process.env['HALLPASS_TEST_KEYCHAIN'] === '1' ? {} : { HALLPASS_VAULT_KEY: 'a key for tests only' }

describe.skipIf(lack !== null)(
  `an owner's whole day in the console${lack === null ? '' : ` (left out: ${lack})`}`,
  () => {
    let folder: string
    let home: string
    let grist: GristStandIn
    let engine: EngineProcess
    let browser: Browser
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'hallpass-day-'))
      home = join(folder, 'home')
      grist = await startGristStandIn({ key: KEY })
      engine = await startHeadlessEngine(home, 0, environment)
      browser = await processBrowser()
      makeShopFile(join(folder, 'shop.sqlite'))
    })
    afterAll(async () => {
      await engine.kill()
      await grist.close()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    })

    test('works by keyboard alone, never returns the Grist key, and continues after a restart without a new link', async () => {
      const page = await (await browser.newContext({ reducedMotion: 'reduce' })).newPage()
      page.setDefaultTimeout(60_000)
      const heard: string[] = []
      page.on('response', (response) => {
        // The body of a stream never ends; what came through those is looked for in the page.
        if (response.headers()['content-type']?.includes('event-stream') === true) return
        response.text().then(
          (text) => heard.push(text),
          () => undefined,
        )
      })
      const { url } = await engine.control.api.status()
      await page.goto((await engine.control.api.console.signInLink()).url)
      await page.getByRole('navigation', { name: 'Hallpass' }).waitFor()

      const shown = await liveTheDay({
        page,
        url,
        grist,
        key: KEY,
        file: join(folder, 'shop.sqlite'),
        python: findPython(),
      })

      expect(heard.length).toBeGreaterThan(20)
      expect(heard.filter((text) => text.includes(KEY))).toEqual([])
      for (const secret of [shown.access, shown.session])
        expect(heard.filter((text) => text.includes(secret))).toHaveLength(1)
      const secrets = [KEY, shown.access, shown.session]
      expect(await findInPage(page, ...secrets)).toMatchObject({ heap: 0, document: 0 })
      for (const secret of secrets) {
        for (const file of readdirSync(home, { recursive: true, withFileTypes: true })) {
          if (file.isFile())
            expect(readFileSync(join(file.parentPath, file.name)).includes(secret), file.name).toBe(false)
        }
      }

      await engine.kill()
      const strip = page.getByRole('status').filter({ hasText: "Hallpass isn't answering." })
      await strip.waitFor()
      await page.getByRole('treegrid').waitFor()
      engine = await startHeadlessEngine(home, Number(new URL(url).port), environment)
      await strip.waitFor({ state: 'detached' })
      await page.getByRole('link', { name: 'shop', exact: true }).waitFor()
    })
  },
)
