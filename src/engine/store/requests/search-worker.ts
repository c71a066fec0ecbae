import { parentPort, workerData } from 'node:worker_threads'
import SqliteDatabase from 'better-sqlite3'
import { systemClock } from '../../clock.ts'
import { requestReads } from './request-reads.ts'
import { READY, type SearchAnswer, type SearchRequest, type SearchResult, type SearchTask } from './search-messages.ts'
import { scanRequests } from './scan-requests.ts'
import { tallyNames } from './counts/tally-names.ts'
import { tallyRequests } from './counts/tally-requests.ts'
import { isSound } from './verify-chain.ts'

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
  if ('names' in task) return tallyNames(reads, task.names, systemClock.monotonic)
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
parentPort?.postMessage(READY)
