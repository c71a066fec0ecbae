import { parentPort, workerData } from 'node:worker_threads'
import SqliteDatabase from 'better-sqlite3'
import { systemClock } from '../../clock.ts'
import { requestReads } from './request-reads.ts'
import { scanRequests, type Scan } from './scan-requests.ts'
import { isSound } from './verify-chain.ts'
import type { RequestQuery } from './request-store.ts'

/** A scan, or a check of the table if omitted. */
export interface SearchRequest {
  id: number
  scan: { query: RequestQuery; limit: number; budgetMs: number; from: number } | null
}
export type SearchAnswer = { id: number; result: Scan | boolean } | { id: number; error: string }

/** Enough for the pages that a scan reads twice. */
const CACHE_KIB = 16_384
const MAPPED_BYTES = 8 * 1024 ** 3

// The thread's own read-only connection, so that the engine can keep writing.
const database = new SqliteDatabase((workerData as { file: string }).file, { readonly: true, timeout: 1000 })
database.pragma('trusted_schema = OFF')
database.pragma(`cache_size = -${CACHE_KIB}`)
database.pragma(`mmap_size = ${MAPPED_BYTES}`)
const reads = requestReads(database)

parentPort?.on('message', ({ id, scan }: SearchRequest) => {
  let answer: SearchAnswer
  try {
    answer = {
      id,
      result: scan === null ? isSound(database) : scanRequests(reads, scan.query, scan, systemClock.monotonic),
    }
  } catch (thrown) {
    answer = { id, error: String(thrown) }
  }
  parentPort?.postMessage(answer)
})
