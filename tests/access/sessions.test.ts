import { describe, expect, it } from 'vitest'
import type { Permission } from '../../src/contract/grants.ts'
import { decide } from '../../src/engine/access/decide.ts'
import { editSales, openAccess, openRoom, readSales, refusal, STORES } from './support/access-room.ts'

describe.each(STORES)('session tokens, store %s', (_, makeStore) => {
  it.each<[string, object, string, RegExp | string]>([
    [
      'a permission that the caller lacks',
      { document: 'sales', permissions: ['read', 'write'] },
      'UNAUTHORIZED',
      /^Permission denied: token "reader" doesn't have the write permission for "sales"\.$/,
    ],
    [
      'an unknown permission word',
      { document: 'sales', permissions: ['read', 'admin'] },
      'INVALID_REQUEST',
      'permissions',
    ],
    [
      'a prototype name as permission',
      { document: 'sales', permissions: ['__proto__'] },
      'INVALID_REQUEST',
      'permissions',
    ],
    ['a permission in capitals', { document: 'sales', permissions: ['READ'] }, 'INVALID_REQUEST', 'permissions'],
    ['no permissions', { document: 'sales', permissions: [] }, 'INVALID_REQUEST', 'permissions'],
    [
      'two names that differ',
      { document: 'sales', connection: 'stock', permissions: ['read'] },
      'INVALID_REQUEST',
      'connection',
    ],
    ['no name if several are possible', { permissions: ['read'] }, 'INVALID_REQUEST', /sales, stock/],
    [
      'a lifetime of zero',
      { document: 'sales', permissions: ['read'], ttl_seconds: 0 },
      'INVALID_REQUEST',
      'ttl_seconds',
    ],
    [
      'a negative lifetime',
      { document: 'sales', permissions: ['read'], ttl_seconds: -1 },
      'INVALID_REQUEST',
      'ttl_seconds',
    ],
    [
      'a fractional lifetime',
      { document: 'sales', permissions: ['read'], ttl_seconds: 1.5 },
      'INVALID_REQUEST',
      'ttl_seconds',
    ],
    [
      'a lifetime that is not a number',
      { document: 'sales', permissions: ['read'], ttl_seconds: Number.NaN },
      'INVALID_REQUEST',
      'ttl_seconds',
    ],
    [
      'an infinite lifetime',
      { document: 'sales', permissions: ['read'], ttl_seconds: Infinity },
      'INVALID_REQUEST',
      'ttl_seconds',
    ],
    [
      'a table outside the grant',
      { document: 'stock', permissions: ['read'], resources: ['Items', 'Prices'] },
      'UNAUTHORIZED',
      /^Permission denied: .*"Prices"/,
    ],
    [
      'a prototype name as table',
      { document: 'stock', permissions: ['read'], resources: ['constructor'] },
      'UNAUTHORIZED',
      /^Permission denied: .*"constructor"/,
    ],
    [
      'a path outside the grant',
      { connection: 'listings', permissions: ['read'], resources: ['/v1/secret'] },
      'UNAUTHORIZED',
      /^Permission denied/,
    ],
    [
      'a path with dots',
      { connection: 'listings', permissions: ['read'], resources: ['/v1/listings/../secret'] },
      'INVALID_REQUEST',
      'resources',
    ],
    [
      'a path above the grant',
      { connection: 'listings', permissions: ['read'], resources: ['/v1/*'] },
      'UNAUTHORIZED',
      /^Permission denied/,
    ],
  ])('rejects %s', async (_what, request, code, expected) => {
    const { access, token } = openRoom(makeStore)
    const parent = access.identify(
      await token('reader', [
        readSales,
        { connection: 'stock', permissions: ['read'], tables: ['Items'] },
        { connection: 'listings', permissions: ['read'], paths: ['/v1/listings/*'] },
      ]),
    )
    const rejected = refusal(() => access.mintSession(parent, request as never))
    expect(rejected.code).toBe(code)
    if (typeof expected === 'string') expect(rejected.field).toBe(expected)
    else expect(rejected.message).toMatch(expected)
    expect(await access.sessions()).toEqual([])
  })

  it('rejects a connection outside the grants with the same error whether or not it exists', async () => {
    const { access, token } = openRoom(makeStore)
    const parent = access.identify(await token('reader', [readSales]))
    const shapes = ['stock', 'ledger', 'nowhere', 'absent', '__proto__'].map((document) => {
      const refused = refusal(() => access.mintSession(parent, { document, permissions: ['read'], resources: ['x'] }))
      expect(refused.code).toBe('UNAUTHORIZED')
      return refused.message.replace(document, '…')
    })
    expect(new Set(shapes)).toEqual(new Set(['Document not in scope: token "reader" has no access to "…".']))
  })

  it('does not let a session token mint another', async () => {
    const { access, token } = openRoom(makeStore)
    const parent = access.identify(await token('reader', [readSales]))
    const session = access.identify(access.mintSession(parent, { permissions: ['read'] }).token)
    expect(refusal(() => access.mintSession(session, { permissions: ['read'] }))).toMatchObject({
      code: 'UNAUTHORIZED',
      message: expect.stringMatching(/^Permission denied/) as unknown,
    })
  })

  it('does not mint for a principal whose token has ended', async () => {
    const { access, token } = openRoom(makeStore)
    const parent = access.identify(await token('reader', [readSales]))
    await access.revokeToken('shop', 'reader')
    expect(refusal(() => access.mintSession(parent, { permissions: ['read'] })).code).toBe('TOKEN_EXPIRED')
  })

  it('opens the only document by default, and limits the session to its permissions and tables', async () => {
    const { access, token } = openRoom(makeStore)
    const parent = access.identify(
      await token('editor', [editSales, { connection: 'listings', permissions: ['read'] }]),
    )
    const { token: bearer, record } = access.mintSession(parent, {
      permissions: ['read', 'read'],
      resources: ['Orders'],
    })
    expect(record).toMatchObject({
      project: 'shop',
      parent: 'editor',
      connection: 'sales',
      permissions: ['read'],
      resources: ['Orders'],
      requests: 0,
      max_requests: null,
    })
    const session = access.identify(bearer)
    expect(session).toMatchObject({
      kind: 'session',
      parent: 'editor',
      name: record.id,
      rateKey: parent.rateKey,
      rate: parent.rate,
    })
    const allows = (permission: Permission, table: string): boolean =>
      decide(session.grants, { permission, connection: 'sales', table }).allowed
    expect([allows('write', 'Orders'), allows('read', 'Notes'), allows('read', 'Orders')]).toEqual([false, false, true])
    expect(JSON.stringify([await access.sessions(), session])).not.toContain(bearer)
  })

  it('does not combine a permission of one parent grant with a table of another', async () => {
    const { access, token } = openRoom(makeStore)
    const parent = access.identify(
      await token('mixed', [
        { connection: 'sales', permissions: ['read'], tables: ['Orders'] },
        { connection: 'sales', permissions: ['write'], tables: ['Notes'] },
      ]),
    )
    expect(
      refusal(() => access.mintSession(parent, { permissions: ['read', 'write'], resources: ['Orders', 'Notes'] }))
        .code,
    ).toBe('UNAUTHORIZED')
    const session = access.identify(access.mintSession(parent, { permissions: ['read', 'write'] }).token)
    expect(decide(session.grants, { permission: 'write', connection: 'sales', table: 'Orders' }).allowed).toBe(false)
    expect(decide(session.grants, { permission: 'read', connection: 'sales', table: 'Notes' }).allowed).toBe(false)
    expect(decide(session.grants, { permission: 'write', connection: 'sales', table: 'Notes' }).allowed).toBe(true)
  })

  it('lives 300 seconds, or up to 3600 on request, and never longer than the parent', async () => {
    const { access, token, clock } = openRoom(makeStore)
    const parent = access.identify(await token('reader', [readSales]))
    const seconds = (ttl?: number): number => {
      const { record } = access.mintSession(parent, {
        permissions: ['read'],
        ...(ttl === undefined ? {} : { ttl_seconds: ttl }),
      })
      return (Date.parse(record.expires_at) - clock.now()) / 1000
    }
    expect([seconds(), seconds(1), seconds(3600), seconds(3601), seconds(1e12)]).toEqual([300, 1, 3600, 3600, 3600])
    const brief = access.identify(await token('brief', [readSales], { ttl: '10m' }))
    expect(Date.parse(access.mintSession(brief, { permissions: ['read'], ttl_seconds: 3600 }).record.expires_at)).toBe(
      clock.now() + 600_000,
    )
  })

  it('is reported as ended after it expires, and is unknown after a restart', async () => {
    const { access, token, clock, store } = openRoom(makeStore)
    const bearer = access.mintSession(access.identify(await token('reader', [readSales])), {
      permissions: ['read'],
    }).token
    expect(refusal(() => openAccess(store, clock).identify(bearer)).code).toBe('INVALID_TOKEN')
    clock.advance(299_999)
    const principal = access.identify(bearer)
    clock.advance(1)
    expect(refusal(() => access.identify(bearer)).code).toBe('TOKEN_EXPIRED')
    expect(refusal(() => access.refresh(principal)).code).toBe('TOKEN_EXPIRED')
    expect(refusal(() => access.enter(principal)).code).toBe('TOKEN_EXPIRED')
    expect(access.recognize(bearer)).toBeNull()
    expect(principal.signal.aborted).toBe(true)
    expect(await access.sessions()).toEqual([])
  })

  it('serves the last use of a counted token to one of a hundred callers', async () => {
    const { access, token } = openRoom(makeStore)
    const { token: bearer } = access.mintSession(access.identify(await token('reader', [readSales])), {
      permissions: ['read'],
      max_requests: 3,
    })
    access.identify(bearer)
    access.recognize(bearer)
    expect((await access.sessions())[0]?.requests).toBe(1)
    access.identify(bearer)
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, async () => {
        await Promise.resolve()
        try {
          const principal = access.identify(bearer)
          const leave = access.enter(principal)
          await new Promise(setImmediate)
          access.refresh(principal)
          leave()
          return principal.signal.aborted ? 'cut' : 'served'
        } catch (error) {
          return (error as { code: string }).code
        }
      }),
    )
    expect(outcomes.filter((outcome) => outcome === 'served')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'TOKEN_EXPIRED')).toHaveLength(99)
    expect(await access.sessions()).toEqual([])
  })

  it('is not counted while all access is paused', async () => {
    const { access, token } = openRoom(makeStore)
    const { token: bearer } = access.mintSession(access.identify(await token('reader', [readSales])), {
      permissions: ['read'],
      max_requests: 1,
    })
    await access.pause()
    expect(refusal(() => access.identify(bearer)).code).toBe('PAUSED')
    await access.resume()
    expect(access.identify(bearer).kind).toBe('session')
  })

  it("limits the owner's session tokens to the project", async () => {
    const { access } = openRoom(makeStore)
    for (const input of [
      { project: 'shop', connection: 'ledger' },
      { project: 'shop', connection: 'nowhere' },
      { project: 'absent', connection: 'sales' },
    ]) {
      expect((await refusal(() => access.mintOwnerSession({ ...input, permissions: ['read'] }))).code).toBe(
        'INVALID_REQUEST',
      )
    }
    expect(
      (
        await refusal(() =>
          access.mintOwnerSession({ project: 'shop', connection: 'sales', permissions: ['read'], ttlSeconds: 0 }),
        )
      ).code,
    ).toBe('INVALID_REQUEST')
    const { token, record } = await access.mintOwnerSession({
      project: 'shop',
      connection: 'sales',
      permissions: ['write'],
      resources: ['Orders'],
      label: 'my script/1',
    })
    expect(record.id).toMatch(/^my-script-1-[0-9a-f]{12}$/)
    expect(record).toMatchObject({ parent: 'owner', of_owner: true })
    expect(access.identify(token)).toMatchObject({
      tokenId: null,
      parent: 'owner',
      grants: [{ connection: 'sales', permissions: ['write'], tables: ['Orders'] }],
    })
    await access.endConnection('sales', 'shop')
    expect(refusal(() => access.identify(token)).code).toBe('TOKEN_EXPIRED')
  })
})
