import { join } from 'node:path'
import { startWorkerAt, type StartWorker } from '../../src/engine/documents/sqlite/worker-process.ts'

const BUILT = join(import.meta.dirname, '../../dist/sql-worker.js')

/** Starts the worker of a SQLite document as it was built, which is what users run, and one file to load instead of a dozen. */
export const startBuiltWorker: StartWorker = (document) => startWorkerAt(BUILT, document)
