import { afterEach, describe, expect, it, vi } from 'vitest'
import { createRequestLog } from '../../src/engine/log/create-request-log.ts'
import { dataFolders, movableClock } from '../store/support/data-folders.ts'
import { opening } from '../log/support/open-log.ts'

const { folder, open } = dataFolders()
afterEach(() => void vi.useRealTimers())

const ROWS = 12_000
const LIMIT = 1_000
/** Rows are removed in whole batches of at most 500. */
const MAX_SLICE = 1_500
const FIRST_LOOK_MS = 1_000

describe('a lower limit of the request log', () => {
  it('takes effect within a minute, in slices between which requests are served', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const store = open(folder())
    const retention = { days: 30, rows: 1_000_000 }
    const prune = vi.spyOn(store.requests, 'prune')
    const log = createRequestLog({ store, clock: movableClock(), strict: () => true, retention })
    for (let row = 0; row < ROWS; row += 1) log.rejected(opening, { status: 200 })
    log.flush()
    await vi.advanceTimersByTimeAsync(FIRST_LOOK_MS)
    expect((await log.list({ limit: 1 }))[0]?.id).toBe(ROWS)
    const looked = prune.mock.results.length

    retention.rows = LIMIT
    let served = 0
    // A strict row is on disk when `open` returns, so the deletion holds neither the thread nor the file.
    const serveOne = (): void => {
      log.open(opening).close({ status: 200 })
      served += 1
    }
    for (let passed = 0; passed < 60_000; passed += 10) {
      await vi.advanceTimersByTimeAsync(10)
      if (passed % 1_000 === 0) serveOne()
    }
    const slices = (await Promise.all(prune.mock.results.slice(looked).map(({ value }) => value))) as number[]
    const removed = slices.reduce((sum, rows) => sum + rows, 0)
    expect(served).toBe(60)
    expect(Math.max(...slices)).toBeLessThanOrEqual(MAX_SLICE)
    expect(slices.filter((rows) => rows > 0).length).toBeGreaterThanOrEqual((ROWS - LIMIT) / MAX_SLICE)
    // Rows of the last half minute are deleted by the next run.
    expect(ROWS + served - removed).toBeLessThanOrEqual(LIMIT + served)
    let report: { problem?: unknown } = {}
    for await (const next of log.verify(new AbortController().signal)) report = next
    expect(report).toMatchObject({ rows: ROWS + served - removed })
    log.close()
  })
})
