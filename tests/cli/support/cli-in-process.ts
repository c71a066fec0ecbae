import { Readable } from 'node:stream'
import { startControlServer } from '../../../src/control/control-server.ts'
import { runCli } from '../../../src/cli/run-cli.ts'
import type { EngineOptions } from '../../../src/engine/engine-options.ts'
import { startTestEngine, type TestEngine } from '../../support/start-test-engine.ts'

export interface Ran {
  code: number
  out: string
  err: string
}

export interface CommandLine {
  engine: TestEngine
  /** Runs one command against the engine. `input` is its stdin. */
  run(...args: string[]): Promise<Ran>
  feed(input: string, ...args: string[]): Promise<Ran>
  [Symbol.asyncDispose](): Promise<void>
}

/** An engine with its control socket, and a command line in this process, which starts no process per command. */
export async function openCommandLine(options: Partial<EngineOptions> = {}): Promise<CommandLine> {
  const engine = await startTestEngine(options)
  const control = await startControlServer({
    home: engine.home,
    router: engine.ownerRouter,
    serveStream: engine.serveStream,
  })
  const feed = (input: string, ...args: string[]): Promise<Ran> => runInProcess(engine.home, input, args)
  return {
    engine,
    feed,
    run: (...args) => feed('', ...args),
    async [Symbol.asyncDispose]() {
      await control.close()
      await engine[Symbol.asyncDispose]()
    },
  }
}

/** Runs a command line here with its own stdin, stdout, stderr, data folder and further settings. */
export async function runInProcess(
  home: string,
  input: string,
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const ran: Ran = { code: 0, out: '', err: '' }
  const { stdout, stderr } = process
  const before = {
    environment: { ...process.env },
    exitCode: process.exitCode,
    out: stdout.write,
    err: stderr.write,
  }
  const stdin = Object.getOwnPropertyDescriptor(process, 'stdin')
  const collect =
    (key: 'out' | 'err') =>
    (chunk: unknown): boolean => {
      ran[key] += String(chunk)
      return true
    }
  const streams = [stdout, stderr].map((stream) => ({ stream, listeners: stream.listeners('error') }))
  Object.assign(process.env, { HALLPASS_HOME: home }, settings)
  process.exitCode = undefined
  stdout.write = collect('out') as typeof stdout.write
  stderr.write = collect('err') as typeof stderr.write
  Object.defineProperty(process, 'stdin', { value: Readable.from([input]), configurable: true })
  try {
    ran.code = await runCli(args)
  } finally {
    stdout.write = before.out
    stderr.write = before.err
    process.exitCode = before.exitCode
    // A command ends with its process. Here its listeners would stay, and Node writes a warning about the eleventh to stderr,
    // which is then what some later command printed.
    for (const { stream, listeners } of streams)
      for (const listener of stream.listeners('error'))
        if (!listeners.includes(listener)) stream.off('error', listener as () => void)
    if (stdin !== undefined) Object.defineProperty(process, 'stdin', stdin)
    for (const name of ['HALLPASS_HOME', ...Object.keys(settings)]) {
      const value = before.environment[name]
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
  return ran
}

/** Creates an HTTP API with a bearer secret in project demo. */
export function addApi(line: CommandLine, name: string, url: string, secret: string, ...more: string[]): Promise<Ran> {
  const options = ['-p', 'demo', '--type', 'http', '--url', url, '--auth', 'bearer', '--secret-stdin']
  return line.feed(secret, 'create', 'connection', name, ...options, ...more)
}
