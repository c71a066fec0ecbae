import { join } from 'node:path'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { createConsole } from '../../src/control/console/create-console.ts'
import type { ConsoleFace } from '../../src/engine/console-face.ts'
import type { EngineOptions } from '../../src/engine/engine-options.ts'
import { startBrowser } from './chromium.ts'
import { startTestEngine, type TestEngine } from './start-test-engine.ts'

const BUILD = join(import.meta.dirname, '../../dist/renderer')

export interface OpenConsole {
  page: Page
  engine: TestEngine
  /** Every body that the engine answered the page with, as text; streams not. */
  heard: string[]
  /** What the page wrote to its console as warnings and errors, and what it threw. */
  complaints: string[]
  /** Goes to a screen: `/projects/demo/connections`. */
  goto(path: string): Promise<void>
  /** A link that signs another browser in. */
  signInLink(): string
  [Symbol.asyncDispose](): Promise<void>
}

export interface ConsoleOptions {
  engine?: Partial<EngineOptions>
  browser?: Browser
  build?: string
  colorScheme?: 'light' | 'dark'
  viewport?: { width: number; height: number }
  /** What only a browser context of the test's own can have. A context that several tests use has its code compiled already. */
  context?: BrowserContextOptions
}

/** The context of a browser's tests, and the port that it knows the console's files by. */
interface SharedContext {
  context: BrowserContext
  port: number
}
const shared = new WeakMap<Browser, SharedContext>()

/**
 * Opens an engine of its own with its console over the built screens, and a new page that is signed in to it. Pages of one
 * browser follow each other in one context at one port: the screens are then loaded and compiled once, not for each test.
 */
export async function openConsole(options: ConsoleOptions = {}): Promise<OpenConsole> {
  const browser = options.browser ?? (await startBrowser())
  const known = options.context === undefined ? shared.get(browser) : undefined
  const { engine, signInLink } = await startEngineWithConsole(options, known?.port)
  const context = known?.context ?? (await browser.newContext({ reducedMotion: 'reduce', ...options.context }))
  if (options.context === undefined) shared.set(browser, { context, port: Number(new URL(engine.url).port) })
  const page = await context.newPage()
  await page.emulateMedia({ colorScheme: options.colorScheme ?? 'light' })
  await page.setViewportSize(options.viewport ?? { width: 1280, height: 800 })
  page.setDefaultTimeout(60_000)
  const { heard, complaints } = listenTo(page)
  await forgetOrigin(page, new URL(engine.url).origin)
  await page.goto(signInLink())
  await page.getByRole('navigation', { name: 'Hallpass' }).waitFor()
  return {
    page,
    engine,
    heard,
    complaints,
    signInLink,
    async goto(path) {
      await page.goto(`${new URL(page.url()).origin}/console/#${path}`)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(context.pages().map((one) => one.close()))
      if (options.context !== undefined) await context.close()
      if (options.browser === undefined) await browser.close()
      await engine[Symbol.asyncDispose]()
    },
  }
}

async function startEngineWithConsole(
  options: ConsoleOptions,
  port = 0,
): Promise<{ engine: TestEngine; signInLink(): string }> {
  const create = createConsole(options.build ?? BUILD)
  let face: ConsoleFace | undefined
  const start = (at: number) =>
    startTestEngine({ port: at, ...options.engine, console: (parts) => (face = create(parts)) })
  // Another program may have got the port of the test before.
  const engine = await start(port).catch((error: unknown) => {
    if (port === 0) throw error
    return start(0)
  })
  return { engine, signInLink: () => face?.signInLink().url ?? '' }
}

function listenTo(page: Page): { heard: string[]; complaints: string[] } {
  const heard: string[] = []
  const complaints: string[] = []
  page.on('response', (response) => {
    // The body of a stream never ends; those are read through the page.
    if (response.headers()['content-type']?.includes('event-stream') === true) return
    response.text().then(
      (text) => heard.push(text),
      () => undefined,
    )
  })
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  return { heard, complaints }
}

/** Leaves nothing of the test before but the cached files. */
async function forgetOrigin(page: Page, origin: string): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'cookies,local_storage,indexeddb' })
  await session.detach()
  await page.context().clearCookies()
}
