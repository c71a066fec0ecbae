import type { ChildProcess } from 'node:child_process'
import { homedir } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import spawn from 'cross-spawn'
import { HallpassError } from '../../../contract/errors.ts'
import type { ChildLedger } from './child-ledger.ts'
import { endTree } from './end-tree.ts'
import { findCommand } from './find-command.ts'
import { createProcessOutput, type ProcessOutput } from './process-output.ts'
import { launchEnvironment, type Environment } from './launch-environment.ts'

interface LaunchRequest {
  command: string
  args: readonly string[]
  cwd: string | null
  env: Environment
}

export interface UpstreamProcess {
  readonly stdin: Writable
  readonly stdout: ProcessOutput
  readonly stderr: ProcessOutput
  /** Resolves once, however it ends, with a phrase such as "exited with code 1". */
  readonly ended: Promise<string>
  /** Ends the whole tree. Resolves when none of it is running. */
  end(): Promise<void>
}

const STDIN_GRACE_MS = 300
const TERM_GRACE_MS = 2000
const DRAIN_MS = 250

/**
 * Starts a command without a shell, in its own group, with only the allowed environment. Throws INVALID_REQUEST if it can't be
 * started.
 */
export async function launch(
  options: LaunchRequest,
  ledger: ChildLedger,
  from: NodeJS.ProcessEnv = process.env,
): Promise<UpstreamProcess> {
  const marker = ledger.open()
  const env = launchEnvironment(from, options.env, marker)
  let child: ChildProcess
  let ended: Promise<string>
  let stdout: ProcessOutput
  let stderr: ProcessOutput
  try {
    const file = await findCommand(options.command, env)
    child = spawn(file, [...options.args], {
      cwd: options.cwd ?? homedir(),
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      shell: false,
      // A separate group, so that Ctrl-C in our terminal doesn't reach it before us, and its children end with it.
      detached: process.platform !== 'win32',
      windowsHide: true,
    })
    // Registered immediately, because some processes end before they are in the ledger.
    ended = new Promise<string>((resolve) => child.once('exit', (code, signal) => resolve(endingOf(code, signal))))
    await spawned(child, options)
    // Not earlier, because a process that couldn't be started may have no outputs.
    stdout = createProcessOutput(child.stdout as Readable)
    stderr = createProcessOutput(child.stderr as Readable)
  } catch (thrown) {
    ledger.ended(marker)
    throw thrown
  }
  const pid = child.pid as number
  await ledger.started(marker, pid)
  const drained = new Promise((resolve) => child.once('close', resolve))
  let ending: Promise<void> | null = null

  async function endAll(): Promise<void> {
    child.stdin?.end()
    // Most servers exit when their input ends, and get time to clean up.
    await Promise.race([ended, after(STDIN_GRACE_MS)])
    await endTree(pid, marker, TERM_GRACE_MS)
    // No process writes to the pipes now. The rest can be read, then they close.
    await Promise.race([drained, after(DRAIN_MS)])
    for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe?.destroy()
    ledger.ended(marker)
  }
  const end = (): Promise<void> => (ending ??= endAll())
  // A server that exited may have left children.
  void ended.then(end)
  return { stdin: child.stdin as Writable, stdout, stderr, ended, end }
}

function spawned(child: ChildProcess, request: LaunchRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (cause) => {
      const { code } = cause as NodeJS.ErrnoException
      const place = request.cwd === null ? '' : ' Check that its working directory exists.'
      reject(
        new HallpassError('INVALID_REQUEST', `Couldn't start "${request.command}" (${code ?? 'unknown'}).${place}`, {
          cause,
          field: 'config.command',
        }),
      )
    })
  })
}

function endingOf(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `exited with code ${code ?? 'unknown'}` : `was terminated by ${signal}`
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
