import { describe, expect, test } from 'vitest'
import {
  bars,
  errorShare,
  linePath,
  roundUp,
  stepLabel,
  timeTicks,
} from '../../src/renderer/features/activity/chart-shape.ts'

const HOUR = 3_600_000

describe('the picture of the requests', () => {
  test('a scale ends at a round number that holds the highest value', () => {
    expect([0, 1, 3, 11, 336, 1000, 1001, 87_654].map(roundUp)).toEqual([1, 1, 3, 15, 400, 1000, 1500, 100_000])
  })

  test('shows one error among thousands, and nothing when there is none', () => {
    const [none, one, all] = bars([0, 1, 5000], 90, 60, 5000)
    expect([none?.height, one?.height, all?.height]).toEqual([0, 1, 60])
  })

  test('bars stand side by side over the whole width, without overlap', () => {
    for (const [count, width] of [
      [60, 541],
      [96, 700],
      [90, 83],
    ] as const) {
      const drawn = bars(
        Array.from({ length: count }, () => 1),
        width,
        10,
        1,
      )
      drawn
        .slice(1)
        .forEach((bar, index) =>
          expect(bar.x).toBeGreaterThanOrEqual(
            (drawn[index]?.x ?? 0) + (width >= count ? (drawn[index]?.width ?? 0) : 0),
          ),
        )
      expect(drawn.at(-1)?.x).toBeLessThan(width)
    }
  })

  test('the line breaks where nothing was measured, and a lone value is still seen', () => {
    const path = linePath([1, 2, null, 3, null, null, 2, 1], 80, 20, 3)
    expect(path.match(/M/g)).toHaveLength(3)
    expect(path).toContain('m-1.5 0h3')
    expect(linePath([null, null], 80, 20, 1)).toBe('')
  })

  test('labels of time are round, in order, inside the picture and not crowded', () => {
    const now = new Date(2026, 10, 21, 14, 37, 12).getTime()
    for (const span of [HOUR, 24 * HOUR, 7 * 24 * HOUR, 30 * 24 * HOUR]) {
      for (const width of [200, 600, 1200]) {
        const ticks = timeTicks(now - span, now, width)
        expect(ticks.length).toBeGreaterThan(0)
        ticks.forEach(({ x }) => expect(x >= 0 && x <= width).toBe(true))
        ticks.slice(1).forEach(({ x }, index) => expect(x - (ticks[index]?.x ?? 0)).toBeGreaterThan(60))
      }
    }
    expect(timeTicks(now - HOUR, now, 600).map(({ label }) => label)).toEqual([
      '13:40',
      '13:50',
      '14:00',
      '14:10',
      '14:20',
      '14:30',
    ])
    expect(timeTicks(now, now, 600)).toEqual([])
  })

  test('formats shares and spans', () => {
    expect([
      errorShare(0, 0),
      errorShare(100, 0),
      errorShare(10_000, 1),
      errorShare(1000, 32),
      errorShare(4, 2),
    ]).toEqual(['0%', '0%', '<0.1%', '3.2%', '50%'])
    expect(stepLabel(new Date(2026, 10, 21, 14, 5).toISOString(), 60_000, false)).toBe('14:05 – 14:06')
  })
})
