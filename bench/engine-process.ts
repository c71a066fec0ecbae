import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const LAUNCHER = join(import.meta.dirname, '..', 'bin', 'hallpass')

export interface EngineProcess {
  url: string
  /** The program, and the environment in which its commands reach this engine. */
  launcher: string
  environment: NodeJS.ProcessEnv
  pid: number
  /** Its data folder. */
  home: string
  /** Milliseconds from spawn to the first 200 of /readyz or /healthz. */
  startMs: number
  hallpass(...words: string[]): Promise<string>
  /** The same with a text on standard input. */
  hallpassWith(input: string, ...words: string[]): Promise<string>
  /** Returns the resident memory in bytes (Linux): of the engine, and of the engine with its worker processes. */
  residentBytes(): Promise<{ engine: number; all: number }>
  /** Returns the number of the engine's child processes: workers and upstreams (Linux). */
  processes(): Promise<number>
  /** Returns the user and system CPU time so far, in milliseconds (Linux). */
  cpuMs(): Promise<number>
  /** Ends the process. `stop` also removes its data folder. */
  end(): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts the built engine as a user runs it: a process of its own, on a free port and a scratch folder. `nodeOptions` go to its Node.
 */
export async function startEngineProcess(
  nodeOptions: readonly string[] = [],
  dataFolder?: string,
): Promise<EngineProcess> {
  const home = dataFolder ?? (await mkdtemp(join(tmpdir(), 'hallpass-bench-')))
  const environment = {
    ...process.env,
    HALLPASS_HOME: home,
    HALLPASS_PORT: '0',
    HALLPASS_VAULT_KEY: 'a vault key for benchmarks',
  }
  const started = performance.now()
  const child = spawn(process.execPath, [...nodeOptions, LAUNCHER, 'serve'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await addressFrom(child)
  await fetch(`${url}/healthz`)
  const startMs = performance.now() - started

  async function run(input: string, words: string[]): Promise<string> {
    const done = promisify(execFile)(process.execPath, [LAUNCHER, ...words], {
      env: environment,
      maxBuffer: 64 * 1024 * 1024,
    })
    done.child.stdin?.end(input)
    return (await done).stdout.trim()
  }

  async function end(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  }

  return {
    url,
    launcher: LAUNCHER,
    environment,
    pid: child.pid ?? 0,
    home,
    startMs,
    hallpass: (...words) => run('', words),
    hallpassWith: (input, ...words) => run(input, words),
    async residentBytes() {
      const engine = await residentOf(String(child.pid))
      const workers = await Promise.all((await childrenOf(String(child.pid))).map((pid) => residentOf(pid)))
      return { engine, all: workers.reduce((sum, bytes) => sum + bytes, engine) }
    },
    processes: async () => (await childrenOf(String(child.pid))).length,
    async cpuMs() {
      const fields = (await readFile(`/proc/${child.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? []
      return (Number(fields[11]) + Number(fields[12])) * 10
    },
    end,
    async stop() {
      await end()
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** Returns 0 for a worker that ended after it was listed. */
async function residentOf(pid: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024
}

/** Returns an empty list for a process that has ended. */
async function childrenOf(pid: string): Promise<string[]> {
  const listed = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return listed.trim() === '' ? [] : listed.trim().split(' ')
}

async function addressFrom(child: ChildProcess): Promise<string> {
  let text = ''
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk)
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0]
    if (url !== undefined) {
      child.stdout?.on('data', () => undefined)
      return url
    }
  }
  throw new Error(`the engine ended before it said where it listens: ${text}`)
}
