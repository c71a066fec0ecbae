import { fork, type ChildProcess } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { workerEnvironment } from '../../../platform/worker-environment.ts'
import type { FromWorker, PinnedFile, ToWorker } from './worker-messages.ts'

/** A process that has the document open. */
export interface WorkerProcess {
  post(message: ToWorker): void
  listen(listener: (message: FromWorker) => void): void
  /** Kills it at once. SQLite rolls back an unfinished transaction at the next open. */
  kill(): void
  /** Asks it to close the file, and kills it if it doesn't in time. */
  close(): Promise<void>
  readonly exited: Promise<void>
}

export type StartWorker = (document: { file: PinnedFile; created: boolean; memoryBytes: number }) => WorkerProcess

const CLOSE_MS = 2_000

/**
 * Starts a worker with the same Node (Electron runs it as plain Node) and a separate environment, so that it gets no
 * secret.
 */
export const startWorkerProcess: StartWorker = ({ file, created, memoryBytes }) => {
  // The source file is in a folder below; in the bundle all files lie in one folder.
  const entry = new URL(import.meta.url.endsWith('.ts') ? './worker/sql-worker.ts' : './sql-worker.js', import.meta.url)
  const child: ChildProcess = fork(fileURLToPath(entry), [], {
    env: { ...workerEnvironment(process.platform, process.env), ELECTRON_RUN_AS_NODE: '1' },
    // Neither the folder that the engine was started in nor the document's, because Windows loads libraries from the
    // current folder.
    cwd: dirname(process.execPath),
    execArgv: ['--max-old-space-size=256', '--max-semi-space-size=4'],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  let listener = (_message: FromWorker): void => {}
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    // A process that couldn't be started never exits.
    child.on('error', () => resolve())
  })
  child.on('message', (message) => listener(message as FromWorker))
  const post = (message: ToWorker): void => {
    // A message to a process that just died is lost; `exited` reports its end.
    if (child.connected) child.send(message, () => {})
  }
  post({ kind: 'open', file, created, memoryBytes, parent: process.pid })
  return {
    post,
    listen(next) {
      listener = next
    },
    kill: () => void child.kill('SIGKILL'),
    async close() {
      if (child.connected) child.disconnect()
      const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS)
      await exited
      clearTimeout(timer)
    },
    exited,
  }
}
