import { HallpassError } from '../../contract/errors.ts'
import type { RequestFilter } from '../../contract/owner-api/requests-api.ts'
import type { RequestRecord } from '../../contract/records.ts'
import type { Clock } from '../clock.ts'
import type { RequestQuery } from '../store/requests/request-store.ts'
import type { Scan } from '../store/requests/scan-requests.ts'
import type { Store } from '../store/store.ts'
import { cleanOrNull } from '../text/clean-text.ts'
import { exportRequests } from './export-requests.ts'
import { createFeed } from './feed.ts'
import { rowMatcher } from './matches-filter.ts'
import type { OpenRequest, RequestHistory, RequestLog, RequestOpening, RequestOutcome } from './request-log.ts'
import { createRecentRequests } from './recent-requests.ts'
import { startRetention, type Retention } from './retention.ts'
import { sinceInstant } from './time-range.ts'
import { openingRecord } from './opening-record.ts'
import { createTimestamps } from './timestamps.ts'
import { causeOf, checksOnly, hundredths, roundedTiming, totalOf, wholeNumber } from './outcome-details.ts'
import { logFigures } from './counts/log-figures.ts'
import { countRequestsSince } from './counts/summarise.ts'
import type { Entry } from './row-batch.ts'
import { createWriteQueue } from './write-queue.ts'

const UNAVAILABLE =
  "The request log can't be written, so requests are rejected. Check free disk space and the permissions of the data folder."
const DEFAULT_LIMIT = 100
/** A scan returns what it has after this long, so that its reader can show progress. */
const SCAN_BUDGET_MS = 250

interface RequestLogOptions {
  store: Pick<Store, 'requests'>
  clock: Clock
  /** Returns whether a request's row must be on disk before the request is served. */
  strict: () => boolean
  retention: Retention
  /** Called when requests start to be denied again and again for one cause. */
  onRepeatedDenials?: () => void
}

/** Creates the request log of a store, and closes rows that a crash left open as INTERRUPTED. */
export function createRequestLog({
  store,
  clock,
  strict,
  retention,
  onRepeatedDenials = () => undefined,
}: RequestLogOptions): RequestLog & RequestHistory {
  const { requests } = store
  requests.closeInterrupted()
  let lastId = requests.highestId()
  let lastRequest = requests.newestTime()
  const timestampOf = createTimestamps()
  let day: { from: number; requests: number } | null = null
  let closed = false
  const queue = createWriteQueue(requests, strict)
  const feed = createFeed()
  const recent = createRecentRequests(clock, onRepeatedDenials)
  const stopRetention = startRetention(requests, clock, retention)

  function unavailable(): HallpassError {
    return new HallpassError('LOG_UNAVAILABLE', UNAVAILABLE, { cause: queue.failure })
  }

  function newEntry(opening: RequestOpening): Entry {
    lastId += 1
    const now = clock.now()
    if (opening.transport !== 'control') lastRequest = now
    if (day !== null) day.requests += 1
    const record = openingRecord(lastId, timestampOf(now), opening)
    recent.opened(record)
    return { record, inserted: false, isWaiting: false }
  }

  function complete(record: RequestRecord, outcome: RequestOutcome, duration: number): void {
    record.status = Math.trunc(outcome.status)
    record.code = cleanOrNull(outcome.code)
    record.cause = causeOf(record)
    record.timing = outcome.timing === undefined || outcome.timing === null ? null : roundedTiming(outcome.timing)
    record.duration_ms = record.timing === null ? hundredths(duration) : totalOf(record.timing)
    record.bytes_in = wholeNumber(outcome.bytes_in)
    record.bytes_out = wholeNumber(outcome.bytes_out)
    record.records = wholeNumber(outcome.records)
    record.change = outcome.change ?? null
  }

  function open(opening: RequestOpening): OpenRequest {
    if (closed || !queue.healthy) throw unavailable()
    const entry = newEntry(opening)
    queue.add(entry)
    // A pending batch may have failed just now. In strict mode, this row must be on disk.
    const stored = strict() ? queue.flush() : queue.healthy
    if (!stored) {
      if (entry.inserted) {
        // It is on its way to disk.
        complete(entry.record, { status: 503, code: 'LOG_UNAVAILABLE' }, 0)
        queue.add(entry)
        feed.publish(entry.record)
      } else queue.drop(entry)
      if (!entry.inserted && day !== null) day.requests -= 1
      throw unavailable()
    }
    const started = opening.arrived ?? clock.monotonic()
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
        recent.ended(entry.record)
      },
    }
  }

  function rejected(opening: RequestOpening, outcome: RequestOutcome): void {
    if (closed) return
    const entry = newEntry(opening)
    const checks = opening.arrived === undefined ? null : clock.monotonic() - opening.arrived
    complete(entry.record, { ...outcome, timing: checks === null ? null : checksOnly(checks) }, 0)
    recent.ended(entry.record)
    if (queue.add(entry)) feed.publish(entry.record)
    else if (day !== null) day.requests -= 1
  }

  /** The filter with its times read; malformed ones are rejected here. */
  function readFilter<F extends RequestFilter>(filter: F): F & RequestQuery {
    const now = clock.now()
    const query: F & RequestQuery = { ...filter }
    if (filter.since !== undefined) query.since_ms = sinceInstant(filter.since, now)
    if (filter.until !== undefined) query.until_ms = sinceInstant(filter.until, now, 'until')
    rowMatcher(query)
    return query
  }

  /** Returns rows that can't be written at the moment, followed by those of the store. */
  function withUnwritten(query: RequestQuery, stored: RequestRecord[], limit: number, oldest: number): RequestRecord[] {
    const unwritten = new Map(queue.waiting().map((row) => [row.id, row]))
    if (unwritten.size === 0) return stored
    const matches = rowMatcher(query)
    const newer = [...unwritten.values()].filter((row) => row.id > oldest && matches(row)).map((row) => ({ ...row }))
    return [...newer, ...stored.filter((row) => !unwritten.has(row.id))]
      .sort((one, other) => other.id - one.id)
      .slice(0, limit)
  }

  async function list(filter: RequestFilter): Promise<RequestRecord[]> {
    const query = readFilter(filter)
    const limit = filter.limit ?? DEFAULT_LIMIT
    if (!closed) queue.flush()
    const rows: RequestRecord[] = []
    let before = query.before_id
    for (;;) {
      const page = await scanStored(
        { ...query, ...(before === undefined ? {} : { before_id: before }) },
        limit - rows.length,
      )
      rows.push(...page.rows)
      if (rows.length >= limit || page.next_before_id === null) break
      before = page.next_before_id
    }
    return withUnwritten(query, rows, limit, -1)
  }

  async function scanStored(query: RequestQuery, limit: number): Promise<Scan> {
    const ids = await requests.idsWithin(query.since_ms, query.until_ms)
    const bounded = { ...query, before_id: Math.min(query.before_id ?? Infinity, ids.to + 1) }
    return requests.scan(bounded, { limit, budgetMs: SCAN_BUDGET_MS, from: ids.from })
  }

  async function scan(filter: RequestFilter): Promise<Scan> {
    const query = readFilter(filter)
    const limit = filter.limit ?? DEFAULT_LIMIT
    if (!closed && queue.waiting().some((row) => row.id < (filter.before_id ?? Infinity))) queue.flush()
    const { rows, next_before_id } = await scanStored(query, limit)
    const oldest = next_before_id ?? -1
    const all = withUnwritten(query, rows, Infinity, oldest)
    return { rows: all, next_before_id }
  }

  async function get(id: number): Promise<RequestRecord | null> {
    const waiting = queue.waiting().find((row) => row.id === id)
    return waiting === undefined ? requests.request(id) : { ...waiting }
  }

  /** Counts what has ended so far and returns the time. */
  function countedNow(): number {
    if (!closed && queue.flush()) queue.count()
    return clock.now()
  }

  return {
    get healthy() {
      return !closed && queue.healthy
    },
    open,
    rejected,
    list,
    scan,
    get,
    async bounds() {
      if (!closed) queue.flush()
      return requests.requestBounds()
    },
    ...logFigures({ requests, countedNow, get, readFilter }),
    export(selection, format, signal) {
      const query = readFilter(selection)
      if (!closed) queue.flush()
      return exportRequests(requests, query, format, signal)
    },
    activeCallers: () => recent.callers().map((row) => ({ ...row })),
    repeatedCauses: recent.repeatedCauses,
    verify(signal) {
      if (!closed) queue.flush()
      return requests.verify(signal)
    },
    async requestsSince(timeMs) {
      if (day?.from !== timeMs) {
        if (!closed && queue.flush()) queue.count()
        const counted = await countRequestsSince(requests, timeMs, clock.now())
        day = { from: timeMs, requests: counted + queue.uncounted }
      }
      return day.requests
    },
    get lastRequestAt() {
      return lastRequest === null ? null : new Date(lastRequest).toISOString()
    },
    follow({ before_id: _page, ...filter }, signal) {
      return feed.subscribe(rowMatcher(readFilter(filter)), signal)
    },
    async payloadsStored(ids) {
      for (const id of ids) {
        const row = await requests.request(id)
        if (row !== null && !closed) feed.publish(row)
      }
    },
    flush() {
      if (!closed && queue.flush()) queue.count()
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
