import { describe, expect, it, vi } from 'vitest'
import { openAccess, openRoom, readSales, refusal, STORES } from './support/access-room.ts'

describe.each(STORES)('a paused token, store %s', (_name, makeStore) => {
  const paused = (name: string, revision: number, on = true) => ({
    project: 'shop',
    name,
    revision,
    set: { paused: on },
  })

  it('is rejected with a sentence that names it, with its session tokens, while other tokens work', async () => {
    const { access, token } = openRoom(makeStore)
    const bearer = await token('agent', [readSales])
    const other = await token('other', [readSales])
    const agent = access.identify(bearer)
    const session = access.mintSession(agent, { document: 'sales', permissions: ['read'] }).token
    await access.updateToken(paused('agent', 1))
    for (const work of [
      () => access.identify(bearer),
      () => access.refresh(agent),
      () => access.mintSession(agent, { document: 'sales', permissions: ['read'] }),
      () => access.identify(session),
    ]) {
      const error = refusal(work)
      expect(error.code).toBe('PAUSED')
      expect(error.message).toContain('"agent"')
    }
    expect(access.identify(other).name).toBe('other')
    expect((await access.tokens('shop')).map(({ name, status, paused: is }) => [name, status, is])).toEqual([
      ['agent', 'active', true],
      ['other', 'active', false],
    ])
  })

  it('interrupts its running requests and those of its session tokens, as previewed, and no others', async () => {
    const { access, token } = openRoom(makeStore)
    const agent = access.identify(await token('agent', [readSales]))
    const other = access.identify(await token('other', [readSales]))
    const session = access.identify(access.mintSession(agent, { document: 'sales', permissions: ['read'] }).token)
    const interrupted = [agent, session, other].map((principal) => {
      const interrupt = vi.fn()
      access.enter(principal, { connection: 'sales', demand: { connection: 'sales', permission: 'read' }, interrupt })
      return interrupt
    })
    expect((await access.previewTokenUpdate(paused('agent', 1))).effects.requests_cut).toBe(2)
    const { effects } = await access.updateToken(paused('agent', 1))
    expect(effects).toMatchObject({ requests_cut: 2, sessions_ended: [], added: [], removed: [] })
    expect(interrupted.map((one) => one.mock.calls[0]?.[0]?.code)).toEqual(['PAUSED', 'PAUSED', undefined])
  })

  it('works again once resumed, with the same secret and session tokens', async () => {
    const { access, token } = openRoom(makeStore)
    const bearer = await token('agent', [readSales])
    const session = access.mintSession(access.identify(bearer), { document: 'sales', permissions: ['read'] }).token
    const { token: record } = await access.updateToken(paused('agent', 1))
    await access.updateToken(paused('agent', record.revision, false))
    expect(access.identify(bearer).name).toBe('agent')
    expect(access.identify(session).parent).toBe('agent')
  })

  it('stays paused after a restart', async () => {
    const { access, token, store, clock } = openRoom(makeStore)
    const bearer = await token('agent', [readSales])
    await access.updateToken(paused('agent', 1))
    expect(refusal(() => openAccess(store, clock).identify(bearer)).code).toBe('PAUSED')
  })
})

describe.each(STORES)('ended session tokens, store %s', (_name, makeStore) => {
  it('are listed for 24 hours on request, with when and how they ended', async () => {
    const { access, token, clock } = openRoom(makeStore)
    const agent = access.identify(await token('agent', [readSales], { ttl: 'never' }))
    const mint = (more: object) => access.mintSession(agent, { document: 'sales', permissions: ['read'], ...more })
    const expiring = mint({ ttl_seconds: 60 })
    const spent = mint({ max_requests: 1 })
    access.identify(spent.token)
    const ended = mint({})
    await access.endSession(ended.record.id)
    clock.advance(61_000)
    expect(refusal(() => access.identify(expiring.token)).code).toBe('TOKEN_EXPIRED')
    const active = mint({})
    expect((await access.sessions('shop')).map(({ id }) => id)).toEqual([active.record.id])
    const all = await access.sessions('shop', true)
    const by = Object.fromEntries(all.map((one) => [one.id, one.ended_by]))
    expect(by).toEqual({
      [ended.record.id]: 'owner',
      [expiring.record.id]: 'expiry',
      [spent.record.id]: 'expiry',
      [active.record.id]: null,
    })
    const expired = all.find(({ id }) => id === expiring.record.id)
    expect(expired?.ended_at).toBe(expired?.expires_at)
    expect(await access.sessions('other', true)).toEqual([])
    clock.advance(25 * 3_600_000)
    const later = await access.sessions('shop', true)
    expect(later.filter(({ ended_at: at }) => at !== null && Date.parse(at) < clock.now() - 86_400_000)).toEqual([])
    expect(later.map(({ id }) => id)).not.toContain(ended.record.id)
  })
})
