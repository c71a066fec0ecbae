import { dirname } from 'node:path'
import { utilityProcess } from 'electron'
import { workerEnvironment } from '../../platform/worker-environment.ts'
import type { FromWorker } from '../../engine/documents/sqlite/worker-messages.ts'
import type { StartWorker } from '../../engine/documents/sqlite/worker-process.ts'

const CLOSE_MS = 2000

/**
 * Starts the workers of SQLite documents as utility processes, because the packaged program can't run as plain Node.
 * They have a separate environment, and the runtime ends them with the app.
 */
export function sqlWorkerProcesses(entry: string): StartWorker {
  return ({ file, created, memoryBytes }) => {
    const child = utilityProcess.fork(entry, [], {
      env: workerEnvironment(process.platform, process.env),
      cwd: dirname(process.execPath),
      stdio: 'ignore',
      serviceName: 'Hallpass SQLite document',
      execArgv: ['--max-old-space-size=256', '--max-semi-space-size=4'],
    })
    let listener = (_message: FromWorker): void => {}
    let ended = false
    let doomed = false
    const exited = new Promise<void>((resolve) => {
      child.once('exit', () => {
        ended = true
        resolve()
      })
    })
    // Electron's kill only requests termination, and SQLite doesn't react during a long step.
    const kill = (): void => {
      doomed = true
      if (ended || child.pid === undefined) return
      try {
        process.kill(child.pid, 'SIGKILL')
      } catch {
        // It has ended, and its exit event is still to come.
      }
    }
    child.once('spawn', () => {
      if (doomed) kill()
    })
    child.on('message', (message: FromWorker) => listener(message))
    child.postMessage({ kind: 'open', file, created, memoryBytes, parent: null })
    return {
      post(message) {
        if (!ended) child.postMessage(message)
      },
      listen(next) {
        listener = next
      },
      kill,
      async close() {
        if (!ended) child.postMessage({ kind: 'close' })
        const timer = setTimeout(kill, CLOSE_MS)
        await exited
        clearTimeout(timer)
      },
      exited,
      pid: () => child.pid,
    }
  }
}
