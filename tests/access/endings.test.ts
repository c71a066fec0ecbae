import { describe, expect, it } from 'vitest'
import type { Access } from '../../src/engine/access/access.ts'
import { editSales, openRoom, readSales, refusal, STORES } from './support/access-room.ts'
import { IS_THOROUGH } from '../support/repeats.ts'

function mint(access: Access, bearer: string, document = 'sales'): string {
  return access.mintSession(access.identify(bearer), { permissions: ['read'], document }).token
}

describe.each(STORES)('ends of tokens, store %s', (store, makeStore) => {
  it('interrupts 200 running requests of a token and its sessions before revoke returns', async () => {
    const { access, token } = openRoom(makeStore)
    const bearer = await token('reader', [readSales])
    const bystander = access.identify(await token('other', [readSales]))
    const leaveBystander = access.enter(bystander)
    const principals = [bearer, mint(access, bearer), mint(access, bearer)].map((each) => access.identify(each))
    let cut = 0
    for (let running = 0; running < 200; running += 1) {
      const principal = principals[running % 3]
      if (principal === undefined) throw new Error('no principal')
      access.enter(principal)
      principal.signal.addEventListener('abort', () => (cut += 1))
    }
    const [finished] = principals
    if (finished !== undefined) {
      const leave = access.enter(finished)
      leave()
      leave()
    }
    expect(await access.revokeToken('shop', 'reader')).toEqual({ sessions_ended: 2, requests_cut: 200 })
    expect(cut).toBe(200)
    expect(bystander.signal.aborted).toBe(false)
    leaveBystander()
    expect(await access.revokeToken('shop', 'reader')).toEqual({ sessions_ended: 0, requests_cut: 0 })
    for (const principal of principals) {
      expect(refusal(() => access.refresh(principal)).code).toBe('TOKEN_EXPIRED')
      expect(refusal(() => access.enter(principal)).code).toBe('TOKEN_EXPIRED')
    }
  })

  it.each<[string, (access: Access, session: string) => Promise<unknown>]>([
    ['revoke', (access) => access.revokeToken('shop', 'reader')],
    ['delete', (access) => access.deleteToken('shop', 'reader')],
    ['replacement', (access) => access.createToken({ project: 'shop', name: 'reader', kind: 'access', force: true })],
    ['the deletion of the project', (access) => access.deleteProject('shop')],
    ['the exclusion of the connection', (access) => access.endConnection('sales', 'shop')],
    ['the deletion of the connection', (access) => access.endConnection('sales')],
    ['the revocation of all session tokens', (access) => access.endAllSessions()],
    ['its own revocation', (access, session) => access.endSession(session)],
  ])('%s ends a session token at once', async (_what, end) => {
    const { access, token } = openRoom(makeStore)
    const bearer = mint(access, await token('reader', [readSales]))
    const principal = access.identify(bearer)
    access.enter(principal)
    const [session] = await access.sessions()
    const ending = end(access, session?.id ?? '')
    // Checked before the promise resolves, because ending access doesn't wait for anything.
    expect(principal.signal.aborted).toBe(true)
    expect(refusal(() => access.identify(bearer)).code).toBe('TOKEN_EXPIRED')
    await ending
    expect(await access.sessions()).toEqual([])
  })

  it('reports a token of a deleted project as ended, not as unknown', async () => {
    const { access, token, store } = openRoom(makeStore)
    const bearer = await token('reader', [readSales])
    await access.deleteProject('shop')
    expect(store.read.project('shop')).toBeNull()
    expect(refusal(() => access.identify(bearer)).code).toBe('TOKEN_EXPIRED')
  })

  it('removes a grant from a token and keeps its other grants', async () => {
    const { access, token, store } = openRoom(makeStore)
    const bearer = await token('reader', [editSales, { connection: 'stock', permissions: ['read'] }])
    const onStock = mint(access, bearer, 'stock')
    const onSales = mint(access, bearer)
    const principal = access.identify(bearer)
    const interrupted: string[] = []
    access.enter(principal, { connection: 'sales', interrupt: (error) => void interrupted.push(error.code) })
    access.enter(principal, { connection: 'stock', interrupt: () => undefined })
    expect(await access.endConnection('sales', 'shop')).toEqual({ sessions_ended: 1, requests_cut: 1 })
    expect(interrupted).toEqual(['UNAUTHORIZED'])
    expect(principal.signal.aborted).toBe(false)
    expect(access.refresh(principal).grants).toEqual([{ connection: 'stock', permissions: ['read'] }])
    expect(refusal(() => access.identify(onSales)).code).toBe('TOKEN_EXPIRED')
    expect(access.identify(onStock).grants).toEqual([{ connection: 'stock', permissions: ['read'] }])
    const project = store.read.project('shop')
    const sales = store.read.connection('sales')
    if (project === null || sales === null) throw new Error('missing')
    store.write.include(project.id, sales.id)
    expect(access.identify(bearer).grants).toEqual([{ connection: 'stock', permissions: ['read'] }])
  })

  it('leaves other projects alone when one excludes a connection', async () => {
    const { access, store } = openRoom(makeStore)
    const other = store.read.project('other')
    const sales = store.read.connection('sales')
    if (other === null || sales === null) throw new Error('missing')
    store.write.include(other.id, sales.id)
    const { secret } = await access.createToken({
      project: 'other',
      name: 'reader',
      kind: 'access',
      grants: [readSales],
    })
    const bearer = mint(access, secret ?? '')
    await access.endConnection('sales', 'shop')
    expect(access.identify(bearer).grants).toEqual([readSales])
    await access.endConnection('sales')
    expect(refusal(() => access.identify(bearer)).code).toBe('TOKEN_EXPIRED')
  })

  it('rejects a revoked token in this run even if the revoke can’t be written', async () => {
    const { access, token, store } = openRoom(makeStore)
    const bearer = await token('reader', [readSales])
    const session = mint(access, bearer)
    const { revokeToken } = store.write
    store.write.revokeToken = () => {
      throw new Error('disk full')
    }
    await expect(access.revokeToken('shop', 'reader')).rejects.toThrow('disk full')
    expect(refusal(() => access.identify(bearer)).code).toBe('TOKEN_EXPIRED')
    expect(refusal(() => access.identify(session)).code).toBe('TOKEN_EXPIRED')
    store.write.revokeToken = revokeToken
    await access.revokeToken('shop', 'reader')
    expect((await access.tokens('shop'))[0]?.status).toBe('revoked')
  })

  it('interrupts running requests when the token expires, without another request', async () => {
    const { access, token, clock } = openRoom(makeStore, { sweepMs: 2 })
    const bearer = await token('brief', [readSales], { ttl: '60s' })
    const principals = [access.identify(bearer), access.identify(mint(access, bearer))]
    const aborted = Promise.all(
      principals.map(
        (principal) => new Promise<void>((resolve) => principal.signal.addEventListener('abort', () => resolve())),
      ),
    )
    clock.advance(60_000)
    await aborted
    expect(await access.sessions()).toEqual([])
    expect((await access.tokens('shop'))[0]?.status).toBe('expired')
  })

  // The limit doesn't depend on the store, and 10,000 session tokens take a while to write.
  it.runIf(store === 'in memory' || IS_THOROUGH)('limits how many session tokens one token can mint', async () => {
    const { access, token } = openRoom(makeStore)
    const parent = access.identify(await token('reader', [readSales]))
    for (let minted = 0; minted < 10_000; minted += 1)
      access.mintSession(parent, { permissions: ['read'], document: 'sales' })
    expect(refusal(() => access.mintSession(parent, { permissions: ['read'], document: 'sales' })).code).toBe(
      'RATE_LIMITED',
    )
    expect((await access.revokeToken('shop', 'reader')).sessions_ended).toBe(10_000)
  })
})
