import type { Database } from 'better-sqlite3'
import type { StoreReaders } from '../store.ts'

interface Stored {
  requests: number
  errors: number
  durations: Buffer
}

export function requestCountReaders(database: Database): Pick<StoreReaders, 'requestCounts'> {
  const one = database.prepare<[number, number, string, string], Stored>(
    'SELECT requests, errors, durations FROM request_counts WHERE step = ? AND at = ? AND project = ? AND connection = ?',
  )
  const oldest = database.prepare<[number], number | null>('SELECT min(at) FROM request_counts WHERE step = ?').pluck()
  return {
    // A lookup for each step: a range would read every other project and connection in it too.
    *requestCounts({ project = '', connection = '', step, from, to }) {
      const first = Math.max(Math.floor(from / step) * step, oldest.get(step) ?? to)
      for (let at = first; at < to; at += step) {
        const stored = one.get(step, at, project, connection)
        if (stored !== undefined) yield { at, ...stored }
      }
    },
  }
}
