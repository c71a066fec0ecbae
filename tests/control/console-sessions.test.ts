import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  createConsoleSessions,
  SESSION_IDLE_MS,
  type ConsoleSessions,
} from '../../src/control/console/console-sessions.ts'
import { CODE_LIFE_MS, createSignInCodes } from '../../src/control/console/sign-in-codes.ts'
import { createTestClock, type TestClock } from '../support/test-clock.ts'

let clock: TestClock
beforeEach(() => {
  clock = createTestClock()
})

describe('sign-in codes', () => {
  test('are rejected if unknown, used or expired', () => {
    const codes = createSignInCodes(clock)
    expect(codes.redeem('')).toBe(false)
    const { code, expiresAt } = codes.create()
    expect(expiresAt).toBe(clock.now() + CODE_LIFE_MS)
    expect([codes.redeem(`${code} `), codes.redeem(code.slice(1)), codes.redeem(code.toUpperCase())]).toEqual([
      false,
      false,
      false,
    ])
    expect([codes.redeem(code), codes.redeem(code)]).toEqual([true, false])
    const late = codes.create().code
    clock.advance(CODE_LIFE_MS)
    expect(codes.redeem(late)).toBe(false)
  })

  test('are limited to the newest sixteen', () => {
    const codes = createSignInCodes(clock)
    const [first = '', ...others] = Array.from({ length: 17 }, () => codes.create().code)
    expect(codes.redeem(first)).toBe(false)
    expect(others.map((code) => codes.redeem(code))).not.toContain(false)
  })

  test('work until the last millisecond, and end with the engine', () => {
    const codes = createSignInCodes(clock)
    const { code } = codes.create()
    clock.advance(CODE_LIFE_MS - 1)
    expect(codes.redeem(code)).toBe(true)
    const other = codes.create().code
    codes.clear()
    expect(codes.redeem(other)).toBe(false)
  })
})

describe('console sessions', () => {
  let sessions: ConsoleSessions
  let stored: string | null
  let isFull = false
  const memory = {
    read: () => stored,
    write(text: string) {
      if (isFull) throw new Error('full')
      stored = text
    },
  }
  beforeEach(() => {
    stored = null
    sessions = createConsoleSessions(clock, memory)
  })
  afterEach(() => sessions.close())

  test('are not found without a cookie, with a wrong one, or with the key of another session', () => {
    const [one, other] = [sessions.start(), sessions.start()]
    expect([sessions.ofCookies([]), sessions.ofCookies(['']), sessions.ofCookies([one.key])]).toEqual([
      null,
      null,
      null,
    ])
    expect([
      sessions.ofPage([one.cookie], other.key),
      sessions.ofPage([one.cookie], ''),
      sessions.ofPage([one.key], one.cookie),
    ]).toEqual([null, null, null])
    expect(sessions.ofPage(['planted', one.cookie], one.key)).not.toBeNull()
  })

  test('are stored as hashes and found by the next engine, until they are idle for too long or signed out', () => {
    const [one, other] = [sessions.start(), sessions.start()]
    for (const secret of [one.cookie, one.key, other.cookie, other.key]) expect(stored).not.toContain(secret)
    const { ended } = sessions.ofPage([one.cookie], one.key) ?? {}
    sessions.close()
    expect(ended?.aborted).toBe(true)
    sessions = createConsoleSessions(clock, memory)
    expect(sessions.ofPage([one.cookie], one.key)).not.toBeNull()
    expect(sessions.ofPage([one.cookie], other.key)).toBeNull()
    sessions.end([one.cookie])
    sessions.close()
    sessions = createConsoleSessions(clock, memory)
    expect(sessions.ofPage([one.cookie], one.key)).toBeNull()
    expect(sessions.ofPage([other.cookie], other.key)).not.toBeNull()
    sessions.close()
    clock.advance(SESSION_IDLE_MS)
    sessions = createConsoleSessions(clock, memory)
    expect(sessions.ofPage([other.cookie], other.key)).toBeNull()
  })

  test('used a moment ago live on in the next engine, and a clock that is set back extends none', () => {
    const { cookie, key } = sessions.start()
    clock.advance(SESSION_IDLE_MS - 1)
    expect(sessions.ofPage([cookie], key)).not.toBeNull()
    sessions.close()
    clock.moveWall(-SESSION_IDLE_MS)
    sessions = createConsoleSessions(clock, memory)
    clock.advance(SESSION_IDLE_MS)
    expect(sessions.ofPage([cookie], key)).toBeNull()
  })

  test.each(['', 'null', '{}', '[1]', '[{"cookie":"AA==","key":"AA==","used_at":0}]'])(
    'that were stored as %j sign nobody in',
    (text) => {
      stored = text
      sessions.close()
      sessions = createConsoleSessions(clock, memory)
      expect(sessions.ofCookies([''])).toBeNull()
      const { cookie, key } = sessions.start()
      expect(sessions.ofPage([cookie], key)).not.toBeNull()
    },
  )

  test('end although that can’t be stored, and are stored once it can', () => {
    const { cookie, key } = sessions.start()
    const before = stored
    isFull = true
    expect(() => sessions.endAll()).toThrow('full')
    expect(sessions.ofPage([cookie], key)).toBeNull()
    expect(stored).toBe(before)
    // Nobody asked for a sweep, so it throws at nobody.
    sessions.sweep()
    isFull = false
    sessions.sweep()
    expect(stored).toBe('[]')
  })

  test('end all at once', () => {
    const [one, other] = [sessions.start(), sessions.start()]
    expect(sessions.endAll()).toBe(2)
    expect([sessions.ofPage([one.cookie], one.key), sessions.ofPage([other.cookie], other.key)]).toEqual([null, null])
    expect(stored).toBe('[]')
  })

  test('end an open stream without another call', () => {
    const { cookie, key } = sessions.start()
    const ended = sessions.ofPage([cookie], key)?.ended
    clock.advance(SESSION_IDLE_MS - 1)
    sessions.sweep()
    expect(ended?.aborted).toBe(false)
    clock.advance(1)
    sessions.sweep()
    expect(ended?.aborted).toBe(true)
    expect(sessions.ofPage([cookie], key)).toBeNull()
  })

  test('are not extended by a clock that is set back', () => {
    const { cookie, key } = sessions.start()
    clock.moveWall(-SESSION_IDLE_MS)
    clock.advance(SESSION_IDLE_MS)
    expect(sessions.ofPage([cookie], key)).toBeNull()
  })

  test('are limited to sixty-four, and the oldest is closed', () => {
    const [first, ...others] = Array.from({ length: 65 }, () => sessions.start())
    expect(sessions.ofCookies([first?.cookie ?? ''])).toBeNull()
    expect(others.map(({ cookie }) => sessions.ofCookies([cookie]))).not.toContain(null)
  })

  test('end one by one, or all with the engine', () => {
    const [one, other] = [sessions.start(), sessions.start()]
    const [first, second] = [one, other].map(({ cookie }) => sessions.ofCookies([cookie])?.ended)
    sessions.end([one.cookie])
    expect([first?.aborted, second?.aborted]).toEqual([true, false])
    sessions.close()
    expect(second?.aborted).toBe(true)
  })
})
