import { describe, expect, it } from 'vitest'
import type { Grant } from '../../src/contract/grants.ts'
import { editSales, openAccess, openRoom, readSales, refusal, STORES } from './support/access-room.ts'

describe.each(STORES)('tokens, store %s', (_, makeStore) => {
  it('rejects unknown, malformed and foreign credentials with the same error', async () => {
    const { access, token } = openRoom(makeStore)
    const good = await token('reader', [readSales])
    const foreign = await openRoom().token('reader', [readSales])
    const refusals = [
      '',
      'x',
      good.slice(1),
      `${good}x`,
      foreign,
      `sess_${'a'.repeat(43)}`,
      '__proto__',
      good.slice(0, -1) + (good.endsWith('0') ? '1' : '0'),
    ].map((bearer) => refusal(() => access.identify(bearer)))
    expect(new Set(refusals.map((each) => JSON.stringify(each))).size).toBe(1)
    expect(refusals[0]?.code).toBe('INVALID_TOKEN')
    expect(access.recognize(foreign)).toBeNull()
  })

  it('rejects a second token with a name, and leaves the first one unchanged', async () => {
    const { access, token } = openRoom(makeStore)
    const first = await token('reader', [readSales])
    expect(await refusal(() => token('reader', []))).toMatchObject({
      code: 'INVALID_REQUEST',
      field: 'name',
    })
    expect((await refusal(() => token('reader', [], { force: true, ttl: '0d' }))).code).toBe('INVALID_REQUEST')
    expect(access.identify(first).name).toBe('reader')
  })

  it.each<[string, Grant]>([
    ['a connection of no project', { connection: 'nowhere', permissions: ['read'] }],
    ['a connection of another project', { connection: 'ledger', permissions: ['read'] }],
    ['a connection that does not exist', { connection: 'absent', permissions: ['read'] }],
    ['no permission', { connection: 'sales', permissions: [] }],
    ['an unknown permission', { connection: 'sales', permissions: ['admin' as 'read'] }],
    ['an empty list of tables', { connection: 'sales', permissions: ['read'], tables: [] }],
    ['paths on a document', { connection: 'sales', permissions: ['read'], paths: ['/x'] }],
    ['tools on a document', { connection: 'sales', permissions: ['read'], tools: ['x'] }],
    ['tables on an HTTP API', { connection: 'listings', permissions: ['read'], tables: ['x'] }],
    ['a path with dots', { connection: 'listings', permissions: ['read'], paths: ['/v1/../x'] }],
    ['a path that is not absolute', { connection: 'listings', permissions: ['read'], paths: ['v1/x'] }],
    ['a wildcard within a path', { connection: 'listings', permissions: ['read'], paths: ['/v1/*/x'] }],
    ['a wildcard within a segment', { connection: 'listings', permissions: ['read'], paths: ['/v1/list*'] }],
  ])('rejects a grant with %s', async (_what, grant) => {
    const { access, token } = openRoom(makeStore)
    expect(await refusal(() => token('reader', [readSales, grant]))).toMatchObject({
      code: 'INVALID_REQUEST',
      field: expect.stringMatching(/^grants/) as unknown,
    })
    expect(await access.tokens('shop')).toEqual([])
  })

  it('rejects unknown projects, invalid names, invalid rates, and clone together with grants', async () => {
    const { access, token } = openRoom(makeStore)
    for (const more of [
      { project: 'absent' },
      { project: '__proto__' },
      { name: '' },
      { name: '../x' },
      { name: 'x'.repeat(64) },
      { rate: '1/h' },
      { clone: true },
    ]) {
      expect((await refusal(() => token('reader', [readSales], more))).code, JSON.stringify(more)).toBe(
        'INVALID_REQUEST',
      )
    }
    expect((await refusal(() => access.revokeToken('shop', 'absent'))).code).toBe('INVALID_REQUEST')
    expect((await refusal(() => access.deleteToken('absent', 'x'))).code).toBe('INVALID_REQUEST')
  })

  it("grants no permissions by default, and all of the project's connections for a clone", async () => {
    const { access } = openRoom(makeStore)
    const none = await access.createToken({ project: 'shop', name: 'none', kind: 'access' })
    expect(access.identify(none.secret ?? '').grants).toEqual([])
    const all = await access.createToken({ project: 'shop', name: 'all', kind: 'access', clone: true })
    const grants = access.identify(all.secret ?? '').grants
    expect(grants.map((grant) => grant.connection).toSorted()).toEqual(['listings', 'sales', 'stock'])
    expect(grants.every((grant) => grant.permissions.length === 3)).toBe(true)
  })

  it('shows the secret once and stores only its hash and first characters', async () => {
    const { access, store } = openRoom(makeStore)
    const { secret, token } = await access.createToken({
      project: 'shop',
      name: 'reader',
      kind: 'access',
      grants: [readSales],
    })
    expect(secret).toMatch(/^hp_pat_/)
    const kept = JSON.stringify([token, await access.tokens(), store.read.tokens(), access.identify(secret ?? '')])
    expect(kept).not.toContain(secret)
    expect(secret?.startsWith(token.prefix ?? 'none')).toBe(true)
    expect(token).toMatchObject({
      name: 'reader',
      project: 'shop',
      kind: 'access',
      status: 'active',
      expires_at: '2026-07-01T12:00:00.000Z',
      last_used_at: null,
    })
  })

  it('identifies a token with its grants and its rate', async () => {
    const { access, token } = openRoom(makeStore)
    const principal = access.identify(await token('reader', [editSales], { rate: '100/s' }))
    expect(principal).toMatchObject({
      kind: 'access',
      name: 'reader',
      parent: null,
      sessionId: null,
      grants: [editSales],
      rate: { requests: 100, seconds: 1 },
    })
    expect(principal.project.name).toBe('shop')
    expect(access.identify(await token('plain', [])).rate).toEqual({ requests: 6000, seconds: 60 })
    expect(access.identify(await token('free', [], { rate: 'none' })).rate).toBeNull()
  })

  it('reports a replaced, revoked or deleted token as ended', async () => {
    const { access, token } = openRoom(makeStore)
    const old = await token('a', [readSales])
    const replacement = await token('a', [editSales], { force: true })
    const revoked = await token('b', [readSales])
    await access.revokeToken('shop', 'b')
    const deleted = await token('c', [readSales])
    await access.deleteToken('shop', 'c')
    const refusals = [old, revoked, deleted].map((bearer) => refusal(() => access.identify(bearer)))
    expect(new Set(refusals.map((each) => JSON.stringify(each))).size).toBe(1)
    expect(refusals[0]?.code).toBe('TOKEN_EXPIRED')
    expect(access.recognize(revoked)).toBeNull()
    expect(access.identify(replacement).grants).toEqual([editSales])
    expect((await access.tokens('shop')).map(({ name, status }) => [name, status])).toEqual([
      ['a', 'active'],
      ['b', 'revoked'],
    ])
  })

  it('rejects all tokens while paused, also after a restart, and accepts them once resumed', async () => {
    const { access, token, store, clock } = openRoom(makeStore)
    const bearer = await token('reader', [readSales])
    const principal = access.identify(bearer)
    await access.pause()
    for (const work of [
      () => access.identify(bearer),
      () => access.refresh(principal),
      () => access.mintSession(principal, { permissions: ['read'], document: 'sales' }),
    ]) {
      expect(refusal(work).code).toBe('PAUSED')
    }
    expect(refusal(() => access.identify('x')).code).toBe('INVALID_TOKEN')
    expect(access.recognize(bearer)?.name).toBe('reader')
    expect(refusal(() => openAccess(store, clock).identify(bearer)).code).toBe('PAUSED')
    await access.resume()
    expect(access.identify(bearer).name).toBe('reader')
    expect(access.refresh(principal).name).toBe('reader')
  })

  it('finds local tokens by name or as the only one, and lists names when there are several', async () => {
    const { access, token } = openRoom(makeStore)
    await token('remote', [readSales])
    expect(refusal(() => access.identifyLocal('shop')).code).toBe('INVALID_REQUEST')
    expect(refusal(() => access.identifyLocal('absent')).code).toBe('INVALID_REQUEST')
    expect(refusal(() => access.identifyLocal('shop', 'remote')).code).toBe('INVALID_REQUEST')
    const made = await access.createToken({ project: 'shop', name: 'one', kind: 'local', grants: [readSales] })
    expect(made.secret).toBeNull()
    expect(made.token.prefix).toBeNull()
    expect(access.identifyLocal('shop')).toMatchObject({ kind: 'local', name: 'one', grants: [readSales] })
    await access.createToken({ project: 'shop', name: 'two', kind: 'local', grants: [] })
    expect(refusal(() => access.identifyLocal('shop')).message).toMatch(/one, two/)
    expect(access.identifyLocal('shop', 'two').grants).toEqual([])
    await access.revokeToken('shop', 'two')
    expect(refusal(() => access.identifyLocal('shop', 'two')).code).toBe('TOKEN_EXPIRED')
    expect(access.identifyLocal('shop').name).toBe('one')
  })

  it('writes timestamps of last use in batches', async () => {
    const { access, token, clock, store } = openRoom(makeStore)
    const bearer = await token('reader', [readSales])
    clock.advance(5000)
    access.recognize(bearer)
    expect((await access.tokens())[0]?.last_used_at).toBeNull()
    access.identify(bearer)
    expect((await access.tokens())[0]?.last_used_at).toBe('2026-06-01T12:00:05.000Z')
    expect(store.read.tokens()[0]?.last_used_at).toBeNull()
    access.flush()
    expect(store.read.tokens()[0]?.last_used_at).toBe(clock.now())
  })

  it('survives a restart', async () => {
    const { access, token, store, clock } = openRoom(makeStore)
    const bearer = await token('reader', [readSales])
    access.close()
    expect(openAccess(store, clock.restarted()).identify(bearer).name).toBe('reader')
  })
})
