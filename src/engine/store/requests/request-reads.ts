import type { Database } from 'better-sqlite3'
import { requestConditions } from './request-conditions.ts'
import { SELECT_REQUESTS, toRecord, type StoredRequest } from './request-rows.ts'
import type { RequestQuery, ScanReads } from './request-store.ts'
import { candidateReads } from './scan-requests.ts'

const DEFAULT_LIMIT = 100

/** Reads of the request log over one database connection. */
export function requestReads(database: Database): ScanReads {
  const byId = database.prepare<[number], StoredRequest>(`${SELECT_REQUESTS} WHERE id = ?`)
  const ends = database.prepare<[], { first_id: number | null; last_id: number | null }>(
    'SELECT (SELECT min(id) FROM requests) AS first_id, (SELECT max(id) FROM requests) AS last_id',
  )
  const nextStatus = database
    .prepare<[number, number], number | null>('SELECT min(status) FROM requests WHERE status >= ? AND status <= ?')
    .pluck()
  const newestIn = database
    .prepare<[number, number], number | null>('SELECT max(time) FROM requests WHERE id >= ? AND id < ?')
    .pluck()

  function statusesIn(from: number, to: number): number[] {
    const found: number[] = []
    for (
      let status = nextStatus.get(from, to);
      status !== undefined && status !== null;
      status = nextStatus.get(status + 1, to)
    )
      found.push(status)
    return found
  }

  /** One statement per alternative, because an OR over two indexes would read the whole log. */
  function newestOf(query: RequestQuery, limit: number) {
    const found = requestConditions(query, statusesIn).flatMap(({ where, values }) =>
      database
        .prepare<unknown[], StoredRequest>(`${SELECT_REQUESTS} ${where} ORDER BY id DESC LIMIT ?`)
        .all(...values, limit),
    )
    return found
      .sort((one, other) => other.id - one.id)
      .slice(0, limit)
      .map(toRecord)
  }

  return {
    lastCandidate: candidateReads(database, statusesIn),
    requests: (query) => newestOf(query, query.limit ?? DEFAULT_LIMIT),
    request(id) {
      const stored = byId.get(id)
      return stored === undefined ? null : toRecord(stored)
    },
    requestsBetween({ before_id: _before, limit: _limit, ...query }, { from, to, order, limit }) {
      const found = requestConditions(query, statusesIn).flatMap(({ where, values }) =>
        database
          .prepare<unknown[], StoredRequest>(
            `${SELECT_REQUESTS} ${where === '' ? 'WHERE' : `${where} AND`} id >= ? AND id < ? ORDER BY id ${order === 'newest' ? 'DESC' : 'ASC'} LIMIT ?`,
          )
          .all(...values, from, to, limit),
      )
      return found
        .sort((one, other) => (order === 'newest' ? other.id - one.id : one.id - other.id))
        .slice(0, limit)
        .map(toRecord)
    },
    requestEnds() {
      const { first_id, last_id } = ends.get() as { first_id: number | null; last_id: number | null }
      return first_id === null || last_id === null ? null : { first_id, last_id }
    },
    allBefore(timeMs, from, to) {
      const found = newestIn.get(from, to) ?? null
      return found !== null && found < timeMs
    },
  }
}
