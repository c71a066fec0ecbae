import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'

const RENDERER = join(import.meta.dirname, '../../dist/renderer')
const PLACES = [
  // The same browser without its windows takes a fifth less of the processor's time.
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

function findChromium(): string | null {
  const named = process.env['CHROMIUM_PATH']
  return [...(named === undefined || named === '' ? [] : [named]), ...PLACES].find((path) => existsSync(path)) ?? null
}

/** Returns why the console can't be tested in a browser here, or null. */
export function missingBrowser(): string | null {
  if (findChromium() === null) return 'no Chromium is installed (CHROMIUM_PATH names one)'
  return existsSync(join(RENDERER, 'index.html')) ? null : 'the screens are not built (npm run build)'
}

let running: Promise<Browser> | undefined

/**
 * Returns a headless Chromium, shared by all test files of this process, because a start takes
 * longer than most tests. It ends with the process.
 */
export function processBrowser(): Promise<Browser> {
  running ??= startBrowser()
  return running
}

function startBrowser(): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === null) throw new Error('no Chromium is installed')
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      // Nothing on the screens needs it, and it is emulated where there is no graphics card.
      '--disable-gpu',
      // Otherwise each engine's pages get a new process, which must load and compile the screens first.
      '--process-per-site',
      '--disable-site-isolation-trials',
    ],
  })
}
