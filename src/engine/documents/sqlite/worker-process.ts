import { spawn, type ChildProcess } from 'node:child_process'
import { dirname } from 'node:path'
import { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { workerEnvironment } from '../../../platform/worker-environment.ts'
import { workerMessage, type FromWorker, type PinnedFile, type ToWorker } from './worker-messages.ts'
import { openWorkerPipe, WORKER_PIPE } from './worker-pipe.ts'

/** A process that has the document open. */
export interface WorkerProcess {
  post(message: ToWorker): void
  /** Unchecked: a hostile file may have taken over the process. */
  listen(listener: (message: FromWorker) => void): void
  /** Kills it at once. SQLite rolls back an unfinished transaction at the next open. */
  kill(): void
  /** Asks it to close the file, and kills it if it doesn't in time. */
  close(): Promise<void>
  readonly exited: Promise<void>
  /** Undefined until it runs. */
  pid(): number | undefined
}

export type StartWorker = (document: { file: PinnedFile; created: boolean; memoryBytes: number }) => WorkerProcess

/** Maximum time to start a worker. A busy computer can take seconds, which must not count against a query's time limit. */
export const START_MS = 20_000
/** Maximum time for a worker to end a job that nobody waits for. Starting another worker takes longer. */
export const LEAVE_MS = 250
const CLOSE_MS = 2_000

/** Kills a worker that sends anything but a message of ours. */
export function hear(worker: WorkerProcess, listener: (message: FromWorker) => void): void {
  worker.listen((value) => {
    const message = workerMessage(value)
    if (message === null) worker.kill()
    else listener(message)
  })
}

/** Starts a worker with the program that belongs to this module. */
export const startWorkerProcess: StartWorker = (document) => {
  // The source file is in a folder below; in the bundle all files lie in one folder.
  const entry = import.meta.url.endsWith('.ts') ? './worker/sql-worker.ts' : './sql-worker.js'
  return startWorkerAt(fileURLToPath(new URL(entry, import.meta.url)), document)
}

/**
 * Starts a worker with the same Node (Electron runs it as plain Node) and a separate environment, so that it gets no
 * secret.
 */
export function startWorkerAt(
  entry: string,
  { file, created, memoryBytes }: Parameters<StartWorker>[0],
): WorkerProcess {
  const options = ['--max-old-space-size=256', '--max-semi-space-size=4']
  const child = spawn(process.execPath, [...options, entry], {
    env: { ...workerEnvironment(process.platform, process.env), ELECTRON_RUN_AS_NODE: '1' },
    // Not the folder that the engine was started in, nor the document's: Windows loads libraries from there.
    cwd: dirname(process.execPath),
    // A pipe of our own: Node's message channel serializes every value, which costs more than most calls.
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    windowsHide: true,
  })
  const pipeEnd = openPipeEnd(child)
  let listener = (_message: FromWorker): void => {}
  const kill = (): void => void child.kill('SIGKILL')
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    // A process that couldn't be started never exits.
    child.on('error', () => resolve())
  })
  const pipe = openWorkerPipe(pipeEnd, {
    message: (message) => listener(message as FromWorker),
    malformed: kill,
  })
  pipe.send({ kind: 'open', file, created, memoryBytes, parent: process.pid } satisfies ToWorker)
  return {
    // A message to a process that just died is lost; `exited` reports its end.
    post: pipe.send,
    listen(next) {
      listener = next
    },
    kill,
    async close() {
      pipe.end()
      const timer = setTimeout(kill, CLOSE_MS)
      await exited
      clearTimeout(timer)
    },
    exited,
    pid: () => child.pid,
  }
}

/** Without free descriptors Node gives no pipe, and reports the failed start later. */
function openPipeEnd(child: ChildProcess): Duplex {
  const end = (child.stdio as ChildProcess['stdio'] | undefined)?.[WORKER_PIPE]
  return end instanceof Duplex ? end : new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
}
