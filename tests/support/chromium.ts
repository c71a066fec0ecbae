import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'

const RENDERER = join(import.meta.dirname, '../../dist/renderer')
const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

function findChromium(): string | null {
  const named = process.env['CHROMIUM_PATH']
  return [...(named === undefined || named === '' ? [] : [named]), ...PLACES].find((path) => existsSync(path)) ?? null
}

/** Why the console cannot be tried in a browser here, or null. */
export function missingBrowser(): string | null {
  if (findChromium() === null) return 'no Chromium is installed (CHROMIUM_PATH names one)'
  return existsSync(join(RENDERER, 'index.html')) ? null : 'the screens are not built (npm run build)'
}

/** Chromium without a window of its own. */
export function startBrowser(): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === null) throw new Error('no Chromium is installed')
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update'],
  })
}
