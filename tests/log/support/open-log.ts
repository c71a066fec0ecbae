import { onTestFinished } from 'vitest'
import { createRequestLog } from '../../../src/engine/log/create-request-log.ts'
import type { RequestHistory, RequestLog, RequestOpening } from '../../../src/engine/log/request-log.ts'
import type { Store } from '../../../src/engine/store/store.ts'
import { movableClock, type MovableClock } from '../../store/support/data-folders.ts'

export const opening: RequestOpening = {
  request_id: 'r-1',
  transport: 'proxy',
  method: 'get_records',
  project: 'sales',
  token: 'agent',
  connection: 'crm',
  resource: 'Orders',
}

export interface OpenLog {
  log: RequestLog & RequestHistory
  clock: MovableClock
  add(more?: Partial<RequestOpening>, outcome?: { status?: number; code?: string; ms?: number }): void
}

/** A log over the store, closed when the test is over. `add` logs one request that takes `ms`. */
export function openLog(
  store: Store,
  { clock = movableClock(), days = 30, rows = 1_000_000 }: { clock?: MovableClock; days?: number; rows?: number } = {},
): OpenLog {
  const log = createRequestLog({ store, clock, strict: () => false, retention: { days, rows } })
  onTestFinished(() => log.close())
  return {
    log,
    clock,
    add(more = {}, { status = 200, code, ms = 1 } = {}) {
      const row = log.open({ ...opening, ...more })
      clock.move(ms)
      row.close({ status, ...(code === undefined ? {} : { code }) })
    },
  }
}

export async function all<T>(events: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const event of events) found.push(event)
  return found
}
