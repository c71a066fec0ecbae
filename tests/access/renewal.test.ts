import { describe, expect, it } from 'vitest'
import type { AccessChange } from '../../src/engine/access/access.ts'
import { HallpassError } from '../../src/contract/errors.ts'
import { editSales, openAccess, openRoom, readSales, refusal, STORES } from './support/access-room.ts'

const DAY = 86_400_000

describe.each(STORES)('renewal of a token, store %s', (_, makeStore) => {
  it('does not rotate a local token or one that has ended', async () => {
    const { access, clock, token } = openRoom(makeStore)
    await access.createToken({ project: 'shop', name: 'here', kind: 'local', grants: [readSales] })
    expect(await refusal(() => access.rotateToken('shop', 'here'))).toMatchObject({
      code: 'INVALID_REQUEST',
      field: 'name',
    })
    await token('revoked', [readSales])
    await access.revokeToken('shop', 'revoked')
    await token('expired', [readSales], { ttl: '1h' })
    clock.advance(3_600_000)
    for (const name of ['revoked', 'expired']) {
      expect((await refusal(() => access.rotateToken('shop', name))).code).toBe('INVALID_REQUEST')
      expect((await refusal(() => access.extendToken('shop', name, '30d'))).code).toBe('INVALID_REQUEST')
    }
    expect(Object.fromEntries((await access.tokens('shop')).map(({ name, status }) => [name, status]))).toEqual({
      here: 'active',
      revoked: 'revoked',
      expired: 'expired',
    })
    expect((await refusal(() => access.rotateToken('shop', 'nobody'))).code).toBe('INVALID_REQUEST')
    expect((await refusal(() => access.rotateToken('other', 'here'))).code).toBe('INVALID_REQUEST')
  })

  it('revokes the old secret and its session tokens before it shows the new one', async () => {
    const { access, token } = openRoom(makeStore)
    const old = await token('reader', [editSales], { rate: '7/s', ttl: '2d' })
    const before = (await access.tokens('shop'))[0]
    const principal = access.identify(old)
    const session = access.mintSession(principal, { document: 'sales', permissions: ['read'] }).token
    const running = access.identify(session)
    access.enter(principal)
    access.enter(running)
    const made = await access.rotateToken('shop', 'reader')
    expect(made.ended).toEqual({ sessions_ended: 1, requests_cut: 2 })
    expect([principal.signal.aborted, running.signal.aborted]).toEqual([true, true])
    for (const bearer of [old, session]) expect(refusal(() => access.identify(bearer)).code).toBe('TOKEN_EXPIRED')
    expect(made.secret).not.toBe(old)
    expect(made.token).toMatchObject({
      name: 'reader',
      rate: '7/s',
      expires_at: before?.expires_at,
      grants: before?.grants,
      status: 'active',
    })
    expect(made.token.prefix).not.toBe(before?.prefix)
    expect(made.secret.startsWith(made.token.prefix ?? '?')).toBe(true)
    const renewed = access.identify(made.secret)
    expect(renewed).toMatchObject({ name: 'reader', grants: [editSales], rate: { requests: 7, seconds: 1 } })
    expect(access.mintSession(renewed, { document: 'sales', permissions: ['write'] }).record.parent).toBe('reader')
    // Rotates once more, so that the second secret ends like the first one.
    await access.rotateToken('shop', 'reader')
    expect(refusal(() => access.identify(made.secret)).code).toBe('TOKEN_EXPIRED')
  })

  it('accepts the new secret after a restart, and rejects the old one', async () => {
    const { access, clock, store, token } = openRoom(makeStore)
    const old = await token('reader', [readSales])
    const { secret } = await access.rotateToken('shop', 'reader')
    access.close()
    const next = openAccess(store, clock.restarted())
    expect(next.identify(secret).name).toBe('reader')
    expect(refusal(() => next.identify(old)).code).toBe('INVALID_TOKEN')
  })

  it('keeps the expiry when a secret is rotated after the clock was set back', async () => {
    const { access, clock, token } = openRoom(makeStore)
    await token('reader', [readSales], { ttl: '2h' })
    clock.advanceMonotonic(3_600_000)
    const { secret } = await access.rotateToken('shop', 'reader')
    clock.advanceMonotonic(3_600_000)
    expect(refusal(() => access.identify(secret)).code).toBe('TOKEN_EXPIRED')
  })

  it.each(['', '0d', '-1d', '1.5h', 'soon', '2020-01-01T00:00:00Z', '1w'])(
    'rejects the extension %j and leaves the expiry unchanged',
    async (ttl) => {
      const { access, token } = openRoom(makeStore)
      await token('reader', [readSales], { ttl: '1d' })
      const before = await access.tokens('shop')
      expect(await refusal(() => access.extendToken('shop', 'reader', ttl))).toMatchObject({
        code: 'INVALID_REQUEST',
        field: 'ttl',
      })
      expect(await access.tokens('shop')).toEqual(before)
    },
  )

  it('extends an active token from now without interrupting its requests', async () => {
    const { access, clock, token } = openRoom(makeStore)
    const bearer = await token('reader', [readSales], { ttl: '1h' })
    const principal = access.identify(bearer)
    access.enter(principal)
    clock.advance(1_800_000)
    expect((await access.extendToken('shop', 'reader', '2d')).expires_at).toBe(
      new Date(clock.now() + 2 * DAY).toISOString(),
    )
    clock.advance(2 * DAY - 1)
    expect(access.identify(bearer).name).toBe('reader')
    expect(principal.signal.aborted).toBe(false)
    clock.advance(1)
    expect(refusal(() => access.identify(bearer)).code).toBe('TOKEN_EXPIRED')
    expect(principal.signal.aborted).toBe(true)
  })

  it('also shortens a lifetime, and does not accept never', async () => {
    const { access, clock, token } = openRoom(makeStore)
    const bearer = await token('reader', [readSales], { ttl: '30d' })
    expect((await access.extendToken('shop', 'reader', 'never')).expires_at).toBeNull()
    clock.advance(400 * DAY)
    expect(access.identify(bearer).expiresAt).toBeNull()
    await access.extendToken('shop', 'reader', '90s')
    const session = access.mintSession(access.identify(bearer), {
      document: 'sales',
      permissions: ['read'],
      ttl_seconds: 300,
    })
    expect(Date.parse(session.record.expires_at) - clock.now()).toBe(90_000)
    clock.advance(90_000)
    for (const each of [bearer, session.token]) expect(refusal(() => access.identify(each)).code).toBe('TOKEN_EXPIRED')
  })

  it('previews exactly what revoking would interrupt', async () => {
    const { access, token } = openRoom(makeStore)
    const bearer = await token('reader', [readSales, { connection: 'stock', permissions: ['read'] }])
    const principal = access.identify(bearer)
    const mint = (document: string) =>
      access.identify(access.mintSession(principal, { document, permissions: ['read'] }).token)
    access.enter(mint('sales'), { connection: 'sales', interrupt: () => undefined })
    mint('stock')
    access.enter(principal, { connection: 'sales', interrupt: () => undefined })
    access.enter(principal, { connection: 'stock', interrupt: () => undefined })
    await access.mintOwnerSession({ project: 'shop', connection: 'sales', permissions: ['read'] })
    expect(await access.below({ project: 'shop', token: 'reader' })).toEqual({ sessions: 2, requests_running: 3 })
    expect(await access.below({ project: 'shop' })).toEqual({ sessions: 3, requests_running: 3 })
    expect(await access.below({ project: 'other' })).toEqual({ sessions: 0, requests_running: 0 })
    expect(await access.below({ connection: 'sales' })).toEqual({ sessions: 2, requests_running: 2 })
    expect(await access.below({ connection: 'sales', project: 'other' })).toEqual({ sessions: 0, requests_running: 0 })
    expect(await access.below({ connection: 'ledger' })).toEqual({ sessions: 0, requests_running: 0 })
    expect((await refusal(() => access.below({ connection: 'nothing' }))).code).toBe('INVALID_REQUEST')
    expect(await access.endConnection('sales')).toEqual({ sessions_ended: 2, requests_cut: 2 })
    expect(await access.deleteProject('shop')).toEqual({ sessions_ended: 1, requests_cut: 1 })
  })

  it('rejects every token of a deleted project even if nothing can be written', async () => {
    const { access, store, token } = openRoom(makeStore)
    const bearers = await Promise.all(['one', 'two', 'three'].map((name) => token(name, [readSales])))
    const session = access.mintSession(access.identify(bearers[2] ?? ''), {
      document: 'sales',
      permissions: ['read'],
    }).token
    store.write.deleteProject = () => {
      throw new HallpassError('LOG_UNAVAILABLE', 'The disk is full.')
    }
    expect((await refusal(() => access.deleteProject('shop'))).code).toBe('LOG_UNAVAILABLE')
    for (const bearer of [...bearers, session])
      expect(refusal(() => access.identify(bearer)).code).toBe('TOKEN_EXPIRED')
  })

  it('applies a new default rate to the next request of tokens without their own rate', async () => {
    const { access, token } = openRoom(makeStore)
    const plain = await token('plain', [readSales])
    const own = await token('own', [readSales], { rate: '3/s' })
    const session = access.mintSession(access.identify(plain), { document: 'sales', permissions: ['read'] }).token
    const owners = (await access.mintOwnerSession({ project: 'shop', connection: 'sales', permissions: ['read'] }))
      .token
    access.setDefaultRate({ requests: 5, seconds: 60 })
    const rates = [plain, session, owners, own].map((bearer) => access.identify(bearer).rate)
    expect(rates).toEqual([
      { requests: 5, seconds: 60 },
      { requests: 5, seconds: 60 },
      { requests: 5, seconds: 60 },
      { requests: 3, seconds: 1 },
    ])
  })

  it('reports a change for everything that a screen shows', async () => {
    const told: AccessChange[] = []
    const { access, clock, token } = openRoom(makeStore, { onChange: (what) => told.push(what), sweepMs: 3_600_000 })
    const after = async (act: () => unknown): Promise<AccessChange[]> => {
      told.length = 0
      await act()
      return [...new Set(told)].sort()
    }
    let bearer = ''
    let session = ''
    expect(
      await after(async () => {
        bearer = await token('reader', [readSales], { ttl: '1h' })
      }),
    ).toEqual(['tokens'])
    expect(await after(() => access.identify(bearer))).toEqual(['use'])
    const principal = access.identify(bearer)
    expect(
      await after(() => {
        session = access.mintSession(principal, { document: 'sales', permissions: ['read'], ttl_seconds: 10 }).token
      }),
    ).toEqual(['sessions'])
    clock.advance(10_000)
    expect(await after(() => refusal(() => access.identify(session)))).toEqual(['sessions'])
    expect(await after(() => access.pause())).toEqual(['state'])
    expect(await after(() => access.resume())).toEqual(['state'])
    expect(await after(() => access.extendToken('shop', 'reader', '1h'))).toEqual(['tokens'])
    expect(await after(() => access.rotateToken('shop', 'reader'))).toEqual(['tokens'])
    clock.advance(3_600_000)
    expect(await after(() => access.tokens('shop'))).toEqual(['tokens'])
    expect(await after(() => access.tokens('shop'))).toEqual([])
    expect(await after(() => access.revokeToken('shop', 'reader'))).toEqual([])
  })
})
