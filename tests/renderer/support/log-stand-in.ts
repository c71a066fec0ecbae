import type { RequestFilter } from '../../../src/contract/owner-api/requests-api.ts'
import type { RequestRecord } from '../../../src/contract/records.ts'
import { createFeed } from '../../../src/engine/log/feed.ts'
import { rowMatcher } from '../../../src/engine/log/matches-filter.ts'
import type { LogReads } from '../../../src/renderer/features/log/source/log-reads.ts'

/** Rows that one scan looks at. */
const SCANNED = 500

export interface LogStandIn extends LogReads {
  /** Opens a row; with a status it ends at once. Answers its number. */
  add(row?: Partial<RequestRecord>): number
  end(id: number, status: number): void
  /** What retention does. */
  prune(downTo: number): void
  /** Ends every stream and rejects calls until `recover`. */
  lose(): void
  recover(): void
  /** How many rows were read in lists. */
  readonly read: number
  readonly scans: number
}

export function rowOf(row: Partial<RequestRecord>): RequestRecord {
  const id = row.id ?? 1
  return {
    id,
    time: new Date(1_700_000_000_000 + id * 1000).toISOString(),
    request_id: `r-${id}`,
    project: 'demo',
    token: 'claude',
    token_kind: 'access',
    token_hash: null,
    parent: null,
    client: null,
    transport: 'proxy',
    method: 'get_records',
    connection: 'sales',
    resource: 'Orders',
    permission: null,
    grant: null,
    missing: null,
    token_state: 'active',
    token_prefix: null,
    refusal: null,
    cause: null,
    timing: null,
    status: 200,
    code: null,
    duration_ms: 1,
    bytes_in: 0,
    bytes_out: 0,
    records: 0,
    change: null,
    has_payload: false,
    ...row,
  }
}

/** A log in memory that responds like the engine's, with its own feed and filter matching. */
export function createLogStandIn(rows = 0): LogStandIn {
  const kept = new Map<number, RequestRecord>()
  let lastId = 0
  let lost = false
  let read = 0
  let scans = 0
  let feed = createFeed()
  const add = (row: Partial<RequestRecord> = {}): number => {
    lastId += 1
    const record = rowOf({ ...row, id: lastId })
    kept.set(lastId, record)
    feed.publish(record)
    return lastId
  }
  for (let count = 0; count < rows; count += 1) add()

  const call = async <T>(answer: () => T): Promise<T> => {
    await Promise.resolve()
    if (lost) throw new TypeError('fetch failed')
    return answer()
  }
  const pick = (filter: RequestFilter, from: number, downTo: number, most: number): RequestRecord[] => {
    const { before_id: _page, limit: _limit, ...rest } = filter
    const matches = rowMatcher(rest)
    const picked: RequestRecord[] = []
    for (let id = from; id >= downTo && picked.length < most; id -= 1) {
      const row = kept.get(id)
      if (row !== undefined && matches(row)) picked.push({ ...row })
    }
    return picked
  }
  return {
    add,
    end(id, status) {
      const row = { ...(kept.get(id) as RequestRecord), status, duration_ms: 5 }
      kept.set(id, row)
      feed.publish(row)
    },
    prune(downTo) {
      for (const id of kept.keys()) if (id < downTo) kept.delete(id)
    },
    lose() {
      lost = true
      feed.end()
      feed = createFeed()
    },
    recover() {
      lost = false
    },
    get read() {
      return read
    },
    get scans() {
      return scans
    },
    follow: (filter, signal) => call(() => feed.subscribe(rowMatcher(filter), signal)),
    list: (filter) =>
      call(() => {
        const found = pick(filter, Math.min(lastId, (filter.before_id ?? Infinity) - 1), 1, filter.limit ?? 100)
        read += found.length
        return found
      }),
    scan: (filter) =>
      call(() => {
        scans += 1
        const from = Math.min(lastId, (filter.before_id ?? Infinity) - 1)
        const downTo = Math.max(1, from - SCANNED + 1)
        const found = pick(filter, from, downTo, filter.limit ?? 100)
        const reached = found.length === (filter.limit ?? 100) ? (found.at(-1)?.id ?? downTo) : downTo
        return { rows: found, next_before_id: reached <= 1 ? null : reached }
      }),
    bounds: () =>
      call(() => (kept.size === 0 ? null : { first_id: Math.min(...kept.keys()), last_id: lastId, rows: kept.size })),
  }
}
