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
import { startEngine, type Engine, type StartedEngine } from '../../engine/index.ts'
import { EXIT, usageError } from '../errors.ts'

export interface ServeOptions {
  logMode?: 'batched' | 'strict'
  allowOrigin?: string[]
  /** Started by another verb: what it says is kept in a file, where no sign-in link may stand. */
  detached?: boolean
}

/** The engine in the foreground, until a signal or the owner ends it. */
export async function serve(options: ServeOptions = {}, installation?: Installation): Promise<void> {
  const home = dataFolder(process.env)
  if (await engineRuns(home)) throw await alreadyRunning(home)
  const stop = stopSignal()
  const consoleFiles = findConsoleFiles()
  const engine = await startEngine({
    home,
    ...settingsOf(process.env),
    console: createConsole(consoleFiles),
    clients: clientLaunch(home, process.env, installation?.client),
    ...(installation === undefined ? {} : { startWorker: installation.startWorker }),
  })
  try {
    await keepSettings(engine, options)
    const control = await startControlServer({ home, router: engine.ownerRouter, serveStream: engine.serveStream })
    process.stdout.write(greeting(engine, await consoleLines(engine, consoleFiles !== null, options.detached === true)))
    const reason = await Promise.race([stop, engine.stopRequested.then(() => 'owner' as const)])
    await control.close()
    if (reason === 'SIGINT') process.exitCode = EXIT.interrupted
  } finally {
    await engine.stop()
  }
  // With its code: Electron's own takes none for 0.
  process.exit(process.exitCode)
}

/** Through the owner API, so that the change is checked and logged like any other. */
async function keepSettings(engine: Engine, { logMode, allowOrigin }: ServeOptions): Promise<void> {
  const changes = {
    ...(logMode === undefined ? {} : { log_mode: logMode }),
    ...(allowOrigin === undefined ? {} : { allowed_origins: allowOrigin.filter((origin) => origin !== 'none') }),
  }
  if (Object.keys(changes).length === 0) return
  const parsed = settingsSchema.partial().safeParse(changes)
  if (!parsed.success) throw usageError(`--allow-origin: ${parsed.error.issues[0]?.message ?? 'is not valid'}.`)
  await createRouterClient(engine.ownerRouter).settings.update(parsed.data)
}

async function alreadyRunning(home: string): Promise<HallpassError> {
  const client = await connectControl({ home })
  try {
    const { pid, url } = await client.api.status()
    return new HallpassError('INTERNAL', `An engine of this home already runs (pid ${pid}, ${url}).`)
  } finally {
    client.close()
  }
}

function settingsOf(environment: NodeJS.ProcessEnv) {
  const {
    HALLPASS_HOST: host,
    HALLPASS_PORT: port,
    HALLPASS_LOG_LEVEL: logLevel,
    HALLPASS_VAULT_KEY: vaultKey,
  } = environment
  // Children of the engine, and a dump of its environment, must not hold the key to the vault.
  delete environment['HALLPASS_VAULT_KEY']
  return {
    ...(host === undefined || host === '' ? {} : { host }),
    ...(port === undefined || port === '' ? {} : { port: portOf(port) }),
    ...(logLevel === undefined || logLevel === '' ? {} : { logLevel }),
    ...(vaultKey === undefined || vaultKey === '' ? {} : { vaultKey }),
  }
}

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw usageError('HALLPASS_PORT: must be a whole number from 0 to 65535.')
  return port
}

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => resolve(signal))
  })
}

async function consoleLines(engine: StartedEngine & Engine, built: boolean, detached: boolean): Promise<string[]> {
  if (!built)
    return ['The console was not built. Build it with npm run build, then start again; everything else works.']
  if (detached) return [`${engine.url}/console/`]
  const { url } = await createRouterClient(engine.ownerRouter).console.signInLink()
  return [url, 'This link signs one browser in, once, within 60 seconds; hallpass console prints another.']
}

function greeting(engine: StartedEngine, [console = '', ...more]: string[]): string {
  const { url, sample } = engine
  const project = sample?.project ?? '{project}'
  const lines = [
    `Hallpass is running at ${url}`,
    '',
    `  Console        ${console}`,
    ...more.map((line) => `                 ${line}`),
    `  MCP endpoint   ${url}/projects/${project}/mcp`,
    `  Proxy          ${url}/api/v1/proxy`,
    `  Documentation  ${url}/openapi.json`,
    `  Secrets        ${engine.secretStore}`,
    ...engine.notices.map((notice) => `  Note           ${notice}`),
    '',
  ]
  if (sample !== null) {
    lines.push(
      'Try it, in another terminal:',
      '',
      `  bin/hallpass run -p ${sample.project} --document ${sample.document} --permissions read -- python3 examples/export.py Orders`,
      '',
    )
  }
  lines.push('Stop with Ctrl-C.', '')
  return lines.join('\n')
}
