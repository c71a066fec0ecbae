import { parentPort, workerData } from 'node:worker_threads'
import SqliteDatabase from 'better-sqlite3'
import { systemClock } from '../../clock.ts'
import { requestReads } from './request-reads.ts'
import { scanRequests, type Scan } from './scan-requests.ts'
import { tallyRequests, type Tallies, type TallyTask } from './counts/tally-requests.ts'
import { isSound } from './verify-chain.ts'
import type { RequestQuery } from './request-store.ts'

export interface ScanTask {
  query: RequestQuery
  limit: number
  budgetMs: number
  from: number
}
/** A scan, a count of matches, or a check of the table. */
export type SearchTask = { scan: ScanTask } | { tally: TallyTask } | 'check'
export interface SearchRequest {
  id: number
  task: SearchTask
}
export type SearchResult = Scan | Tallies | boolean
export type SearchAnswer = { id: number; result: SearchResult } | { id: number; error: string }

/** Enough for the pages that a scan reads twice. */
const CACHE_KIB = 16_384
const MAPPED_BYTES = 8 * 1024 ** 3

// The thread's own read-only connection, so that the engine can keep writing.
const database = new SqliteDatabase((workerData as { file: string }).file, { readonly: true, timeout: 1000 })
database.pragma('trusted_schema = OFF')
database.pragma(`cache_size = -${CACHE_KIB}`)
database.pragma(`mmap_size = ${MAPPED_BYTES}`)
const reads = requestReads(database)

function run(task: SearchTask): SearchResult {
  if (task === 'check') return isSound(database)
  if ('tally' in task) return tallyRequests(reads, task.tally, systemClock.monotonic)
  return scanRequests(reads, task.scan.query, task.scan, systemClock.monotonic)
}

parentPort?.on('message', ({ id, task }: SearchRequest) => {
  let answer: SearchAnswer
  try {
    answer = { id, result: run(task) }
  } catch (thrown) {
    answer = { id, error: String(thrown) }
  }
  parentPort?.postMessage(answer)
})
