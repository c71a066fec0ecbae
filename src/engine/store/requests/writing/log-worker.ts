import { workerData } from 'node:worker_threads'
import SqliteDatabase from 'better-sqlite3'
import { configureConnection } from '../../configure-connection.ts'
import { systemClock } from '../../../clock.ts'
import { batchWriter, type Written } from './batch-writer.ts'
import { startWaiting } from './waiting-time.ts'
import { ENDED, READY, type LogAnswer, type LogTask, type LogThreadData } from './log-messages.ts'

const { file, pageLimit, key, port, done } = workerData as LogThreadData
const state = new Int32Array(done)
const database = new SqliteDatabase(file, { timeout: 1000, fileMustExist: true })
configureConnection(database, pageLimit)
const write = batchWriter(database, Buffer.from(key))

/** Returns null if nothing was written. The main thread then writes the batch and learns why it can't. */
function run(work: LogTask['work']): Written | null {
  try {
    if (work !== null) return write(work.batch, work.after)
    database.close()
  } catch {
    // The transaction was rolled back.
  }
  return null
}

port.on('message', ({ number, work }: LogTask) => {
  const waited = startWaiting(systemClock)
  const written = run(work)
  port.postMessage({ number, written, waitedMs: waited() } satisfies LogAnswer)
  // After the answer, so that whoever waits for the number finds it.
  Atomics.store(state, 0, number)
  Atomics.notify(state, 0)
})
// A main thread that waits learns of the end only this way. A thread that is ended from outside doesn't run this.
process.once('exit', () => {
  database.close()
  Atomics.store(state, 0, ENDED)
  Atomics.notify(state, 0)
})
port.postMessage(READY)
