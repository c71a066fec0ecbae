import { HallpassError } from '../../contract/errors.ts'
import type { RequestFilter } from '../../contract/owner-api/requests-api.ts'
import type { RequestRecord } from '../../contract/records.ts'
import type { Clock } from '../clock.ts'
import type { Store } from '../store/store.ts'
import { cleanOrNull, cleanText } from '../text/clean-text.ts'
import { exportRequests } from './export-requests.ts'
import { createFeed } from './feed.ts'
import { rowMatcher } from './matches-filter.ts'
import type { Scan } from './scan-requests.ts'
import type { OpenRequest, RequestHistory, RequestLog, RequestOpening, RequestOutcome } from './request-log.ts'
import { startRetention } from './retention.ts'
import type { Retention } from './retention.ts'
import { scanRequests } from './scan-requests.ts'
import { sinceInstant } from './since.ts'
import { summarise } from './summarise.ts'
import { createWriteQueue } from './write-queue.ts'
import type { Entry } from './write-queue.ts'

const DEFAULT_LIMIT = 100

export interface RequestLogOptions {
  store: Store
  clock: Clock
  /** Asked at every request: whether its row must be on disk before it is served. */
  strict: () => boolean
  retention: Retention
}

/** The request log over a store. Rows that a crash left open are closed with status 0 and code INTERRUPTED. */
export function createRequestLog({ store, clock, strict, retention }: RequestLogOptions): RequestLog & RequestHistory {
  store.write.closeInterruptedRequests()
  let lastId = store.write.highestRequestId()
  let lastRequest = store.read.newestRequest()
  // Counted once a day, since a million rows are not counted in no time, and kept from then on.
  let day: { from: number; requests: number } | null = null
  let closed = false
  const queue = createWriteQueue(store)
  const feed = createFeed()
  const stopRetention = startRetention(store, clock, retention)

  function unavailable(): HallpassError {
    const sentence =
      'The request log cannot be written, so nothing is served. Check the free space and permissions of Hallpass’s data folder.'
    return new HallpassError('LOG_UNAVAILABLE', sentence, { cause: queue.failure })
  }

  function newEntry(opening: RequestOpening): Entry {
    lastId += 1
    const now = clock.now()
    if (opening.transport !== 'control') lastRequest = now
    if (day !== null) day.requests += 1
    return { record: openingRecord(lastId, now, opening), inserted: false }
  }

  function complete(record: RequestRecord, outcome: RequestOutcome, duration: number): void {
    record.status = Math.trunc(outcome.status)
    record.code = cleanOrNull(outcome.code)
    record.duration_ms = Math.max(0, Math.round(duration * 100) / 100)
    record.bytes_in = wholeNumber(outcome.bytes_in)
    record.bytes_out = wholeNumber(outcome.bytes_out)
    record.records = wholeNumber(outcome.records)
  }

  function open(opening: RequestOpening): OpenRequest {
    if (closed || !queue.healthy) throw unavailable()
    const entry = newEntry(opening)
    queue.add(entry)
    // A batch that was due may have failed just now; in strict mode this row must be in one that did not.
    const kept = strict() ? queue.flush() : queue.healthy
    if (!kept) {
      queue.drop(entry)
      if (day !== null) day.requests -= 1
      throw unavailable()
    }
    const started = clock.monotonic()
    feed.publish(entry.record)
    let ended = false
    return {
      record: entry.record,
      close(outcome) {
        if (ended) return
        ended = true
        complete(entry.record, outcome, clock.monotonic() - started)
        if (!closed) queue.add(entry)
        feed.publish(entry.record)
      },
    }
  }

  function refused(opening: RequestOpening, outcome: RequestOutcome): void {
    if (closed) return
    const entry = newEntry(opening)
    complete(entry.record, outcome, 0)
    if (queue.add(entry)) feed.publish(entry.record)
  }

  function list(filter: RequestFilter): RequestRecord[] {
    const sinceMs = filter.since === undefined ? undefined : sinceInstant(filter.since, clock.now())
    const matches = rowMatcher(filter, sinceMs)
    const written = closed || queue.flush()
    const rows = store.read.requests(sinceMs === undefined ? filter : { ...filter, since_ms: sinceMs })
    if (written) return rows
    const waiting = queue.waiting()
    const ids = new Set(waiting.map((row) => row.id))
    return [...waiting.filter(matches).map((row) => ({ ...row })), ...rows.filter((row) => !ids.has(row.id))]
      .sort((one, other) => other.id - one.id)
      .slice(0, filter.limit ?? DEFAULT_LIMIT)
  }

  /** The filter with its `since` read; malformed ones are refused here. */
  function read<F extends RequestFilter>(filter: F): F & { since_ms?: number } {
    const sinceMs = filter.since === undefined ? undefined : sinceInstant(filter.since, clock.now())
    rowMatcher(filter, sinceMs)
    return sinceMs === undefined ? filter : { ...filter, since_ms: sinceMs }
  }

  function scan(filter: RequestFilter): Scan {
    const wanted = read(filter)
    const limit = filter.limit ?? DEFAULT_LIMIT
    const waiting = queue.waiting()
    const recent = waiting.some((row) => row.id < (filter.before_id ?? Infinity))
    if (!recent || closed || queue.flush()) return scanRequests(store, wanted, limit)
    const { rows, next_before_id } = scanRequests(store, wanted, limit)
    const unwritten = new Map(queue.waiting().map((row) => [row.id, row]))
    const oldest = rows.at(-1)?.id ?? -1
    const newer = [...unwritten.values()]
      .filter((row) => row.id > oldest && rowMatcher(filter, wanted.since_ms)(row))
      .map((row) => ({ ...row }))
    return {
      rows: [...newer, ...rows.filter((row) => !unwritten.has(row.id))].sort((one, other) => other.id - one.id),
      next_before_id,
    }
  }

  return {
    open,
    refused,
    list,
    scan,
    get(id) {
      const waiting = queue.waiting().find((row) => row.id === id)
      return waiting === undefined ? store.read.request(id) : { ...waiting }
    },
    bounds() {
      if (!closed) queue.flush()
      return store.read.requestBounds()
    },
    summary({ project, connection, since, steps }) {
      if (!closed && queue.flush()) queue.count()
      const now = clock.now()
      return summarise(store, now, { project, connection, steps, sinceMs: sinceInstant(since, now) })
    },
    export(selection, format, signal) {
      const wanted = read(selection)
      if (!closed) queue.flush()
      return exportRequests(store, wanted, format, signal)
    },
    requestsSince(instantMs) {
      if (day?.from !== instantMs) {
        if (!closed) queue.flush()
        day = { from: instantMs, requests: store.read.requestsSince(instantMs) }
      }
      return day.requests
    },
    get lastRequestAt() {
      return lastRequest === null ? null : new Date(lastRequest).toISOString()
    },
    follow(filter, signal) {
      const { before_id: _page, ...live } = filter
      return feed.subscribe(
        rowMatcher(live, live.since === undefined ? undefined : sinceInstant(live.since, clock.now())),
        signal,
      )
    },
    flush() {
      if (!closed) queue.flush()
    },
    close() {
      if (closed) return
      closed = true
      stopRetention()
      queue.close()
      feed.end()
    },
  }
}

function openingRecord(id: number, now: number, opening: RequestOpening): RequestRecord {
  return {
    id,
    time: new Date(now).toISOString(),
    request_id: cleanText(opening.request_id),
    project: cleanOrNull(opening.project),
    token: cleanOrNull(opening.token),
    token_kind: opening.token_kind ?? null,
    parent: cleanOrNull(opening.parent),
    client: cleanOrNull(opening.client),
    transport: opening.transport,
    method: cleanText(opening.method),
    connection: cleanOrNull(opening.connection),
    resource: cleanOrNull(opening.resource),
    status: null,
    code: null,
    duration_ms: null,
    bytes_in: 0,
    bytes_out: 0,
    records: 0,
  }
}

function wholeNumber(value: number | undefined): number {
  return value === undefined || !(value > 0) ? 0 : Math.min(Math.trunc(value), Number.MAX_SAFE_INTEGER)
}
