import type { MessagePort } from 'node:worker_threads'
import type { Batch, Written } from './batch-writer.ts'
import type { Heads } from './log-chain.ts'

/** What the log's thread is started with. */
export interface LogThreadData {
  file: string
  pageLimit: number | undefined
  /** Seals the log. */
  key: Uint8Array
  port: MessagePort
  /** One Int32 with the number of the last task that is done, or ENDED, for a main thread that waits for it. */
  done: SharedArrayBuffer
}

/** A batch, or null to close the database. Tasks are numbered from 1, and the next one comes when the last is done. */
export interface LogTask {
  number: number
  work: { batch: Batch; after: Heads } | null
}

/** Sent by the thread when it can write. */
export const READY = 'ready'
/** The thread has ended. What it hadn't committed was undone. */
export const ENDED = -1

/** `waitedMs` is how long the write waited for the disk or a processor. Null means that nothing was written. */
export interface LogAnswer {
  number: number
  written: Written | null
  waitedMs: number
}
