import { expect, test } from 'vitest'
import type { RequestRecord } from '../../src/contract/records.ts'
import { createRecentRequests } from '../../src/engine/log/recent-requests.ts'
import { createTestClock } from '../support/test-clock.ts'

test('repeated denials are counted from the start of the first one, however long it took', () => {
  const clock = createTestClock()
  const recent = createRecentRequests(clock, () => undefined)
  const starts: number[] = []
  for (let count = 0; count < 6; count += 1) {
    starts.push(clock.now())
    const time = new Date(clock.now()).toISOString()
    clock.advance(7)
    recent.ended({ time, cause: 'c1', refusal: { needed: 'write' }, records: 0 } as unknown as RequestRecord)
  }
  const [found] = recent.repeatedCauses()
  expect(found).toMatchObject({ cause: 'c1', count: 6, first_at: starts[0] })
  expect(starts.filter((start) => start >= (found?.first_at ?? Infinity))).toHaveLength(6)
})
