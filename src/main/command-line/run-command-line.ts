import { mkdirSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { App } from 'electron'
import type { Installation } from '../../control/installation.ts'
import { canHoldEngine } from '../engine/start-engine-here.ts'
import { displayLack } from '../require-display.ts'
import { HEADLESS_FLAG } from './relaunch-command.ts'
import type { CommandLine } from './read-command-line.ts'

export interface CommandLineParts {
  app: App
  /** Where the build lies. */
  dist: string
  /** The data folder. */
  home: string
  installation: Installation
}

type RunCli = (args: readonly string[], installation: Installation) => Promise<number>

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Runs a verb in place of the window, and ends the app with its exit code. Nothing but the verb's own words goes to stdout. */
export function runCommandLine(line: Exclude<CommandLine, { kind: 'window' }>, parts: CommandLineParts): void {
  const { app, home } = parts
  const lack =
    line.kind === 'unknown'
      ? {
          sentence: `unknown command '${line.word}'. Without a command the window opens; --help lists the commands.`,
          code: 2,
        }
      : commandLineLack(app)
  if (lack !== null) {
    process.stderr.write(`hallpass: ${lack.sentence}\n`)
    app.exit(lack.code)
    return
  }
  if (line.kind === 'unknown') return
  const folder = join(home, 'desktop', 'command-line')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch {
    process.stderr.write(
      `hallpass: The data folder ${home} cannot be written. Check its permissions, or set HALLPASS_HOME to a folder of yours.\n`,
    )
    app.exit(1)
    return
  }
  // Not the window's own, which the app may have open.
  app.setPath('userData', folder)
  beQuiet(app)
  run(line.args, parts).catch((thrown: unknown) => {
    process.stderr.write(`hallpass: internal error: ${thrown instanceof Error ? thrown.name : typeof thrown}\n`)
    app.exit(1)
  })
}

function commandLineLack(app: App): { sentence: string; code: number } | null {
  const { electron = 'unknown', node } = process.versions
  if (!canHoldEngine(node)) {
    return {
      sentence: `This Electron (${electron}, with Node ${node}) cannot run the command line, which needs Node 24. Use bin/hallpass with a Node of its own.`,
      code: 1,
    }
  }
  if (
    displayLack(process.platform, process.env) === null ||
    app.commandLine.getSwitchValue('ozone-platform') === 'headless'
  )
    return null
  return {
    sentence: `There is no display, so the runtime must be told to do without: put ${HEADLESS_FLAG} before the command.`,
    code: 1,
  }
}

/** No dock icon, no process for drawing, and no words of the runtime's own. */
function beQuiet(app: App): void {
  app.dock?.hide()
  app.disableHardwareAcceleration()
  for (const flag of ['disable-gpu', 'disable-software-rasterizer', 'in-process-gpu', 'disable-logging'])
    app.commandLine.appendSwitch(flag)
  app.commandLine.appendSwitch('log-level', '3')
  app.on('window-all-closed', () => undefined)
}

async function run(args: readonly string[], { app, dist, installation }: CommandLineParts): Promise<void> {
  await app.whenReady()
  // The runtime would show a dialog.
  process.on('uncaughtException', (error: Error) => {
    process.stderr.write(`hallpass: internal error: ${error.name}\n`)
    app.exit(1)
  })
  // After `ready`, or the runtime's own handlers take their place, which end with 0.
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      const verbHandlesIt = process.listenerCount(signal) > 1
      if (!verbHandlesIt) app.exit(128 + constants.signals[signal])
    })
  }
  const { runCli } = (await import(pathToFileURL(join(dist, 'command-line.js')).href)) as { runCli: RunCli }
  const code = await runCli(args, installation)
  await Promise.all([process.stdout, process.stderr].map(flushed))
  app.exit(code)
}

/** The app's end waits for nothing that is still to be written. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) resolve()
    else stream.write('', () => resolve())
  })
}
