/**
 * The ranges of a chart, with as many steps as can be drawn as distinct bars. Each has one step more than its width,
 * because a range that starts within a step also ends within one.
 */
export const RANGES = [
  { value: '1h', label: '1 h', phrase: 'the last hour', steps: 61 },
  { value: '24h', label: '24 h', phrase: 'the last 24 hours', steps: 97 },
  { value: '7d', label: '7 d', phrase: 'the last 7 days', steps: 85 },
  { value: '30d', label: '30 d', phrase: 'the last 30 days', steps: 91 },
] as const

export type Range = (typeof RANGES)[number]['value']

export function rangeOf(value: Range): (typeof RANGES)[number] {
  return RANGES.find((range) => range.value === value) ?? RANGES[0]
}
