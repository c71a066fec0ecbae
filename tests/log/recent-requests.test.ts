import { expect, test } from 'vitest'
import { countAgents } from '../../src/contract/tokens/active-agents.ts'
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

test('a token that only created a session token is not active beside it, and both are one agent', () => {
  const clock = createTestClock()
  const recent = createRecentRequests(clock, () => undefined)
  let id = 0
  const request = (parent: string | null, token: string, method: string, project = 'demo'): void => {
    const time = new Date(clock.now()).toISOString()
    id += 1
    const row = { id, time, project, parent, token, method, transport: 'http', token_state: 'active' }
    recent.opened(row as unknown as RequestRecord)
  }
  const active = () => recent.callers().map(({ parent, token }) => [parent, token])
  request(null, 'ci', 'request_session_token')
  request(null, 'ci', 'request_session_token', 'other')
  expect(active()).toEqual([
    [null, 'ci'],
    [null, 'ci'],
  ])
  request('ci', 'import-1', 'get_records')
  expect(active()).toEqual([
    ['ci', 'import-1'],
    [null, 'ci'],
  ])
  expect(countAgents(recent.callers())).toBe(2)
  request(null, 'ci', 'get_records')
  request('owner', 's-1', 'get_records')
  request('owner', 's-2', 'get_records')
  expect(active()).toHaveLength(5)
  expect(countAgents(recent.callers())).toBe(4)
})

test('of more tokens than are kept, the one with the oldest request is dropped', () => {
  const clock = createTestClock()
  const recent = createRecentRequests(clock, () => undefined)
  const time = new Date(clock.now()).toISOString()
  const request = (id: number, token: string): void =>
    recent.opened({
      id,
      time,
      project: 'demo',
      parent: null,
      token,
      method: 'GET',
      transport: 'http',
      token_state: 'active',
    } as unknown as RequestRecord)
  for (let id = 1; id <= 500; id += 1) request(id, `t${id}`)
  // Its newest request counts, not its first.
  request(501, 't1')
  request(502, 'late')
  const names = recent.callers().map(({ token }) => token)
  expect(names.slice(0, 3)).toEqual(['late', 't1', 't500'])
  expect(names).toHaveLength(500)
  expect(names).not.toContain('t2')
})
