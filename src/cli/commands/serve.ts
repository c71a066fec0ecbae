import { join, relative, sep } from 'node:path'
import { createRouterClient } from '@orpc/server'
import { clientLaunch } from '../../control/client-launch.ts'
import { createConsole } from '../../control/console/create-console.ts'
import { findConsoleFiles } from '../../control/console/console-files.ts'
import { startControlServer } from '../../control/control-server.ts'
import { connectControl, engineRuns } from '../../control/control-client.ts'
import { dataFolder } from '../../control/data-folder.ts'
import type { Installation } from '../../control/installation.ts'
import { HallpassError } from '../../contract/errors.ts'
import { settingsSchema } from '../../contract/settings.ts'
import { networkFrom, takeVaultKey, type NetworkFlags } from '../../engine/engine-options.ts'
import { startEngine, type Engine, type StartedEngine } from '../../engine/index.ts'
import { collectWhenIdle } from '../../platform/collect-when-idle.ts'
import { limitYoungGeneration } from '../../platform/limit-young-generation.ts'
import { EXIT, usageError } from '../errors.ts'
import { printEvent, printRequestLog } from '../print-request-log.ts'

/** How long the last rows may take to be printed. */
const LAST_ROWS_MS = 500

interface ServeOptions extends NetworkFlags {
  port?: string
  host?: string
  logMode?: 'batched' | 'strict'
  allowOrigin?: string[]
  metrics?: boolean
  logFormat?: string
  /** Another command started it, so its output goes to a file, which must not contain a sign-in link. */
  detached?: boolean
}

/** Runs the engine in the foreground until a signal or the owner stops it. */
export async function serve(options: ServeOptions = {}, installation?: Installation): Promise<void> {
  const home = dataFolder(process.env)
  if (await engineRuns(home)) throw await alreadyRunning(home)
  limitYoungGeneration()
  collectWhenIdle()
  const isJson = isJsonLog(options)
  const stop = stopSignal()
  const printing = new AbortController()
  let printed: Promise<void> | undefined
  const consoleFiles = findConsoleFiles()
  const engine = await startEngine({
    home,
    ...settingsOf(process.env, options),
    ...networkFrom(process.env, options),
    ...(options.metrics === true ? { metrics: true } : {}),
    console: createConsole(consoleFiles),
    clients: clientLaunch(home, process.env, installation?.client),
    ...(installation === undefined ? {} : { startWorker: installation.startWorker }),
  })
  try {
    await saveSettings(engine, options)
    const control = await startControlServer({ home, router: engine.ownerRouter, serveStream: engine.serveStream })
    if (isJson) {
      // A log that others collect must not contain a sign-in link.
      const { url, notices, secretStore } = engine
      printEvent(process.stdout, 'started', { url, console: `${url}/console/`, secret_store: secretStore, notices })
      printed = printRequestLog(engine, process.stdout, printing.signal)
    } else {
      const lines = await consoleLines(engine, consoleFiles !== null, options.detached === true)
      process.stdout.write(greeting(engine, lines))
    }
    // Runs in the background, because the keychain may be asking its owner for a password.
    const print = isJson ? (message: string) => printEvent(process.stdout, 'notice', { message }) : printProblem
    void engine.findProblems().then((problems) => problems.forEach(print))
    const reason = await Promise.race([stop, engine.stopRequested.then(() => 'owner' as const)])
    await control.close()
    if (reason === 'SIGINT') process.exitCode = EXIT.interrupted
  } finally {
    await engine.stop()
    // The last rows are still on their way. A reader that has stopped reading doesn't hold up the end.
    const givingUp = setTimeout(() => printing.abort(), LAST_ROWS_MS)
    await printed
    clearTimeout(givingUp)
  }
  // Electron's own exit would use 0 without the code.
  process.exit(process.exitCode)
}

function isJsonLog({ logFormat = process.env['HALLPASS_LOG_FORMAT'] ?? 'text' }: ServeOptions): boolean {
  if (logFormat !== '' && logFormat !== 'text' && logFormat !== 'json')
    throw usageError(`HALLPASS_LOG_FORMAT must be text or json, not "${logFormat}".`)
  return logFormat === 'json'
}

/** Saves the settings through the owner API, so that the change is checked and logged like any other. */
async function saveSettings(engine: Engine, { logMode, allowOrigin }: ServeOptions): Promise<void> {
  const changes = {
    ...(logMode === undefined ? {} : { log_mode: logMode }),
    ...(allowOrigin === undefined ? {} : { allowed_origins: allowOrigin.filter((origin) => origin !== 'none') }),
  }
  if (Object.keys(changes).length === 0) return
  const parsed = settingsSchema.partial().safeParse(changes)
  if (!parsed.success) throw usageError(`--allow-origin ${parsed.error.issues[0]?.message ?? 'is invalid'}.`)
  await createRouterClient(engine.ownerRouter).settings.update(parsed.data)
}

async function alreadyRunning(home: string): Promise<HallpassError> {
  const client = await connectControl({ home })
  try {
    const { pid, url } = await client.api.status()
    return new HallpassError(
      'INTERNAL',
      `Hallpass is already running at ${url} (process ${pid}). Stop it first, or set HALLPASS_HOME to another folder.`,
    )
  } finally {
    client.close()
  }
}

function settingsOf(environment: NodeJS.ProcessEnv, flags: Pick<ServeOptions, 'port' | 'host'>) {
  const {
    HALLPASS_HOST: hostVariable,
    HALLPASS_PORT: portVariable,
    HALLPASS_LOG_LEVEL: logLevel,
    HALLPASS_METRICS: metrics,
  } = environment
  // Child processes of the engine, and a dump of its environment, must not contain the vault key.
  const vaultKey = takeVaultKey(environment)
  const { host = hostVariable, port = portVariable } = flags
  return {
    ...(host === undefined || host === '' ? {} : { host }),
    ...(metrics === '1' ? { metrics: true } : {}),
    ...(port === undefined || port === ''
      ? {}
      : { port: portOf(port, flags.port === undefined ? 'HALLPASS_PORT' : '--port') }),
    ...(logLevel === undefined || logLevel === '' ? {} : { logLevel }),
    ...(vaultKey === undefined ? {} : { vaultKey }),
  }
}

function portOf(text: string, name: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw usageError(`${name} must be a number from 0 to 65535.`)
  return port
}

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGBREAK'] as const)
      process.once(signal, () => resolve(signal))
  })
}

async function consoleLines(engine: StartedEngine & Engine, built: boolean, detached: boolean): Promise<string[]> {
  if (!built) return ["The web console isn't built. Run npm run build and restart to use it. Everything else works."]
  if (detached) return [`${engine.url}/console/`]
  const { url } = await createRouterClient(engine.ownerRouter).console.signInLink()
  return [url, 'Sign-in link: works once, within 60 seconds. For another one, run hallpass console']
}

function printProblem(sentence: string): void {
  process.stderr.write(`hallpass: ${sentence}\n`)
}

function greeting(engine: StartedEngine, [console = '', ...more]: string[]): string {
  const { url, sample } = engine
  const project = sample?.project ?? '{project}'
  const lines = [
    `Hallpass is running at ${url}`,
    '',
    `  Web console    ${console}`,
    ...more.map((line) => `                 ${line}`),
    `  MCP endpoint   ${url}/projects/${project}/mcp`,
    `  HTTP proxy     ${url}/api/v1/proxy`,
    `  API reference  ${url}/openapi.json`,
    `  Secret store   ${engine.secretStore}`,
    ...engine.notices.map((notice) => `  Note           ${notice}`),
    '',
  ]
  if (sample !== null) {
    lines.push('To try it, run this in another terminal:', '', `  ${exampleCommand(sample)}`, '')
  }
  lines.push('Press Ctrl-C to stop. Stop with hallpass stop if it runs in the background.', '')
  return lines.join('\n')
}

/**
 * Returns a command for the example that works in the current folder: a checkout, or where the npm package is
 * installed.
 */
function exampleCommand({ project, document }: { project: string; document: string }): string {
  const isPackage = import.meta.dirname.includes(`${sep}node_modules${sep}`)
  const script = isPackage
    ? relative(process.cwd(), join(import.meta.dirname, '../examples/export.py'))
    : join('examples', 'export.py')
  const program = isPackage ? 'npx hallpass' : 'bin/hallpass'
  return `${program} run -p ${project} --document ${document} --permissions read -- python3 ${script} Orders`
}
