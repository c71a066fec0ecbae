import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { chooseInterface, electronProgram, serveArgs, type StartChoice } from './choose-interface.ts'

/**
 * `npm start`: the desktop app where Electron and a display are there, else the engine without a window, which prints a sign-in link
 * of the web console. `npm start -- --headless` asks for the latter.
 */
const root = join(import.meta.dirname, '..')
const electronPackage = join(root, 'node_modules', 'electron')
const FETCH_LIMIT_MS = 120_000
/** An app that exits this early couldn't start, for example because the system doesn't allow its sandbox or the display is missing. */
const EARLY_MS = 10_000

interface Ending {
  code: number | null
  signal: NodeJS.Signals | null
}

function findElectron(): string | null {
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH']
  const note = join(electronPackage, 'path.txt')
  const program = existsSync(note) ? readFileSync(note, 'utf8').trim() : electronProgram(process.platform)
  const path = join(override === undefined || override === '' ? join(electronPackage, 'dist') : override, program)
  return existsSync(path) ? path : null
}

function choose(tried: boolean): StartChoice {
  return chooseInterface({
    platform: process.platform,
    environment: process.env,
    args: process.argv.slice(2),
    built: existsSync(join(root, 'dist', 'desktop', 'main.cjs')),
    electron: findElectron(),
    fetchable: !tried && !process.env['ELECTRON_OVERRIDE_DIST_PATH'] && existsSync(join(electronPackage, 'install.js')),
  })
}

/** Runs it in the foreground: forwards signals, and ends it with this process. */
function run(command: string, args: string[]): Promise<Ending> {
  const environment = { ...process.env }
  delete environment['ELECTRON_RUN_AS_NODE']
  const child = spawn(command, args, { cwd: root, stdio: 'inherit', env: environment })
  const pass = (signal: NodeJS.Signals): void => {
    // Ctrl-C in a terminal reaches the whole process group. Forwarding it would deliver it twice.
    if (signal !== 'SIGINT' || process.stdin.isTTY !== true) child.kill(signal)
  }
  const end = (): void => {
    child.kill('SIGTERM')
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, pass)
  process.once('exit', end)
  // When npm is ended, it ends the shell between us without notice. Our parent process then changes.
  const parent = process.ppid
  const orphaned = setInterval(() => {
    if (process.ppid !== parent) end()
  }, 500)
  return new Promise((resolve, reject) => {
    const settle = () => {
      clearInterval(orphaned)
      for (const signal of signals) process.off(signal, pass)
      process.off('exit', end)
    }
    child.once('error', (error) => {
      settle()
      reject(error)
    })
    child.once('exit', (code, signal) => {
      settle()
      resolve({ code, signal })
    })
  })
}

function report(sentence: string): void {
  process.stdout.write(`${sentence}\n`)
}

let choice = choose(false)
if (choice.interface === 'fetch') {
  report(choice.sentence)
  const fetching = { cwd: root, stdio: 'inherit', timeout: FETCH_LIMIT_MS } as const
  const { status } = spawnSync(process.execPath, [join(electronPackage, 'install.js')], fetching)
  if (status !== 0) report("Couldn't download Electron.")
  choice = choose(true)
}
report(choice.sentence)
const serve = (args: string[]) => run(process.execPath, [join(root, 'bin', 'hallpass'), 'serve', ...args])

async function desktopOrServe(electron: string, args: string[]): Promise<Ending> {
  const begun = Date.now()
  let forwarded: NodeJS.Signals | null = null
  const note = (signal: NodeJS.Signals): void => {
    forwarded = signal
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, note)
  const ending = await run(electron, [root, ...args])
  if ((ending.code === 0 && ending.signal === null) || forwarded !== null || Date.now() - begun > EARLY_MS)
    return ending
  // Chromium prints this reason too, among other messages.
  const asRoot = process.platform === 'linux' && process.getuid?.() === 0 && !args.includes('--no-sandbox')
  const hint = asRoot ? ' As root, use npm start -- --no-sandbox.' : ''
  report(
    `The desktop app didn't start (${ending.signal ?? `exit code ${ending.code}`}).${hint} Starting without a window.`,
  )
  return serve(serveArgs(args))
}

const rest = choice.interface === 'fetch' ? [] : choice.args
const { code, signal } =
  choice.interface === 'desktop' ? await desktopOrServe(choice.electron, rest) : await serve(rest)
if (signal === null) process.exitCode = code ?? 1
else {
  process.exitCode = 128 + constants.signals[signal]
  process.kill(process.pid, signal)
}
