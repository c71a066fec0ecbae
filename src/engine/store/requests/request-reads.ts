import type { Database, Statement } from 'better-sqlite3'
import { candidateReads } from './request-blocks.ts'
import { requestConditions } from './request-conditions.ts'
import { SELECT_REQUESTS, toRecord, type StoredRequest } from './request-rows.ts'
import type { KeyedRow } from './counts/request-key-counts.ts'
import type { Measures, RequestQuery, ScanReads } from './request-store.ts'

const SELECT_MEASURES = `SELECT time, status, duration_ms,
  iif(checks_ms IS NULL, NULL, checks_ms + coalesce(reply_ms, 0)) AS ours_ms FROM requests`

const SELECT_NAMES = `SELECT id, time, project, connection, token, token_kind, parent, client, method, transport, cause, status
  FROM requests`

/** Statements for one filter after another would otherwise stay forever. */
const MAX_STATEMENTS = 50

/** Reads of the request log over one database connection. */
export function requestReads(database: Database): ScanReads {
  const byId = database.prepare<[number], StoredRequest>(`${SELECT_REQUESTS} WHERE id = ?`)
  const ends = database.prepare<[], { first_id: number | null; last_id: number | null }>(
    'SELECT (SELECT min(id) FROM requests) AS first_id, (SELECT max(id) FROM requests) AS last_id',
  )
  const from = database.prepare<[number], { id: number; time: number }>(
    'SELECT id, time FROM requests WHERE id >= ? ORDER BY id LIMIT 1',
  )
  const statements = new Map<string, Statement<unknown[]>>()

  function prepared(sql: string): Statement<unknown[]> {
    let statement = statements.get(sql)
    if (statement !== undefined) return statement
    if (statements.size >= MAX_STATEMENTS) statements.clear()
    statement = database.prepare<unknown[]>(sql)
    statements.set(sql, statement)
    return statement
  }

  function requestEnds(): { first_id: number; last_id: number } | null {
    const { first_id, last_id } = ends.get() as { first_id: number | null; last_id: number | null }
    return first_id === null || last_id === null ? null : { first_id, last_id }
  }

  function ended(select: string, query: RequestQuery, lowest: number, to: number): unknown[] {
    const { where, values } = requestConditions(query)
    const sql = `${select} WHERE id >= ? AND id < ? AND status IS NOT NULL ${where} ORDER BY id DESC`
    return prepared(sql).all(lowest, to, ...values)
  }

  return {
    lastCandidate: candidateReads(database),
    request(id) {
      const stored = byId.get(id)
      return stored === undefined ? null : toRecord(stored)
    },
    requestsBetween(query, { from: lowest, to, order, limit }) {
      const { where, values } = requestConditions(query)
      const direction = order === 'newest' ? 'DESC' : 'ASC'
      return prepared(`${SELECT_REQUESTS} WHERE id >= ? AND id < ? ${where} ORDER BY id ${direction} LIMIT ?`)
        .all(lowest, to, ...values, limit)
        .map((stored) => toRecord(stored as StoredRequest))
    },
    measuresBetween: (query, lowest, to) => ended(SELECT_MEASURES, query, lowest, to) as Measures[],
    namedBetween: (query, lowest, to) => ended(SELECT_NAMES, query, lowest, to) as KeyedRow[],
    requestEnds,
    idAt(timeMs) {
      const bounds = requestEnds()
      if (bounds === null) return null
      let [low, high] = [bounds.first_id, bounds.last_id + 1]
      while (low < high) {
        const middle = Math.floor((low + high) / 2)
        const row = from.get(middle)
        if (row === undefined || row.time >= timeMs) high = middle
        else low = row.id + 1
      }
      return low > bounds.last_id ? null : (from.get(low)?.id ?? null)
    },
  }
}
