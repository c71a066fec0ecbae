import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFoundList, createRangeList, type IdList } from '../../src/renderer/features/log/source/id-list.ts'

function all(list: IdList): number[] {
  return Array.from({ length: list.count }, (_, index) => list.idAt(index))
}

describe('the rows of the unfiltered log', () => {
  test('are empty before anything is loaded', () => {
    const list = createRangeList()
    expect([list.count, list.staged, list.indexOf(1)]).toEqual([0, 0, -1])
  })

  test('reach from the newest to the oldest', () => {
    const list = createRangeList()
    list.reach(11, 15, false)
    expect(all(list)).toEqual([15, 14, 13, 12, 11])
    expect([list.indexOf(16), list.indexOf(15), list.indexOf(11), list.indexOf(10)]).toEqual([-1, 0, 4, -1])
  })

  test('start with the first row of an empty log', () => {
    const list = createRangeList()
    list.take(7, false)
    expect(all(list)).toEqual([7])
  })

  test('hold rows back that arrive while paused, without duplicates', () => {
    const list = createRangeList()
    list.reach(1, 3, false)
    for (const id of [4, 5, 4, 5]) list.take(id, true)
    expect([list.count, list.staged]).toEqual([3, 2])
    list.release()
    expect([list.count, list.staged]).toEqual([5, 0])
  })
})

describe('a view that is paused from its start', () => {
  test('shows existing rows, and holds only later ones back', () => {
    const list = createRangeList()
    list.take(101, true)
    list.reach(1, 100, true)
    expect([list.count, list.staged, list.idAt(0)]).toEqual([100, 1, 100])
  })

  test('of an empty log counts the rows that arrive', () => {
    const list = createRangeList()
    list.take(7, true)
    list.take(8, true)
    expect([list.count, list.staged]).toEqual([0, 2])
    list.release()
    expect(all(list)).toEqual([8, 7])
  })
})

describe('the rows that match a filter', () => {
  test('puts a row that ended late in its place, not on top', () => {
    const list = createFoundList()
    list.found([50, 40, 30], 25)
    list.take(60, false)
    list.take(45, false)
    expect(all(list)).toEqual([60, 50, 45, 40, 30])
  })

  test('holds back a row below the part already loaded', () => {
    const list = createFoundList()
    list.found([50, 40], 35)
    list.take(20, false)
    expect(all(list)).toEqual([50, 40])
    list.found([20, 10], 1)
    expect(all(list)).toEqual([50, 40, 20, 10])
  })

  test('shows each row once, newest first, in whatever order rows arrive', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 200 }), { maxLength: 60 }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 260 }), fc.boolean()), { maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        (matching, arriving, piece) => {
          const list = createFoundList()
          const old = [...matching].sort((one, other) => other - one)
          const expected = new Set(matching)
          let downTo = 201
          for (const [id, held] of arriving) {
            // What arrives below the looked-at part matches, and so will be found there.
            if (id <= 200 && !expected.has(id)) continue
            expected.add(id)
            list.take(id, held)
            const next = old.filter((each) => each < downTo).slice(0, piece)
            downTo = next.at(-1) ?? 1
            list.found(next, downTo)
          }
          list.found(
            old.filter((each) => each < downTo),
            1,
          )
          list.release()
          expect(all(list)).toEqual([...expected].sort((one, other) => other - one))
          all(list).forEach((id, index) => expect(list.indexOf(id)).toBe(index))
        },
      ),
    )
  })
})
