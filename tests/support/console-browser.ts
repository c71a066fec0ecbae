import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
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

/** An engine with its console over the built screens, and a page that is signed in to it. */
export async function openConsole(
  options: { engine?: Partial<EngineOptions>; context?: BrowserContextOptions; browser?: Browser; build?: string } = {},
): Promise<OpenConsole> {
  const create = createConsole(options.build ?? BUILD)
  let face: ConsoleFace | undefined
  const engine = await startTestEngine({ ...options.engine, console: (parts) => (face = create(parts)) })
  const browser = options.browser ?? (await startBrowser())
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
    ...options.context,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
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
  const signInLink = (): string => face?.signInLink().url ?? ''
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
      await context.close()
      if (options.browser === undefined) await browser.close()
      await engine[Symbol.asyncDispose]()
    },
  }
}
