import { describe, expect, it } from 'vitest'
import { createRateLimiter } from '../../src/engine/access/rate-limiter.ts'
import { parseRate } from '../../src/engine/access/rate-limiter.ts'
import { createTestClock, TEST_START } from '../support/test-clock.ts'
import { refusal } from './support/access-room.ts'

describe('a rate limit', () => {
  it.each([
    '',
    '0/s',
    '-1/s',
    '1.5/s',
    '100',
    '100/',
    '/s',
    '100/h',
    '100/S',
    ' 100/s',
    'None',
    '01/s',
    '99999999999/s',
    '1e3/s',
    'Infinity/s',
    '__proto__',
  ])('rejects %j', (text) => {
    expect(refusal(() => parseRate(text))).toMatchObject({
      code: 'INVALID_REQUEST',
      field: 'rate',
    })
  })

  it('is a number per second or per minute, or none', () => {
    expect(parseRate('100/s')).toEqual({ requests: 100, seconds: 1 })
    expect(parseRate('600/m')).toEqual({ requests: 600, seconds: 60 })
    expect(parseRate('none')).toBeNull()
  })
})

describe('the rate limiter', () => {
  const three = { requests: 3, seconds: 60 }

  it('rejects the request after the last one of a window, and says when to retry', () => {
    const clock = createTestClock()
    const limiter = createRateLimiter({ clock })
    const remaining = [1, 2, 3].map(() => limiter.take('a', three).remaining)
    expect(remaining).toEqual([2, 1, 0])
    clock.advance(10_500)
    expect(limiter.take('a', three)).toEqual({
      allowed: false,
      limit: 3,
      windowSeconds: 60,
      remaining: 0,
      resetAt: TEST_START / 1000 + 60,
      retryAfter: 50,
    })
    clock.advance(49_499)
    expect(limiter.take('a', three)).toMatchObject({ allowed: false, retryAfter: 1 })
    clock.advance(1)
    expect(limiter.take('a', three)).toMatchObject({ allowed: true, remaining: 2 })
  })

  it('is not reset by a wall clock set forward', () => {
    const clock = createTestClock()
    const limiter = createRateLimiter({ clock })
    for (let taken = 0; taken < 3; taken += 1) limiter.take('a', three)
    clock.moveWall(3_600_000)
    expect(limiter.take('a', three).allowed).toBe(false)
    clock.moveWall(-7_200_000)
    expect(limiter.take('a', three).allowed).toBe(false)
  })

  it('counts each key separately', () => {
    const limiter = createRateLimiter({ clock: createTestClock() })
    for (let taken = 0; taken < 4; taken += 1) limiter.take('__proto__', three)
    expect(limiter.take('__proto__', three).allowed).toBe(false)
    expect(limiter.take('constructor', three).allowed).toBe(true)
  })

  it('holds a bounded number of keys and drops the oldest window first', () => {
    const limiter = createRateLimiter({ clock: createTestClock(), maxBuckets: 100 })
    for (let key = 0; key < 1000; key += 1) limiter.take(`k${key}`, { requests: 1, seconds: 60 })
    expect(limiter.take('k999', { requests: 1, seconds: 60 }).allowed).toBe(false)
    expect(limiter.take('k900', { requests: 1, seconds: 60 }).allowed).toBe(false)
    expect(limiter.take('k0', { requests: 1, seconds: 60 }).allowed).toBe(true)
  })

  it('accepts every request if there is no limit', () => {
    expect(createRateLimiter({ clock: createTestClock() }).take('a', null)).toMatchObject({
      allowed: true,
      limit: null,
    })
  })
})
