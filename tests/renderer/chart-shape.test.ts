import { describe, expect, test } from 'vitest'
import {
  changeLabel,
  linePath,
  percent,
  roundUp,
  spanLabel,
  stackHeights,
  stepBars,
  timeTicks,
} from '../../src/renderer/features/activity/chart/chart-shape.ts'

const HOUR = 3_600_000

describe('the shape of the requests chart', () => {
  test('a scale ends at a round number that holds the highest value', () => {
    expect([0, 1, 3, 11, 336, 1000, 1001, 87_654].map(roundUp)).toEqual([1, 1, 3, 15, 400, 1000, 1500, 100_000])
  })

  test('shows one error among thousands, and nothing when there is none', () => {
    expect(stackHeights([5000, 1, 0], 60, 5000)).toEqual([59, 1, 0])
    expect(stackHeights([0, 0, 1], 60, 5000)).toEqual([0, 0, 1])
    expect(stackHeights([1, 1, 1], 60, 3)).toEqual([20, 20, 20])
  })

  test('bars fill the width without overlapping, and a partial step is narrower', () => {
    for (const [count, width] of [
      [60, 541],
      [96, 700],
      [90, 83],
    ] as const) {
      const spans = Array.from({ length: count }, (_, index) => ({ from: index * 10, to: index * 10 + 10 }))
      const drawn = stepBars(spans, width)
      drawn
        .slice(1)
        .forEach((bar, index) =>
          expect(bar.x).toBeGreaterThanOrEqual(
            (drawn[index]?.x ?? 0) + (width >= count ? (drawn[index]?.width ?? 0) : 0),
          ),
        )
      expect((drawn.at(-1)?.x ?? 0) + (drawn.at(-1)?.width ?? 0)).toBeLessThanOrEqual(width + 1)
    }
    const cut = stepBars(
      [
        { from: 45, to: 60 },
        { from: 60, to: 120 },
        { from: 120, to: 180 },
      ],
      270,
    )
    expect(cut.map(({ x, width }) => [x, width])).toEqual([
      [0, 28],
      [30, 118],
      [150, 118],
    ])
  })

  test('the line has gaps where nothing was measured, and a single value is visible', () => {
    const bars = Array.from({ length: 8 }, (_, index) => ({ x: index * 10, width: 8 }))
    const path = linePath([1, 2, null, 3, null, null, 2, 1], bars, 20, 3)
    expect(path.match(/M/g)).toHaveLength(3)
    expect(path).toContain('m-1.5 0h3')
    expect(linePath([null, null], bars, 20, 1)).toBe('')
  })

  test('time labels are round, in order, inside the chart and apart from each other', () => {
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

  test('formats shares and durations', () => {
    expect([percent(0, 0), percent(0, 100), percent(1, 10_000), percent(32, 1000), percent(2, 4)]).toEqual([
      '0%',
      '0%',
      '<0.1%',
      '3.2%',
      '50%',
    ])
    expect([changeLabel(5, 0), changeLabel(104, 100), changeLabel(88, 100), changeLabel(100, 100)]).toEqual([
      null,
      '+4%',
      '−12%',
      '±0%',
    ])
    const from = new Date(2026, 10, 21, 14, 5).getTime()
    expect(spanLabel({ from, to: from + 60_000 })).toBe('14:05 – 14:06')
  })
})
