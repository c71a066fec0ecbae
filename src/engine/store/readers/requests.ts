import type { Database } from 'better-sqlite3'
import type { RequestRecord } from '../../../contract/records.ts'
import type { StoreReaders } from '../store.ts'
import { requestConditions } from './request-conditions.ts'

type Stored = Omit<RequestRecord, 'time'> & { time: number }

const DEFAULT_LIMIT = 100

const SELECT = `SELECT id, time, request_id, project, token, token_kind, parent, client, transport, method, connection, resource,
  status, code, duration_ms, bytes_in, bytes_out, records FROM requests`

export function requestReaders(database: Database): Pick<StoreReaders, 'requests' | 'requestsSince'> {
  const since = database.prepare<[number], number>('SELECT count(*) FROM requests WHERE time >= ?').pluck()
  return {
    requests(filter) {
      const { where, values } = requestConditions(filter)
      return database
        .prepare<unknown[], Stored>(`${SELECT} ${where} ORDER BY id DESC LIMIT ?`)
        .all(...values, filter.limit ?? DEFAULT_LIMIT)
        .map((stored) => ({ ...stored, time: new Date(stored.time).toISOString() }))
    },
    requestsSince: (instantMs) => since.get(instantMs) as number,
  }
}
