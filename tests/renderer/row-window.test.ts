import { describe, expect, test } from 'vitest'
import { MAX_SCROLL_HEIGHT, rowWindow, scrollToRow } from '../../src/renderer/lib/row-window.ts'

const HEIGHT = 30

function seen(scrollTop: number, count: number, height = 600) {
  return rowWindow({ scrollTop, height, count, rowHeight: HEIGHT }, 0)
}

describe('the rows that a long list draws', () => {
  test('are none for an empty list', () => {
    expect(seen(0, 0)).toEqual({ first: 0, last: 0, top: 0, total: 0 })
  })

  test('no element is taller than Chromium can lay out at a scale of 2 and a zoom of 200%', () => {
    expect(seen(0, 200_000).total).toBe(6_000_000)
    expect(seen(0, 1_000_000).total).toBe(MAX_SCROLL_HEIGHT)
    expect(seen(0, 100_000_000).total).toBe(MAX_SCROLL_HEIGHT)
    expect(MAX_SCROLL_HEIGHT * 2 * 2).toBeLessThan(2 ** 25)
  })

  test.each([1_000_002, 100_000_000])('at the end of %d rows are the last ones, each in its place', (count) => {
    const end = seen(MAX_SCROLL_HEIGHT, count)
    expect(end).toMatchObject({ last: count })
    expect(end.last - end.first).toBeLessThanOrEqual(21)
    expect(end.top + (end.last - end.first) * HEIGHT).toBeCloseTo(MAX_SCROLL_HEIGHT, 3)
  })

  test('at an end that the browser rounded are the last ones', () => {
    const end = seen(MAX_SCROLL_HEIGHT - 601, 100_000_000, 600.5)
    expect(end.last).toBe(100_000_000)
    expect(end.top + (end.last - end.first) * HEIGHT).toBeCloseTo(MAX_SCROLL_HEIGHT, 3)
  })

  test('are those in sight, each in its place', () => {
    expect(seen(0, 200_000)).toMatchObject({ first: 0, last: 20, top: 0 })
    expect(seen(3015, 200_000)).toMatchObject({ first: 100, last: 121, top: 3000 })
    expect(seen(6_000_000 - 600, 200_000)).toMatchObject({ first: 199_980, last: 200_000, top: 5_999_400 })
  })

  test('include some more on both sides, within the list', () => {
    expect(rowWindow({ scrollTop: 3000, height: 600, count: 130, rowHeight: HEIGHT }, 6)).toMatchObject({
      first: 94,
      last: 126,
      top: 2820,
    })
    expect(rowWindow({ scrollTop: 0, height: 600, count: 22, rowHeight: HEIGHT }, 6)).toMatchObject({
      first: 0,
      last: 22,
      top: 0,
    })
  })

  test('at a position below the end, for example after rows were deleted, are the last ones', () => {
    expect(seen(90_000, 100)).toMatchObject({ first: 80, last: 100 })
  })

  test('include the first and the last of a hundred million rows after scrolling there', () => {
    const count = 100_000_000
    expect(seen(0, count)).toMatchObject({ first: 0, top: 0 })
    const end = seen(MAX_SCROLL_HEIGHT - 600, count)
    expect(end.last).toBe(count)
    expect(end.top + (end.last - end.first) * HEIGHT).toBeCloseTo(MAX_SCROLL_HEIGHT, 3)
    const middle = seen(MAX_SCROLL_HEIGHT / 2, count)
    expect(middle.top).toBeLessThanOrEqual(MAX_SCROLL_HEIGHT / 2)
    expect(middle.top + (middle.last - middle.first) * HEIGHT).toBeGreaterThanOrEqual(MAX_SCROLL_HEIGHT / 2 + 600)
  })
})

describe('scrolling to a row', () => {
  const scroller = { scrollTop: 3000, height: 600, count: 1000, rowHeight: HEIGHT }

  test('in sight moves nothing', () => {
    expect(scrollToRow(scroller, 100)).toBe(3000)
    expect(scrollToRow(scroller, 119)).toBe(3000)
  })

  test('scrolls as little as shows it whole', () => {
    expect(scrollToRow(scroller, 99)).toBe(2970)
    expect(scrollToRow(scroller, 120)).toBe(3030)
    expect(scrollToRow(scroller, 0)).toBe(0)
  })

  test('reaches the last of a hundred million', () => {
    const many = { scrollTop: 0, height: 600, count: 100_000_000, rowHeight: HEIGHT }
    const scrollTop = scrollToRow(many, many.count - 1)
    expect(rowWindow({ ...many, scrollTop }, 0).last).toBe(many.count)
  })
})
