import { TEST_VAULT_KEY } from '../support/prepare-home.ts'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  missingDesktop,
  launchDesktop,
  startHeadlessEngine,
  type DesktopApp,
  type EngineProcess,
} from '../support/desktop-app.ts'
import { until } from '../support/until.ts'
import { startGristStandIn, type GristStandIn } from '../support/grist-stand-in/start-grist-stand-in.ts'
import { findInPage } from '../support/page-memory.ts'
import { findPython } from '../support/python.ts'
import { liveTheDay, makeShopFile } from '../support/whole-day.ts'

const KEY = 'c4nary-0f-a-whole-day-51e0b7'
const lack = missingDesktop()

/** With the keychain of this session where the suite made one, else the vault file. */
const environment: NodeJS.ProcessEnv =
  process.env['HALLPASS_TEST_KEYCHAIN'] === '1' ? {} : { HALLPASS_VAULT_KEY: TEST_VAULT_KEY }

describe.skipIf(lack !== null)(`an owner's whole day in the app${lack === null ? '' : ` (left out: ${lack})`}`, () => {
  let folder: string
  let home: string
  let grist: GristStandIn
  let engine: EngineProcess
  let desktop: DesktopApp
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hallpass-day-'))
    home = join(folder, 'home')
    grist = await startGristStandIn({ key: KEY })
    engine = await startHeadlessEngine(home, 0, environment)
    desktop = await launchDesktop({ engine: false, home })
    makeShopFile(join(folder, 'shop.sqlite'))
  })
  afterAll(async () => {
    await desktop.close()
    await engine.kill()
    await grist.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  test('works by keyboard alone, sends the Grist key once and never shows it again, and the window outlives its engine', async () => {
    const { window: page } = desktop
    // What goes over the port, told outside of the page: nothing of it stays in the page to be found there.
    const traffic: { out: boolean; text: string }[] = []
    await page.exposeFunction('tellTraffic', (out: boolean, text: string) => {
      traffic.push({ out, text })
    })
    await page.addInitScript(watchPorts)
    await page.reload()
    const { url } = await engine.control.api.status()
    await page.getByRole('navigation', { name: 'Hallpass' }).waitFor()

    const shown = await liveTheDay({
      page,
      url,
      grist,
      key: KEY,
      file: join(folder, 'shop.sqlite'),
      python: findPython(),
    })

    expect(traffic.length).toBeGreaterThan(50)
    expect(traffic.filter(({ text }) => text.includes(KEY)).map(({ out }) => out)).toEqual([true])
    for (const secret of [shown.access, shown.session]) {
      expect(traffic.filter(({ text, out }) => !out && text.includes(secret))).toHaveLength(1)
    }
    const secrets = [KEY, shown.access, shown.session]
    const found = await findInPage(page, ...secrets)
    expect(found).toMatchObject({ heap: 0, document: 0 })
    expect(found.searched).toBeGreaterThan(1_000_000)
    for (const secret of secrets) {
      for (const file of readdirSync(home, { recursive: true, withFileTypes: true })) {
        if (file.isFile())
          expect(readFileSync(join(file.parentPath, file.name)).includes(secret), file.name).toBe(false)
      }
      expect(desktop.output()).not.toContain(secret)
    }
    expect((await engine.control.api.connections.get({ name: 'crm' })).secret).toBe(
      environment['HALLPASS_VAULT_KEY'] === undefined ? 'keychain' : 'vault',
    )

    const port = Number(new URL(url).port)
    // Watched from before the loss: the sentence gives way to another after some seconds.
    const told = page
      .getByRole('status')
      .getByText(/Reconnecting/)
      .waitFor()
    await Promise.all([engine.kill(), told])
    await page.getByRole('treegrid').waitFor()
    engine = await startHeadlessEngine(home, port, environment)
    await until('the window recovers', async () => (await page.getByRole('button', { name: 'Try now' }).count()) === 0)
    await engine.control.api.projects.create({ name: 'after-the-restart' })
    await page.getByRole('link', { name: 'after-the-restart' }).waitFor()
  })
})

/** Runs in the page before its own scripts. */
function watchPorts(): void {
  const tell = (window as unknown as { tellTraffic(out: boolean, text: string): void }).tellTraffic
  const asText = (data: unknown): string => {
    if (typeof data === 'string') return data
    if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return new TextDecoder().decode(data)
    return JSON.stringify(data) ?? ''
  }
  const post = MessagePort.prototype.postMessage
  MessagePort.prototype.postMessage = function postMessage(this: MessagePort, data: unknown, ...rest: unknown[]) {
    tell(true, asText(data))
    return (post as (this: MessagePort, ...all: unknown[]) => void).call(this, data, ...rest)
  } as typeof post
  const listen = MessagePort.prototype.addEventListener
  MessagePort.prototype.addEventListener = function addEventListener(
    this: MessagePort,
    type: string,
    listener: EventListener,
    ...rest: unknown[]
  ) {
    const heard =
      type !== 'message'
        ? listener
        : (event: Event) => {
            tell(false, asText((event as MessageEvent).data))
            listener.call(this, event)
          }
    return (listen as (this: MessagePort, ...all: unknown[]) => void).call(this, type, heard, ...rest)
  } as typeof listen
}
