import { expect, it } from 'vitest'
import { countedRow } from '../../src/engine/store/requests/counts/request-counts.ts'
import { groupRows } from '../../src/engine/store/requests/counts/group-rows.ts'
import { rowOf } from '../renderer/support/log-stand-in.ts'

const START = Date.UTC(2026, 0, 15, 12)
const row = (id: number, more: Parameters<typeof rowOf>[0] = {}) =>
  countedRow(rowOf({ id, time: new Date(START + id).toISOString(), duration_ms: 5, ...more }))

it('groups rows that are counted alike, with the newest ID and every duration', () => {
  const [group, ...others] = groupRows([row(3), row(9, { duration_ms: 500 }), row(5)])
  expect(others).toEqual([])
  expect(group).toMatchObject({ requests: 3, id: 9, time: START })
  expect([...(group?.durations.values() ?? [])].toSorted()).toEqual([1, 2])
})

it.each<[string, Parameters<typeof rowOf>[0]]>([
  ['status', { status: 500 }],
  ['connection', { connection: 'other' }],
  ['method', { method: 'sql_query' }],
  ['token', { token: 'other' }],
  ['parent', { parent: 'other' }],
  ['token kind', { token_kind: 'owner' }],
  ['project', { project: null }],
  ['client', { client: 'other' }],
  ['transport', { transport: 'control' }],
  ['cause', { cause: 'other' }],
  ['minute', { time: new Date(START + 60_000).toISOString() }],
])('keeps rows of another %s apart', (_what, more) => {
  expect(groupRows([row(1), row(2, more), row(3)]).map(({ requests }) => requests)).toEqual([2, 1])
})

it('counts each row once, however many names alternate', () => {
  const rows = Array.from({ length: 1000 }, (_, id) => row(id, { method: `method-${id % 30}` }))
  const requests = new Map<string, number>()
  for (const group of groupRows(rows)) requests.set(group.method, (requests.get(group.method) ?? 0) + group.requests)
  expect(requests.size).toBe(30)
  expect([...requests.values()].reduce((sum, count) => sum + count, 0)).toBe(1000)
})
