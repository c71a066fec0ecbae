import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { App } from 'electron'
import type { Installation } from '../../control/installation.ts'
import { canRunEngine } from '../engine/start-own-engine.ts'
import { displayProblem } from '../display-problem.ts'
import { HEADLESS_FLAG } from './relaunch-command.ts'
import type { CommandLine } from './read-command-line.ts'

interface CommandLineParts {
  app: App
  /** The build's folder. */
  dist: string
  /** The data folder. */
  home: string
  installation: Installation
}

type RunCli = (args: readonly string[], installation: Installation) => Promise<number>

/** SIGBREAK is Ctrl-Break on Windows. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const

/** Runs a command instead of the window and exits with its exit code. Only the command's own output goes to stdout. */
export function runCommandLine(line: Exclude<CommandLine, { kind: 'window' }>, parts: CommandLineParts): void {
  const { app, home } = parts
  const problem =
    line.kind === 'unknown'
      ? {
          sentence: `Unknown command "${line.word}". Run with --help for a list, or without a command to open the window.`,
          code: 2,
        }
      : commandLineProblem(app)
  if (problem !== null) {
    process.stderr.write(`hallpass: ${problem.sentence}\n`)
    app.exit(problem.code)
    return
  }
  if (line.kind === 'unknown') return
  const folder = join(home, 'desktop', 'command-line')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch {
    process.stderr.write(
      `hallpass: Hallpass can't write to its data folder (${home}). Check the folder's permissions, or set HALLPASS_HOME to another folder.\n`,
    )
    app.exit(1)
    return
  }
  // Avoids the window's folder, which a running app may have open.
  app.setPath('userData', folder)
  beQuiet(app)
  openWindowOnActivate(app)
  run(line.args, parts).catch((thrown: unknown) => {
    process.stderr.write(`hallpass: internal error: ${thrown instanceof Error ? thrown.name : typeof thrown}\n`)
    app.exit(1)
  })
}

function commandLineProblem(app: App): { sentence: string; code: number } | null {
  const { electron = 'unknown', node } = process.versions
  if (!canRunEngine(node)) {
    return {
      sentence: `The command line needs Node.js 24; this Electron ${electron} has ${node}. Use bin/hallpass instead.`,
      code: 1,
    }
  }
  if (
    displayProblem(process.platform, process.env) === null ||
    app.commandLine.getSwitchValue('ozone-platform') === 'headless'
  )
    return null
  return {
    sentence: `No display found. Put ${HEADLESS_FLAG} before the command.`,
    code: 1,
  }
}

/** Turns off the Dock icon, the GPU process and Electron's own output. */
function beQuiet(app: App): void {
  app.dock?.hide()
  app.disableHardwareAcceleration()
  for (const flag of ['disable-gpu', 'disable-software-rasterizer', 'in-process-gpu', 'disable-logging'])
    app.commandLine.appendSwitch(flag)
  app.commandLine.appendSwitch('log-level', '3')
  app.on('window-all-closed', () => undefined)
}

/**
 * On activation, macOS uses a running process of the app instead of starting another, even if that process only runs a
 * command.
 */
function openWindowOnActivate(app: App): void {
  app.on('activate', () => spawn(process.execPath, [], { detached: true, stdio: 'ignore' }).unref())
}

async function run(args: readonly string[], { app, dist, installation }: CommandLineParts): Promise<void> {
  await app.whenReady()
  // Without a handler, Electron would show a dialog.
  process.on('uncaughtException', (error: Error) => {
    process.stderr.write(`hallpass: internal error: ${error.name}\n`)
    app.exit(1)
  })
  // Registered after `ready`, because Electron replaces handlers before that and its own exit with 0.
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      const verbHandlesIt = process.listenerCount(signal) > 1
      if (!verbHandlesIt) app.exit(128 + (constants.signals[signal] ?? constants.signals.SIGINT))
    })
  }
  const { runCli } = (await import(pathToFileURL(join(dist, 'command-line.js')).href)) as { runCli: RunCli }
  const code = await runCli(args, installation)
  await Promise.all([process.stdout, process.stderr].map(flushed))
  app.exit(code)
}

/** Resolves once everything is written, because `app.exit` doesn't wait for it. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) resolve()
    else stream.write('', () => resolve())
  })
}
