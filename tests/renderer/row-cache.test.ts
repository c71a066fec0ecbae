import { expect, test } from 'vitest'
import { createRowCache } from '../../src/renderer/features/log/source/row-cache.ts'
import { rowOf } from './support/log-stand-in.ts'

test('distinguishes a row that was not read from a deleted one', () => {
  const cache = createRowCache(10)
  cache.gone(2)
  expect([cache.get(1), cache.get(2)]).toEqual([undefined, null])
})

test('an ended request never runs again, in whatever order its states arrive', () => {
  const cache = createRowCache(10)
  cache.put(rowOf({ id: 1, status: 200 }))
  cache.put(rowOf({ id: 1, status: null }))
  expect(cache.get(1)?.status).toBe(200)
})

test('an existing row is not reported as removed', () => {
  const cache = createRowCache(10)
  cache.put(rowOf({ id: 1 }))
  cache.gone(1)
  expect(cache.get(1)?.id).toBe(1)
})

test('stays within its limit, keeps what is in sight, and drops the oldest first', () => {
  const cache = createRowCache(100)
  for (let id = 1; id <= 10; id += 1) cache.put(rowOf({ id }))
  cache.protect(3, 6)
  for (let id = 11; id <= 5000; id += 1) cache.put(rowOf({ id }))
  expect(cache.size).toBeLessThanOrEqual(100)
  expect([1, 2, 3, 4, 5, 6, 7, 5000].map((id) => cache.get(id)?.id)).toEqual([
    undefined,
    undefined,
    3,
    4,
    5,
    6,
    undefined,
    5000,
  ])
})

test('keeps an open row, even out of sight', () => {
  const cache = createRowCache(100)
  cache.put(rowOf({ id: 1 }))
  cache.pin(1)
  for (let id = 2; id <= 5000; id += 1) cache.put(rowOf({ id }))
  expect([cache.get(1)?.id, cache.get(2)]).toEqual([1, undefined])
})

test('after a lost connection, reads running and missing rows again', () => {
  const cache = createRowCache(10)
  cache.put(rowOf({ id: 1, status: null }))
  cache.put(rowOf({ id: 2 }))
  cache.gone(3)
  cache.forgetRunning()
  expect([cache.get(1), cache.get(2)?.id, cache.get(3)]).toEqual([undefined, 2, undefined])
})
