import { describe, expect, it } from 'vitest'
import { openAccess, openRoom, readSales, refusal, STORES } from './support/access-room.ts'

const HOUR = 3_600_000

describe.each(STORES)('expiry by two clocks, store %s', (_, makeStore) => {
  async function roomWithSession() {
    const room = openRoom(makeStore)
    const bearer = await room.token('hourly', [readSales], { ttl: '1h' })
    const session = room.access.mintSession(room.access.identify(bearer), {
      permissions: ['read'],
      ttl_seconds: 600,
    }).token
    const codes = (): string[] =>
      [bearer, session].map((each) =>
        room.access.recognize(each) === null ? refusal(() => room.access.identify(each)).code : 'good',
      )
    return { ...room, bearer, session, codes }
  }

  it('expires tokens and session tokens on time', async () => {
    const { clock, codes } = await roomWithSession()
    clock.advance(600_000 - 1)
    expect(codes()).toEqual(['good', 'good'])
    clock.advance(1)
    expect(codes()).toEqual(['good', 'TOKEN_EXPIRED'])
    clock.advance(HOUR - 600_000)
    expect(codes()).toEqual(['TOKEN_EXPIRED', 'TOKEN_EXPIRED'])
  })

  it('expires both by the monotonic clock if the wall clock is set back', async () => {
    const { clock, codes } = await roomWithSession()
    clock.moveWall(-24 * HOUR)
    clock.advance(600_000)
    expect(codes()).toEqual(['good', 'TOKEN_EXPIRED'])
    clock.advance(HOUR - 600_000)
    expect(codes()).toEqual(['TOKEN_EXPIRED', 'TOKEN_EXPIRED'])
  })

  it('expires both by the wall clock after sleep, during which the monotonic clock stands still', async () => {
    const { clock, codes } = await roomWithSession()
    clock.sleep(8 * HOUR)
    expect(codes()).toEqual(['TOKEN_EXPIRED', 'TOKEN_EXPIRED'])
  })

  it('does not revive an expired token when the wall clock is set back', async () => {
    const { clock, codes } = await roomWithSession()
    clock.moveWall(2 * HOUR)
    expect(codes()).toEqual(['TOKEN_EXPIRED', 'TOKEN_EXPIRED'])
    clock.moveWall(-3 * HOUR)
    expect(codes()).toEqual(['TOKEN_EXPIRED', 'TOKEN_EXPIRED'])
  })

  it('does not revive an expired token by a restart with the clock set back', async () => {
    for (const end of ['wall', 'monotonic'] as const) {
      const { clock, codes, bearer, store } = await roomWithSession()
      if (end === 'wall') clock.advance(HOUR)
      else clock.advanceMonotonic(HOUR)
      expect(codes()[0]).toBe('TOKEN_EXPIRED')
      clock.moveWall(-48 * HOUR)
      // No close in between: the first run was killed.
      expect(refusal(() => openAccess(store, clock.restarted()).identify(bearer)).code).toBe('TOKEN_EXPIRED')
    }
  })

  it('counts time before a restart once it was stored', async () => {
    const { access, clock, bearer, store } = await roomWithSession()
    clock.advanceMonotonic(HOUR)
    access.flush()
    clock.moveWall(-48 * HOUR)
    expect(refusal(() => openAccess(store, clock.restarted()).identify(bearer)).code).toBe('TOKEN_EXPIRED')
  })

  it('continues from the stored time after a restart with the clock set back', async () => {
    const { access, clock, bearer, store } = await roomWithSession()
    clock.advance(HOUR / 2)
    access.close()
    clock.moveWall(-48 * HOUR)
    const later = clock.restarted()
    const again = openAccess(store, later)
    expect(again.identify(bearer).name).toBe('hourly')
    later.advance(HOUR / 2)
    expect(refusal(() => again.identify(bearer)).code).toBe('TOKEN_EXPIRED')
  })

  it('ignores an impossible stored time', async () => {
    for (const kept of ['', 'x', '-5', 'Infinity', 'NaN', '1e300']) {
      const { store, clock, token } = openRoom(makeStore)
      const bearer = await token('reader', [readSales])
      store.write.setSetting('highest_wall_time', kept)
      expect(openAccess(store, clock).identify(bearer).name).toBe('reader')
    }
  })

  it('does not write to disk for every error of an expired token', async () => {
    const { access, clock, bearer, store } = await roomWithSession()
    clock.advance(2 * HOUR)
    refusal(() => access.identify(bearer))
    let writes = 0
    const { setSetting } = store.write
    store.write.setSetting = (key, value) => {
      writes += 1
      setSetting(key, value)
    }
    for (let asked = 0; asked < 100; asked += 1) {
      clock.advance(1000)
      refusal(() => access.identify(bearer))
    }
    expect(writes).toBe(0)
  })

  it('never expires a token without an expiry', async () => {
    const { access, token, clock } = openRoom(makeStore)
    const bearer = await token('lasting', [readSales], { ttl: 'never' })
    clock.advance(100 * 365 * 24 * HOUR)
    expect(access.identify(bearer).expiresAt).toBeNull()
    expect((await access.tokens())[0]).toMatchObject({ expires_at: null, status: 'active' })
  })
})
