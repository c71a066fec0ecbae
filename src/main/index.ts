import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { app, dialog } from 'electron'
import { t } from '../contract/text/translate.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { dataFolder } from '../control/data-folder.ts'
import {
  onActivate,
  onBeforeQuit,
  onReady,
  onSecondInstance,
  onUncaughtException,
  onWindowAllClosed,
} from './app-events.ts'
import { clientCommand, engineCommand, type RunningApp } from './command-line/relaunch-command.ts'
import { readCommandLine } from './command-line/read-command-line.ts'
import { runCommandLine } from './command-line/run-command-line.ts'
import { createDesktop } from './create-desktop.ts'
import { engineSources } from './engine/engine-sources.ts'
import { sqlWorkerProcesses } from './engine/sql-worker-process.ts'
import { confineContents } from './page/confine-page.ts'
import { adoptLoginShellPath } from './login-shell-environment.ts'
import { registerPageScheme } from './page/serve-page.ts'
import { displayProblem } from './display-problem.ts'

function main(): void {
  const dist = join(import.meta.dirname, '..')
  const commandLine = readCommandLine({ argv: process.argv, packaged: app.isPackaged, appPath: app.getAppPath() })
  if (commandLine.kind !== 'window') {
    const installation = {
      engine: engineCommand(runningApp()),
      client: clientCommand(runningApp()),
      startWorker: sqlWorkerProcesses(join(dist, 'sql-worker.js')),
    }
    runCommandLine(commandLine, { app, dist, home: dataFolder(process.env), installation })
    return
  }
  const problem = displayProblem(process.platform, process.env)
  if (problem !== null) {
    console.error(`hallpass: ${problem}`)
    app.exit(1)
    return
  }
  onUncaughtException()

  const home = dataFolder(process.env)
  const userData = join(home, 'desktop')
  if (!canWriteFolder(userData)) {
    const sentence = t`Hallpass can't write to its data folder (${home}). Check the folder's permissions, or set HALLPASS_HOME to another folder.`
    dialog.showErrorBox(t`Hallpass couldn't start`, sentence)
    app.exit(1)
    return
  }
  app.setName('Hallpass')
  app.setPath('userData', userData)
  // Windows shows notifications only for an app with a model ID.
  app.setAppUserModelId('io.hallpass.desktop')
  registerPageScheme()
  confineContents(app)
  // One app per data folder, because each folder has one engine. The lock is in `userData`.
  if (!app.requestSingleInstanceLock()) {
    app.exit(0)
    return
  }
  onWindowAllClosed()
  const { platform, env: environment } = process
  // Runs in the background: the window needs no PATH, and upstreams are started at their first use.
  void adoptLoginShellPath({ platform, packaged: app.isPackaged, environment })

  app
    .whenReady()
    .then(() => {
      const desktop = createDesktop({
        dist,
        userData,
        assets: join(dist, '../assets'),
        sources: engineSources({
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

function canWriteFolder(folder: string): boolean {
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
