import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expiryOf, parseDuration } from '../../src/engine/access/tokens/time-to-live.ts'
import { TEST_START } from '../support/test-clock.ts'
import { refusal } from './support/access-room.ts'

const odd = [
  '',
  ' ',
  '0d',
  '0s',
  '-1d',
  '-5m',
  '1.5h',
  '0.5d',
  '.5d',
  '1e3s',
  '30',
  'd',
  '30 d',
  ' 30d',
  '30d ',
  '30D',
  'Never',
  'NEVER',
  '+30d',
  '030d',
  '30w',
  '30y',
  '1d12h',
  '٣d',
  'Infinity',
  'NaN',
  'null',
  '99999999999999999999d',
  '9007199254740993s',
  '4000000d',
  '3654d',
  '2037-01-01T00:00:00Z',
  '２d',
  '30d\n',
  '2026-07-01',
  '2026-07-01T12:00:00',
  '2026-07-01 12:00:00Z',
  '2026-02-30T00:00:00Z',
  '2027-13-01T00:00:00Z',
  '2027-01-01T24:00:00Z',
  '2027-01-01T00:60:00Z',
  '2020-01-01T00:00:00Z',
  '2026-06-01T12:00:00Z',
  '2026-06-01T11:59:59.999Z',
  '+012026-01-01T00:00:00Z',
  '9999-12-31T23:59:59-23:00',
  '2027-01-01T00:00:00+99:00',
  'tomorrow',
  '__proto__',
  'constructor',
]

describe('a lifetime', () => {
  it.each(odd)('rejects %j by its field', (text) => {
    const { code, field } = refusal(() => expiryOf(text, TEST_START))
    expect(code).toBe('INVALID_REQUEST')
    expect(field).toBe('ttl')
  })

  it('rejects zero, negative and fractional durations of a session', () => {
    for (const text of ['0s', '-1m', '1.5m', 'never', '5'])
      expect(refusal(() => parseDuration(text)).code).toBe('INVALID_REQUEST')
  })

  it('never returns a timestamp that is not in the future', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), (text) => {
        try {
          const expiry = expiryOf(text, TEST_START)
          return expiry === null ? text === 'never' : expiry > TEST_START
        } catch {
          return true
        }
      }),
    )
  })

  it('accepts durations, timestamps with a time zone, and never', () => {
    expect(expiryOf('30d', TEST_START)).toBe(TEST_START + 30 * 86_400_000)
    expect(expiryOf('12h', TEST_START)).toBe(TEST_START + 12 * 3_600_000)
    expect(expiryOf('90m', TEST_START)).toBe(TEST_START + 90 * 60_000)
    expect(expiryOf('300s', TEST_START)).toBe(TEST_START + 300_000)
    expect(expiryOf('2027-01-01T00:00:00Z', TEST_START)).toBe(Date.UTC(2027, 0, 1))
    expect(expiryOf('2027-01-01T00:00:00.5+02:00', TEST_START)).toBe(Date.UTC(2026, 11, 31, 22, 0, 0, 500))
    expect(expiryOf('2028-02-29T10:00Z', TEST_START)).toBe(Date.UTC(2028, 1, 29, 10))
    expect(expiryOf('never', TEST_START)).toBeNull()
    expect(parseDuration('5m')).toBe(300)
  })

  it('defaults to 30 days', () => {
    expect(expiryOf(undefined, TEST_START)).toBe(TEST_START + 30 * 86_400_000)
  })
})
