import type { Database } from 'better-sqlite3'
import type { RequestRecord } from '../../../contract/records.ts'
import type { StoreReaders } from '../store.ts'
import { requestConditions } from './request-conditions.ts'

type Stored = Omit<RequestRecord, 'time'> & { time: number }
type RequestReaders = Pick<
  StoreReaders,
  | 'requests'
  | 'request'
  | 'requestsBetween'
  | 'requestEnds'
  | 'requestBounds'
  | 'allBefore'
  | 'newestRequest'
  | 'requestsSince'
>

const DEFAULT_LIMIT = 100

const SELECT = `SELECT id, time, request_id, project, token, token_kind, parent, client, transport, method, connection, resource,
  status, code, duration_ms, bytes_in, bytes_out, records FROM requests`

export function requestReaders(database: Database, rowCount: () => number): RequestReaders {
  const since = database.prepare<[number], number>('SELECT count(*) FROM requests WHERE time >= ?').pluck()
  const byId = database.prepare<[number], Stored>(`${SELECT} WHERE id = ?`)
  const ends = database.prepare<[], { first_id: number | null; last_id: number | null }>(
    'SELECT (SELECT min(id) FROM requests) AS first_id, (SELECT max(id) FROM requests) AS last_id',
  )
  const newestIn = database
    .prepare<[number, number], number | null>('SELECT max(time) FROM requests WHERE id >= ? AND id < ?')
    .pluck()
  const newest = database
    .prepare<[], number>(
      "SELECT time FROM (SELECT id, time, transport FROM requests ORDER BY id DESC LIMIT 1000) WHERE transport <> 'control' ORDER BY id DESC LIMIT 1",
    )
    .pluck()

  function requestEnds(): { first_id: number; last_id: number } | null {
    const { first_id, last_id } = ends.get() as { first_id: number | null; last_id: number | null }
    return first_id === null || last_id === null ? null : { first_id, last_id }
  }

  return {
    requests(filter) {
      const { where, values } = requestConditions(filter)
      return database
        .prepare<unknown[], Stored>(`${SELECT} ${where} ORDER BY id DESC LIMIT ?`)
        .all(...values, filter.limit ?? DEFAULT_LIMIT)
        .map(toRecord)
    },
    request(id) {
      const stored = byId.get(id)
      return stored === undefined ? null : toRecord(stored)
    },
    requestsBetween({ before_id: _before, limit: _limit, ...filter }, { from, to, order, limit }) {
      const { where, values } = requestConditions(filter)
      return database
        .prepare<unknown[], Stored>(
          `${SELECT} ${where === '' ? 'WHERE' : `${where} AND`} id >= ? AND id < ? ORDER BY id ${order === 'newest' ? 'DESC' : 'ASC'} LIMIT ?`,
        )
        .all(...values, from, to, limit)
        .map(toRecord)
    },
    requestEnds,
    requestBounds() {
      const found = requestEnds()
      return found === null ? null : { ...found, rows: rowCount() }
    },
    allBefore(instantMs, from, to) {
      const found = newestIn.get(from, to) ?? null
      return found !== null && found < instantMs
    },
    newestRequest: () => newest.get() ?? null,
    requestsSince: (instantMs) => since.get(instantMs) as number,
  }
}

function toRecord(stored: Stored): RequestRecord {
  return { ...stored, time: new Date(stored.time).toISOString() }
}
