import type { Clock } from '../../../clock.ts'
import type { ScanReads } from '../request-store.ts'
import { endOf, nameOf, type CountedBy, type KeyCount } from './request-key-counts.ts'
import { eachWindow, type TallyTask } from './tally-requests.ts'

export interface NameTask extends TallyTask {
  by: CountedBy
}

export interface NameTallies {
  /** `at` is the start of a step. */
  counts: KeyCount[]
  /** The matches are counted from this time on. Null: all of them. */
  reached: number | null
}

/** Counts the matches of a filter by name and step, newest first, until `budgetMs` have passed. */
export function tallyNames(reads: ScanReads, task: NameTask, monotonic: Clock['monotonic']): NameTallies {
  const { by, query, starts, to } = task
  const counts = new Map<string, KeyCount>()
  let oldest = to
  const isComplete = eachWindow(reads, task, monotonic, (lower, upper) => {
    for (const row of reads.namedBetween(query, lower, upper)) {
      const at = starts.findLast((start) => start <= row.time)
      if (at === undefined || row.time >= to) continue
      oldest = Math.min(oldest, row.time)
      const name = nameOf(row, by)
      if (name === null || name === '') continue
      const key = JSON.stringify([at, row.project, name])
      const count = counts.get(key) ?? emptyCount(row.project ?? '', name, at)
      counts.set(key, count)
      const end = endOf(row.status)
      count.requests += 1
      if (end !== 'ok') count[end] += 1
      count.last_id = Math.max(count.last_id, row.id)
    }
  })
  return { counts: [...counts.values()], reached: isComplete ? null : oldest }
}

function emptyCount(project: string, name: string, at: number): KeyCount {
  return { project, name, at, requests: 0, denied: 0, failed: 0, last_id: 0 }
}
