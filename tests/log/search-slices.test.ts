import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/engine/store/open-store.ts'
import { systemClock, type Clock } from '../../src/engine/clock.ts'
import { fillLog } from '../support/fill-log.ts'
import { dataFolders } from '../store/support/data-folders.ts'

const { folder } = dataFolders()

/** Every look at the clock takes longer than one slice of a search. */
function slowClock(): Clock {
  let now = 0
  return { ...systemClock, monotonic: () => (now += 10) }
}

describe('a search that takes longer than one slice', () => {
  it('finds the same rows in slices, and lets other work run between them', async () => {
    const home = folder()
    fillLog(home, 4000, { now: Date.UTC(2026, 0, 15, 12), days: 4 })
    const store = openStore({ home, clock: slowClock() })
    const whole = await store.requests.requestsBetween(
      { status: 'failed' },
      { from: 0, to: 4001, order: 'newest', limit: 60 },
    )
    expect(whole).toHaveLength(60)
    let turns = 0
    let done = false
    const others = function count(): void {
      turns += 1
      if (!done) setImmediate(count)
    }
    const searched = store.requests.scan({ status: 'failed' }, { limit: 60, budgetMs: 100_000, from: 0 })
    others()
    const { rows } = await searched
    done = true
    expect(rows).toEqual(whole)
    expect(turns).toBeGreaterThan(2)
    store.close()
  })

  it('stops at its time limit, and returns where to continue', async () => {
    const home = folder()
    fillLog(home, 4000, { now: Date.UTC(2026, 0, 15, 12), days: 4 })
    const store = openStore({ home, clock: slowClock() })
    const { rows, next_before_id: next } = await store.requests.scan(
      { text: 'nowhere at all' },
      { limit: 100, budgetMs: 25, from: 0 },
    )
    expect(rows).toEqual([])
    expect(next).toBeGreaterThan(1)
    expect(next).toBeLessThan(4000)
    store.close()
  })

  it('ends without an error if the store closes meanwhile', async () => {
    const home = folder()
    fillLog(home, 4000, { now: Date.UTC(2026, 0, 15, 12), days: 4 })
    const store = openStore({ home, clock: slowClock() })
    const searched = store.requests.scan({ text: 'nowhere' }, { limit: 100, budgetMs: 100_000, from: 0 })
    store.close()
    expect((await searched).rows).toEqual([])
  })
})
