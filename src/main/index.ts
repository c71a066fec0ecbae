import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { app, dialog } from 'electron'
import packageJson from '../../package.json' with { type: 'json' }
import { dataFolder } from '../control/data-folder.ts'
import { onActivate } from './app-events/activate.ts'
import { onBeforeQuit } from './app-events/before-quit.ts'
import { onSecondInstance } from './app-events/second-instance.ts'
import { onUncaughtException } from './app-events/uncaught-exception.ts'
import { onReady } from './app-events/when-ready.ts'
import { onWindowAllClosed } from './app-events/window-all-closed.ts'
import { clientCommand, engineCommand, type RunningApp } from './command-line/relaunch-command.ts'
import { readCommandLine } from './command-line/read-command-line.ts'
import { runCommandLine } from './command-line/run-command-line.ts'
import { createDesktop } from './create-desktop.ts'
import { engineWays } from './engine/engine-ways.ts'
import { sqlWorkerProcesses } from './engine/sql-worker-process.ts'
import { confineContents } from './page/confine-page.ts'
import { registerPageScheme } from './page/serve-page.ts'
import { displayLack } from './require-display.ts'

function main(): void {
  const dist = join(import.meta.dirname, '..')
  const line = readCommandLine({ argv: process.argv, packaged: app.isPackaged, appPath: app.getAppPath() })
  if (line.kind !== 'window') {
    const installation = {
      engine: engineCommand(runningApp()),
      client: clientCommand(runningApp()),
      startWorker: sqlWorkerProcesses(join(dist, 'sql-worker.js')),
    }
    runCommandLine(line, { app, dist, home: dataFolder(process.env), installation })
    return
  }
  const lack = displayLack(process.platform, process.env)
  if (lack !== null) {
    console.error(`hallpass: ${lack}`)
    app.exit(1)
    return
  }
  onUncaughtException()

  const home = dataFolder(process.env)
  const userData = join(home, 'desktop')
  if (!madeFolder(userData)) {
    const sentence = `The data folder ${home} cannot be written. Check its permissions, or set HALLPASS_HOME to a folder of yours.`
    dialog.showErrorBox('Hallpass cannot start', sentence)
    app.exit(1)
    return
  }
  app.setName('Hallpass')
  app.setPath('userData', userData)
  // Windows shows notifications only of an app that says which it is.
  app.setAppUserModelId('io.hallpass.desktop')
  registerPageScheme()
  confineContents(app)
  // One app a data folder, as there is one engine: the lock lies in `userData`.
  if (!app.requestSingleInstanceLock()) {
    app.exit(0)
    return
  }
  onWindowAllClosed()

  app
    .whenReady()
    .then(() => {
      const desktop = createDesktop({
        dist,
        userData,
        assets: join(dist, '../assets'),
        ways: engineWays({
          home,
          dist,
          environment: process.env,
          version: packageJson.version,
          client: clientCommand(runningApp()),
          onStopRequested: () => app.quit(),
        }),
        documentation: documentationOf(packageJson),
      })
      onSecondInstance(desktop)
      onActivate(desktop)
      onBeforeQuit(desktop)
      onReady(desktop, process.argv)
    })
    .catch((thrown: unknown) => {
      process.emit('uncaughtException', thrown instanceof Error ? thrown : new Error('not an error'))
      app.exit(1)
    })
}

function runningApp(): RunningApp {
  return {
    platform: process.platform,
    environment: process.env,
    execPath: process.execPath,
    execArgv: process.execArgv,
    packaged: app.isPackaged,
    appPath: app.getAppPath(),
    unsandboxed: app.commandLine.hasSwitch('no-sandbox'),
  }
}

function madeFolder(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function documentationOf(manifest: object): string[] {
  return 'homepage' in manifest && typeof manifest.homepage === 'string' ? [manifest.homepage] : []
}

main()
