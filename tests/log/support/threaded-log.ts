import { rmSync, writeFileSync } from 'node:fs'
import SqliteDatabase from 'better-sqlite3'
import { expect } from 'vitest'
import { systemClock } from '../../../src/engine/clock.ts'
import { createRequestLog } from '../../../src/engine/log/create-request-log.ts'
import type { RequestHistory, RequestLog } from '../../../src/engine/log/request-log.ts'
import { openStore } from '../../../src/engine/store/open-store.ts'
import type { Store } from '../../../src/engine/store/store.ts'
import { seedProject } from '../../store/support/data-folders.ts'
import { all, opening } from './open-log.ts'

/** `held` lasts until another fault is chosen. */
type Fault = 'none' | `${'die' | 'hang' | 'slow' | 'held'} ${'before' | 'after'}`

export interface ThreadedLog {
  store: Store
  log: RequestLog & RequestHistory
  /** Number of batches that the thread was given. */
  batches: () => number
  /** What the thread does with its next batch, before or after its commit. */
  fault(next: Fault): void
  /** Logs requests that have ended and returns the IDs of their rows. */
  add(count: number): number[]
  /** Another program's view of the rows: ID and status. */
  onDisk(): Map<number, number | null>
  /** Checks that exactly these rows are in the log, that each ended and is sealed and counted once. */
  expectWhole(ids: readonly number[]): Promise<void>
  close(): void
}

/** The next turn of the event loop, in which Node reports new threads and their messages. */
export const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })

const open: (() => void)[] = []
/** Closes the logs of a test, before their folders are removed. */
export function closeThreadedLogs(): void {
  for (const close of open.splice(0)) close()
}

/** A log whose batches go to the thread from the second one on. */
export async function threadedLog(
  home: string,
  { strict = false, pageLimit }: { strict?: boolean; pageLimit?: number } = {},
): Promise<ThreadedLog> {
  const logThread = { minWaitMs: 0, code: { name: 'faulty-log-worker', from: import.meta.url } }
  const store = openStore({ home, clock: systemClock, pageLimit, logThread })
  if (store.read.project('sales') === null) seedProject(store)
  const log = createRequestLog({
    store,
    clock: systemClock,
    strict: () => strict,
    retention: { days: 30, rows: 1_000_000 },
  })
  let batches = 0
  const { start } = store.requests
  store.requests.start = (...given) => {
    batches += 1
    start(...given)
  }
  let isOpen = true
  const close = (): void => {
    if (!isOpen) return
    isOpen = false
    log.close()
    store.close()
  }
  open.push(close)
  const add = (count: number): number[] =>
    Array.from({ length: count }, () => {
      const row = log.open(opening)
      row.close({ status: 200 })
      return row.record.id
    })
  if (!strict) {
    add(1)
    await expect.poll(() => store.requests.canStart, { timeout: 10_000 }).toBe(true)
  }
  return {
    store,
    log,
    batches: () => batches,
    fault(next) {
      if (next === 'none') rmSync(`${store.file}.fault`, { force: true })
      else writeFileSync(`${store.file}.fault`, next)
    },
    add,
    onDisk() {
      const raw = new SqliteDatabase(store.file, { readonly: true })
      try {
        return new Map(raw.prepare<[], [number, number | null]>('SELECT id, status FROM requests').raw().all())
      } finally {
        raw.close()
      }
    },
    async expectWhole(ids) {
      const rows = await log.list({ limit: 100_000 })
      const expected = [1, ...ids].toSorted((one, other) => other - one)
      expect(rows.map((row) => row.id)).toEqual(expected)
      expect(rows.filter((row) => row.status === null)).toEqual([])
      const report = (await all(store.requests.verify(new AbortController().signal))).at(-1)
      expect(report).toMatchObject({ done: true, problem: null, rows: expected.length })
      expect((await log.summary({ since: '1h', steps: 1 })).requests).toBe(expected.length)
      expect((await log.bounds())?.rows).toBe(expected.length)
    },
    close,
  }
}
