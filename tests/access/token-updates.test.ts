import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HallpassError } from '../../src/contract/errors.ts'
import type { Grant } from '../../src/contract/grants.ts'
import type { Demand } from '../../src/engine/access/principal.ts'
import { editSales, openRoom, readSales, refusal, STORES } from './support/access-room.ts'

const at = (name: string, revision: number, grants: Grant[]) => ({ project: 'shop', name, revision, set: { grants } })

describe.each(STORES)('an update of a token, store %s', (_name, makeStore) => {
  it('TP5 saves nothing for an old revision, and says that the token changed', async () => {
    const { access, token } = openRoom(makeStore)
    await token('agent', [readSales])
    const [{ revision } = { revision: 0 }] = await access.tokens('shop')
    await access.updateToken(at('agent', revision, [editSales]))
    expect(await refusal(() => access.updateToken(at('agent', revision, [])))).toMatchObject({
      code: 'INVALID_REQUEST',
      field: 'revision',
    })
    expect(await refusal(() => access.previewTokenUpdate(at('agent', revision, [])))).toMatchObject({
      field: 'revision',
    })
    expect(await access.tokens('shop')).toMatchObject([{ grants: [editSales], revision: revision + 1 }])
  })

  it('rejects a connection that the project lacks and an ended token, and changes nothing', async () => {
    const { access, token } = openRoom(makeStore)
    await token('agent', [readSales])
    await token('gone', [readSales])
    await access.revokeToken('shop', 'gone')
    const grants: Grant[] = [readSales, { connection: 'ledger', permissions: ['read'] }]
    expect(await refusal(() => access.updateToken(at('agent', 1, grants)))).toMatchObject({ field: 'grants' })
    expect((await refusal(() => access.updateToken(at('gone', 1, [editSales])))).code).toBe('INVALID_REQUEST')
    expect((await access.tokens('shop')).map((one) => one.grants)).toEqual([[readSales], [readSales]])
  })

  it('TP2 returns any grants unchanged', async () => {
    const { access, token } = openRoom(makeStore)
    await token('agent', [])
    let { revision } = (await access.tokens('shop'))[0] ?? { revision: 0 }
    await fc.assert(
      fc.asyncProperty(fc.array(anyGrant, { maxLength: 6 }), async (grants) => {
        revision = (await access.updateToken(at('agent', revision, grants))).token.revision
        expect((await access.tokens('shop'))[0]?.grants).toEqual(grants)
      }),
      { numRuns: 50 },
    )
  })

  it('TP6 saves nothing that is limited to no table, tool or path', async () => {
    const { access, token } = openRoom(makeStore)
    await token('agent', [readSales])
    const limits = { tables: 'sales', paths: 'listings', tools: 'listings' }
    for (const [limit, connection] of Object.entries(limits)) {
      const grants = [readSales, { connection, permissions: ['read'], [limit]: [] }] as Grant[]
      for (const act of [access.previewTokenUpdate, access.updateToken])
        expect(await refusal(() => act(at('agent', 1, grants)))).toMatchObject({
          code: 'INVALID_REQUEST',
          field: `grants.1.${limit}`,
          message: `Choose at least one ${limit.slice(0, -1)}, or allow all.`,
        })
    }
    expect(await access.tokens('shop')).toMatchObject([{ grants: [readSales], revision: 1 }])
  })

  it('TP3 changes each session token as its preview says', async () => {
    const { access, token } = openRoom(makeStore)
    const bearer = await token('agent', [
      { connection: 'sales', permissions: ['read', 'write'] },
      { connection: 'stock', permissions: ['read'] },
    ])
    const agent = access.identify(bearer)
    const mint = (document: string, permissions: ('read' | 'write')[]) =>
      access.mintSession(agent, { document, permissions } as never)
    const narrowed = mint('sales', ['read', 'write'])
    const untouched = mint('sales', ['read'])
    const ended = mint('stock', ['read'])
    const update = at('agent', 1, [readSales])
    const { effects: announced } = await access.previewTokenUpdate(update)
    expect(announced).toEqual({
      added: [],
      removed: [
        { connection: 'sales', permission: 'write', limit: null, resource: null },
        { connection: 'stock', permission: 'read', limit: null, resource: null },
      ],
      sessions_narrowed: [
        {
          id: narrowed.record.id,
          lost: [{ connection: 'sales', permission: 'write', limit: null, resource: null }],
        },
      ],
      sessions_ended: [ended.record.id],
      requests_cut: 0,
    })
    expect((await access.updateToken(update)).effects).toEqual(announced)
    expect(access.identify(narrowed.token).grants).toEqual([readSales])
    expect(access.identify(untouched.token).grants).toEqual([readSales])
    expect(refusal(() => access.identify(ended.token)).code).toBe('TOKEN_EXPIRED')
  })

  it('renames a token with its other changes, and ends its session tokens as its preview says', async () => {
    const { access, token } = openRoom(makeStore)
    const agent = access.identify(await token('agent', [editSales]))
    await token('other', [readSales])
    const session = access.mintSession(agent, { document: 'sales', permissions: ['read'] } as never)
    const update = (revision: number, name: string) => ({
      project: 'shop',
      name: 'agent',
      revision,
      set: { name, grants: [readSales] },
    })
    expect(await refusal(() => access.updateToken(update(1, 'other')))).toMatchObject({
      field: 'name',
    })
    expect(await refusal(() => access.updateToken(update(2, 'renamed')))).toMatchObject({ field: 'revision' })
    expect(access.identify(session.token).grants).toEqual([readSales])
    const { effects: announced } = await access.previewTokenUpdate(update(1, 'renamed'))
    expect(announced).toMatchObject({ sessions_narrowed: [], sessions_ended: [session.record.id] })
    const { token: renamed, effects } = await access.updateToken(update(1, 'renamed'))
    expect(effects).toEqual(announced)
    expect(renamed).toMatchObject({ name: 'renamed', grants: [readSales], revision: 2 })
    expect((await access.tokens('shop')).map(({ name }) => name).toSorted()).toEqual(['other', 'renamed'])
    expect(access.refresh(agent).name).toBe('renamed')
    expect(refusal(() => access.identify(session.token)).code).toBe('TOKEN_EXPIRED')
  })

  it('sets the instant of its expiry, and rejects one that has passed or that stands beside a lifetime', async () => {
    const { access, token, clock } = openRoom(makeStore)
    await token('agent', [readSales])
    const set = (revision: number, values: object) => ({ project: 'shop', name: 'agent', revision, set: values })
    const at = new Date(clock.now() + 90_000).toISOString()
    for (const [values, field] of [
      [{ expires_at: new Date(clock.now()).toISOString() }, 'expires_at'],
      [{ expires_at: at, ttl: '1d' }, 'ttl'],
    ] as const)
      expect(await refusal(() => access.updateToken(set(1, values)))).toMatchObject({ code: 'INVALID_REQUEST', field })
    expect((await access.updateToken(set(1, { expires_at: null }))).token.expires_at).toBe(null)
    expect((await access.updateToken(set(2, { expires_at: at }))).token.expires_at).toBe(at)
  })

  it('TP4 interrupts the running requests that needed a removed permission, and no others', async () => {
    const { access, token } = openRoom(makeStore)
    const agent = access.identify(await token('agent', [editSales]))
    const interrupted: string[] = []
    const run = (name: string, demand: Demand) =>
      access.enter(agent, {
        connection: demand.connection,
        demand,
        interrupt: (error: HallpassError) => interrupted.push(`${name} ${error.code} ${error.reason ?? ''}`),
      })
    run('reading', { connection: 'sales', permission: 'read', table: 'Orders' })
    run('writing', { connection: 'sales', permission: 'write', table: 'Orders' })
    const update = at('agent', 1, [readSales])
    expect((await access.previewTokenUpdate(update)).effects.requests_cut).toBe(1)
    expect(interrupted).toEqual([])
    expect((await access.updateToken(update)).effects.requests_cut).toBe(1)
    expect(interrupted).toEqual(['writing UNAUTHORIZED permission_removed'])
    expect(access.refresh(agent).grants).toEqual([readSales])
  })

  it('does not count as added what a wider permission already covered', async () => {
    const { access, token } = openRoom(makeStore)
    await token('agent', [{ connection: 'sales', permissions: ['read'], tables: ['Orders'] }])
    const { added, removed } = (await access.previewTokenUpdate(at('agent', 1, [readSales]))).effects
    expect([added, removed]).toEqual([[{ connection: 'sales', permission: 'read', limit: null, resource: null }], []])
  })
})

const permissions = fc.uniqueArray(fc.constantFrom('read', 'write', 'schema'), { minLength: 1 })
const names = (...all: string[]) => fc.uniqueArray(fc.constantFrom(...all), { minLength: 1 })
const anyGrant = fc.oneof(
  fc.record({ connection: fc.constantFrom('sales', 'stock'), permissions }),
  fc.record({
    connection: fc.constantFrom('sales', 'stock'),
    permissions,
    tables: names('Orders', 'Line Items', 'Ünï'),
  }),
  fc.record({ connection: fc.constant('listings'), permissions, paths: names('/v1/a', '/v1/b/*') }),
  fc.record({ connection: fc.constant('listings'), permissions, tools: names('find_*', 'get_a') }),
) as fc.Arbitrary<Grant>
