import type { NameTallies, NameTask } from './counts/tally-names.ts'
import type { Tallies, TallyTask } from './counts/tally-requests.ts'
import type { RequestQuery } from './request-store.ts'
import type { Scan } from './scan-requests.ts'

/** Sent by the search thread once it can search. */
export const READY = 'ready'

export interface ScanTask {
  query: RequestQuery
  limit: number
  budgetMs: number
  from: number
}
/** A scan, a count of matches or of their names, or a check of the table. */
export type SearchTask = { scan: ScanTask } | { tally: TallyTask } | { names: NameTask } | 'check'
export interface SearchRequest {
  id: number
  task: SearchTask
}
export type SearchResult = Scan | Tallies | NameTallies | boolean
export type SearchAnswer = { id: number; result: SearchResult } | { id: number; error: string }
