import { join } from 'node:path'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { createConsole } from '../../src/control/console/create-console.ts'
import type { WebConsole } from '../../src/engine/web-console.ts'
import type { EngineOptions } from '../../src/engine/engine-options.ts'
import { CONSOLE_HEADER, CONSOLE_KEY_ITEM, CONSOLE_SESSION_PATH } from '../../src/contract/owner-api/console-api.ts'
import { processBrowser } from './chromium.ts'
import { codeOf } from './console-client.ts'
import { startTestEngine, type TestEngine } from './start-test-engine.ts'
import { until } from './until.ts'

const BUILD = join(import.meta.dirname, '../../dist/renderer')

export interface OpenConsole {
  page: Page
  engine: TestEngine
  /** Every response body that the page received, as text, except streams and the build's files. */
  heard: string[]
  /** Warnings and errors in the page's console, and uncaught exceptions. */
  complaints: string[]
  /** Goes to a screen: `/projects/demo/connections`. */
  goto(path: string): Promise<void>
  /** Returns a link that signs another browser in. */
  signInLink(): string
  [Symbol.asyncDispose](): Promise<void>
}

export interface ConsoleOptions {
  engine?: Partial<EngineOptions>
  build?: string
  viewport?: { width: number; height: number }
  /** Options that need a separate browser context, such as permissions or a clock. */
  context?: BrowserContextOptions
}

/** The page that tests use one after another, and the port for which it has cached the console's files. */
let shared: { page: Page; port: number } | undefined

/** Opens an engine with its console, and a page that shows the first screen of it. */
export async function openConsole(options: ConsoleOptions = {}): Promise<OpenConsole> {
  const console = await startConsole(options)
  await console.goto('/')
  return console
}

/**
 * Starts a separate engine with the built console, and a page that is signed in to it and has loaded no
 * screen yet. The tests of one process share one page at one port, because starting its process and compiling the screens
 * takes longer than most tests.
 */
export async function startConsole(options: ConsoleOptions = {}): Promise<OpenConsole> {
  const browser = await processBrowser()
  const known = options.context === undefined ? shared : undefined
  const { engine, signInLink } = await startEngineWithConsole(options, known?.port)
  const page =
    known?.page ?? (await (await browser.newContext({ reducedMotion: 'reduce', ...options.context })).newPage())
  if (options.context === undefined) shared = { page, port: Number(new URL(engine.url).port) }
  await page.setViewportSize(options.viewport ?? { width: 1280, height: 800 })
  page.setDefaultTimeout(60_000)
  const { heard, complaints } = listenTo(page)
  const link = signInLink()
  await redeem(page, link)
  return {
    page,
    engine,
    heard,
    complaints,
    signInLink,
    async goto(path) {
      await page.goto(`${new URL(link).origin}/console/#${path}`)
      await routeIsShown(page)
    },
    async [Symbol.asyncDispose]() {
      page.removeAllListeners()
      if (options.context !== undefined) await page.context().close()
      else await leaveNothing(page, engine.url)
      await engine[Symbol.asyncDispose]()
    },
  }
}

/** Signs the browser in like the page of a sign-in link, without loading that page. */
async function redeem(page: Page, link: string): Promise<void> {
  const { origin } = new URL(link)
  if (!page.url().startsWith(`${origin}/`)) await page.goto(`${origin}/healthz`)
  await page.evaluate(
    async ({ path, header, item, code }) => {
      const answer = await fetch(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', [header]: 'sign-in' },
        body: JSON.stringify({ code }),
      })
      localStorage.setItem(item, ((await answer.json()) as { key: string }).key)
    },
    { path: CONSOLE_SESSION_PATH, header: CONSOLE_HEADER, item: CONSOLE_KEY_ITEM, code: codeOf(link) },
  )
}

/** Resolves once the screen of the address is drawn. Until then the page shows the previous one, which has elements with the same names. */
async function routeIsShown(page: Page): Promise<void> {
  await until('the screen of the address is drawn', () =>
    page.evaluate<boolean>(`(() => {
      const { status, location, resolvedLocation } = window.__TSR_ROUTER__?.state ?? {}
      const shown = resolvedLocation?.href
      return status === 'idle' && shown === location.href && shown === (window.location.hash.slice(1) || '/')
    })()`),
  )
}

async function startEngineWithConsole(
  options: ConsoleOptions,
  port = 0,
): Promise<{ engine: TestEngine; signInLink(): string }> {
  const create = createConsole(options.build ?? BUILD)
  let face: WebConsole | undefined
  const start = (at: number) =>
    startTestEngine({ port: at, ...options.engine, console: (parts) => (face = create(parts)) })
  // Another program may have taken the port of the previous test.
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
    // The body of a stream never ends, and each screen loads a hundred files of the build.
    if (response.url().includes('/assets/')) return
    if (response.headers()['content-type']?.includes('event-stream') === true) return
    response.text().then(
      (text) => heard.push(text),
      () => undefined,
    )
  })
  page.on('console', (message) => {
    // Chromium looks for an icon of /healthz, which tests open because it isn't a page of the console.
    if (message.location().url.endsWith('/favicon.ico')) return
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  return { heard, complaints }
}

/** Clears everything but the compiled code for the next test, on a page that no longer calls the engine. */
async function leaveNothing(page: Page, url: string): Promise<void> {
  await Promise.all(
    page
      .context()
      .pages()
      .filter((one) => one !== page)
      .map((one) => one.close()),
  )
  // With a secret that wasn't copied, the page asks before it is left.
  page.once('dialog', (dialog) => void dialog.accept())
  await page.goto(`${url}/healthz`)
  page.removeAllListeners('dialog')
  await page.evaluate(() => {
    localStorage.clear()
    sessionStorage.clear()
  })
  await page.context().clearCookies()
  await page.mouse.move(0, 0)
}
