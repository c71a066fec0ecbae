import { TEST_VAULT_KEY } from './prepare-home.ts'
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { runInProcess } from '../cli/support/cli-in-process.ts'

/** The built command line, which starts twice as fast as the sources. */
export const PROGRAM = join(import.meta.dirname, '../../dist/cli.js')

/** What the command line runs with in tests: a free port, and a vault file instead of the user's keychain. */
export const TEST_SETTINGS = { HALLPASS_PORT: '0', HALLPASS_VAULT_KEY: TEST_VAULT_KEY } as const

export interface CommandResult {
  code: number | null
  out: string
  err: string
}

export interface ServingEngine {
  pid: number | undefined
  /** What it has written to stdout. */
  output(): string
  /** Sends SIGTERM, and resolves with the exit code. */
  stop(): Promise<number | null>
}

export interface CommandLine {
  environment: NodeJS.ProcessEnv
  start(args: readonly string[], more?: NodeJS.ProcessEnv): ChildProcessWithoutNullStreams
  /** Runs one command with this standard input. */
  run(args: readonly string[], options?: { more?: NodeJS.ProcessEnv; stdin?: string }): Promise<CommandResult>
  hallpass(...args: string[]): Promise<CommandResult>
  /** Runs one command in this process, which is faster. For commands that only call a running engine. */
  here(...args: string[]): Promise<CommandResult>
  /** Starts `hallpass serve`, and resolves once it listens. */
  serve(): Promise<ServingEngine>
}

/** Runs commands on the data folder `home`, each in a separate process. */
export function commandLineOf(home: string, base: NodeJS.ProcessEnv = process.env): CommandLine {
  const environment: NodeJS.ProcessEnv = { ...base, ...TEST_SETTINGS, HALLPASS_HOME: home }
  const start: CommandLine['start'] = (args, more = {}) =>
    spawn(process.execPath, [PROGRAM, ...args], { env: { ...environment, ...more } })

  async function run(
    args: readonly string[],
    { more = {}, stdin = '' }: { more?: NodeJS.ProcessEnv; stdin?: string } = {},
  ): Promise<CommandResult> {
    const child = start(args, more)
    const [out, err] = [textOf(child.stdout), textOf(child.stderr)]
    // A command that rejects its arguments doesn't read its input.
    child.stdin.on('error', () => {})
    child.stdin.end(stdin)
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, out: out(), err: err() }
  }

  async function serve(): Promise<ServingEngine> {
    const child = start(['serve'])
    const exited = once(child, 'exit')
    const [output, errors] = [textOf(child.stdout), textOf(child.stderr)]
    while (!output().includes('Press Ctrl-C')) {
      await Promise.race([once(child.stdout, 'data'), exited])
      if (child.exitCode !== null) throw new Error(`The engine did not start: ${errors()}`)
    }
    return {
      pid: child.pid,
      output,
      async stop() {
        child.kill('SIGTERM')
        return ((await exited) as [number | null])[0]
      },
    }
  }

  return {
    environment,
    start,
    run,
    hallpass: (...args) => run(args),
    here: (...args) => runInProcess(home, '', args),
    serve,
  }
}

/** Returns a function that returns all text of a stream so far. */
function textOf(stream: NodeJS.ReadableStream): () => string {
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  return () => text
}
