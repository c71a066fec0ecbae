import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron, errors, type ElectronApplication, type Page } from 'playwright-core'
import { connectControl, engineRuns, type ControlClient } from '../../src/control/control-client.ts'
import { PROGRAM } from './command-line.ts'
import { findElectron } from './electron.ts'
import { prepareHome, TEST_VAULT_KEY } from './prepare-home.ts'
import { prepareSample } from './prepare-sample.ts'
import { until } from './until.ts'

const ROOT = join(import.meta.dirname, '../..')
const WAIT_MS = 60_000

/** Returns why the desktop app can't be tested here, or null. */
export function missingDesktop(): string | null {
  if (findElectron() === null) return 'no Electron is there; ELECTRON_OVERRIDE_DIST_PATH may name its folder'
  if (process.platform === 'linux' && !process.env['DISPLAY']) return 'there is no display; run it under xvfb-run -a'
  if (!existsSync(join(ROOT, 'dist/desktop/main.cjs'))) return 'the desktop app is not built; run npm run build'
  return null
}

export interface EngineProcess {
  readonly process: ChildProcess
  readonly control: ControlClient
  /** Kills it with SIGKILL, and waits until it has ended. */
  kill(): Promise<void>
}

/** Starts a headless engine in a separate process, with the control socket of `home`. It uses a vault file, unless `environment` says otherwise. */
export async function startHeadlessEngine(
  home: string,
  port = 0,
  environment: NodeJS.ProcessEnv = { HALLPASS_VAULT_KEY: TEST_VAULT_KEY },
): Promise<EngineProcess> {
  const child = spawn(process.execPath, [PROGRAM, 'serve'], {
    cwd: ROOT,
    stdio: 'ignore',
    env: { ...process.env, HALLPASS_HOME: home, HALLPASS_PORT: String(port), NODE_NO_WARNINGS: '1', ...environment },
  })
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
  })
  await until('the engine answers', () => engineRuns(home))
  const control = await connectControl({ home })
  return {
    process: child,
    control,
    async kill() {
      control.close()
      child.kill('SIGKILL')
      await gone
    },
  }
}

export interface DesktopApp {
  app: ElectronApplication
  /** The page of the app's window. */
  window: Page
  /** The headless engine that it is attached to; null when it was launched without one. */
  engine: EngineProcess | null
  home: string
  /** Returns the text of stderr, to search it for secrets. */
  output(): string
  /** What the tray shows. Items by label, submenus separated by `>`, for example `New session token > demo > sales > Read`. */
  tray: {
    tooltip(): Promise<string>
    labels(): Promise<string[]>
    /** Returns all labels, including those of submenus. */
    texts(): Promise<string[]>
    press(path: string): Promise<void>
  }
  notifications(): Promise<{ title: string; body: string }[]>
  /** Clicks the notification with this title. */
  clickNotification(title: string): Promise<void>
  close(): Promise<void>
}

export interface LaunchOptions {
  /** Default true: a headless engine runs before the app starts. */
  engine?: boolean
  home?: string
  args?: readonly string[]
  environment?: Readonly<Record<string, string>>
  /** Folder of the app; default the project. */
  folder?: string
  /** Default true: waits for the window. */
  window?: boolean
}

/** Ten times the start on a busy computer. */
const LAUNCH_MS = 45_000

/** Starts the real app in a real Electron, with a separate data folder that is deleted with it. */
export async function launchDesktop(options: LaunchOptions = {}): Promise<DesktopApp> {
  const electron = findElectron()
  if (electron === null) throw new Error(missingDesktop() ?? 'no Electron')
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'hallpass-desktop-')))
  const isHeadless = options.engine !== false
  if (options.home === undefined && isHeadless) {
    await prepareHome(home)
    await prepareSample(home, Date.now())
  }
  const engine = isHeadless ? await startHeadlessEngine(home) : null
  const recorder = join(import.meta.dirname, 'desktop-recorder.cjs')
  const launch = (): Promise<ElectronApplication> =>
    _electron.launch({
      timeout: LAUNCH_MS,
      executablePath: electron,
      // Chromium's sandbox needs permissions that root in a container lacks. Tests check its preferences instead.
      args: ['-r', recorder, '--no-sandbox', options.folder ?? ROOT, ...(options.args ?? [])],
      env: { ...cleanEnvironment(), HALLPASS_HOME: home, ...options.environment },
      // Playwright's default color scheme would hide the app's choice.
      colorScheme: null,
    })
  // Rarely, on a busy computer, Playwright doesn't notice that the app runs, and ends it.
  const app = await launch().catch((thrown: unknown) => {
    if (!(thrown instanceof errors.TimeoutError)) throw thrown
    return launch()
  })
  let output = ''
  app.process().stderr?.on('data', (chunk: Buffer) => {
    output += chunk.toString('utf8')
  })
  const window = options.window === false ? (undefined as unknown as Page) : await app.firstWindow()
  if (options.window !== false) window.setDefaultTimeout(WAIT_MS)
  if (options.window !== false) await window.waitForURL('hallpass://app/**', { waitUntil: 'load' })
  return {
    app,
    window,
    engine,
    home,
    output: () => output,
    tray: {
      tooltip: () => app.evaluate(() => shownBy().trays[0]?.tooltip ?? ''),
      labels: () =>
        app.evaluate(() =>
          (shownBy().trays[0]?.menu?.items ?? []).map((item) => item.label).filter((label) => label !== ''),
        ),
      texts: () =>
        app.evaluate(() => {
          const all = (items: ShownItem[]): string[] =>
            items.flatMap(({ label, submenu }) => [label, ...all(submenu?.items ?? [])])
          return all(shownBy().trays[0]?.menu?.items ?? [])
        }),
      press: (path) =>
        app.evaluate((_electron, steps) => {
          let items = shownBy().trays[0]?.menu?.items ?? []
          for (const [index, step] of steps.entries()) {
            const item = items.find((one) => one.label === step)
            if (item === undefined || !item.enabled)
              throw new Error(`The tray has no “${step}” to press, but ${items.map((one) => one.label).join(', ')}.`)
            if (index === steps.length - 1) item.click()
            else items = item.submenu?.items ?? []
          }
        }, path.split(' > ')),
    },
    notifications: () => app.evaluate(() => shownBy().notifications),
    clickNotification: (title) =>
      app.evaluate((_electron, wanted) => {
        const { notifications, clicks } = shownBy()
        clicks[notifications.findIndex((one) => one.title === wanted)]?.()
      }, title),
    async close() {
      await app.close()
      await engine?.kill()
      if (options.home === undefined) await rm(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

interface ShownItem {
  label: string
  enabled: boolean
  checked: boolean
  click(): void
  submenu?: { items: ShownItem[] }
}
declare function shownBy(): {
  trays: { tooltip: string; menu: { items: ShownItem[] } | null; images: number }[]
  notifications: { title: string; body: string }[]
  clicks: (() => void)[]
}

/** Without the settings of a Hallpass that its developer may be using. */
function cleanEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('HALLPASS_'),
    ),
  )
}
