import { expect, test } from 'vitest'
import { RunningSet } from '../../src/engine/running/running-set.ts'

test('holds what was added until it is removed, and gives its place to the next', () => {
  const set = new RunningSet<{ name: string }>()
  const [a, b, c] = ['a', 'b', 'c'].map((name) => ({ name })) as [{ name: string }, { name: string }, { name: string }]
  const place = set.add(a)
  set.add(b)
  set.remove(place, a)
  expect([...set]).toEqual([b])
  expect(set.add(c)).toBe(place)
  // A second removal must not remove what has the place now.
  set.remove(place, a)
  expect(set.size).toBe(2)
  expect([...set]).toEqual([c, b])
})

test('takes those that match, also while others are added and removed', () => {
  const set = new RunningSet<{ n: number }>()
  const places = new Map<{ n: number }, number>()
  for (let n = 0; n < 1000; n += 1) {
    const item = { n }
    places.set(item, set.add(item))
  }
  for (const [item, place] of places) if (item.n % 3 === 0) set.remove(place, item)
  const even = set.take(({ n }) => n % 2 === 0)
  expect(even.every(({ n }) => n % 2 === 0 && n % 3 !== 0)).toBe(true)
  expect(set.size + even.length).toBe(666)
  expect([...set].every(({ n }) => n % 2 === 1)).toBe(true)
  for (const item of set) set.remove(places.get(item) as number, item)
  expect(set.size).toBe(0)
})
