import { join } from 'node:path'
import { app } from 'electron'
import { sqlWorkerProcesses } from '../../../src/main/engine/sql-worker-process.ts'

/** A small app that starts workers as the shell does, with a stand-in for what they run: for the test beside it. */
const host = globalThis as unknown as { startWorker: ReturnType<typeof sqlWorkerProcesses> }
host.startWorker = sqlWorkerProcesses(join(__dirname, 'worker.cjs'))
app.on('window-all-closed', () => undefined)
