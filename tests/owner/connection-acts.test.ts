import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startGristStandIn, type GristStandIn } from '../support/grist-stand-in/start-grist-stand-in.ts'
import { openOwner } from './support/open-owner.ts'

const KEY = 'canary0key1of2the3stand4in5'

describe('connections and their secrets', () => {
  let grist: GristStandIn
  beforeEach(async () => {
    grist = await startGristStandIn({
      key: KEY,
      docs: { sTandInDoc1234567890Ab: { People: { columns: { Name: { type: 'Text' } }, rows: [] } } },
    })
  })
  afterEach(async () => {
    await grist.close()
  })

  async function withConnection() {
    const room = openOwner()
    await room.owner.projects.create({ name: 'shop' })
    await room.owner.connections.create({
      name: 'crm',
      project: 'shop',
      config: { kind: 'grist', url: grist.url, doc: grist.docId },
      secret: { value: KEY },
    })
    return room
  }

  it('that are replaced twice at once leave one secret, and it is the one in use', async () => {
    const { owner, kept, parts } = await withConnection()
    grist.delay(20)
    await Promise.all([1, 2, 3].map(() => owner.connections.replaceSecret({ name: 'crm', secret: { value: KEY } })))
    expect([...kept.keys()]).toEqual([parts.store.read.connection('crm')?.secret_account])
    expect((await owner.connections.test({ name: 'crm' })).ok).toBe(true)
  })

  it('that are deleted while a new secret is tested leave no secret', async () => {
    const { owner, kept } = await withConnection()
    grist.delay(50)
    const replacing = owner.connections.replaceSecret({ name: 'crm', secret: { value: KEY } }).then(
      () => 'replaced',
      (thrown: Error) => thrown,
    )
    await owner.connections.delete({ name: 'crm' })
    expect(await replacing).toMatchObject({ data: { code: 'INVALID_REQUEST', field: 'name' } })
    expect([...kept.keys()]).toEqual([])
  })

  it('that are deleted also delete a secret that is being replaced', async () => {
    const { owner, kept, parts } = await withConnection()
    const forget = parts.secrets.forget
    let first = true
    parts.secrets.forget = async (home, account) => {
      if (first) {
        first = false
        await owner.connections.replaceSecret({ name: 'crm', secret: { value: KEY } })
      }
      await forget(home, account)
    }
    await owner.connections.delete({ name: 'crm' })
    expect([...kept.keys()]).toEqual([])
    expect(await owner.connections.list({})).toEqual([])
  })

  it('stay unchanged, with the old key, if a new key is rejected', async () => {
    const { owner, kept } = await withConnection()
    const before = await owner.connections.get({ name: 'crm' })
    await expect(
      owner.connections.replaceSecret({ name: 'crm', secret: { value: 'a-wrong-key' } }),
    ).rejects.toMatchObject({ code: 'GRIST_ERROR' })
    expect(await owner.connections.get({ name: 'crm' })).toEqual(before)
    expect(kept.size).toBe(1)
  })

  it("list the tables of a document, or say why they can't", async () => {
    const { owner } = await withConnection()
    expect(await owner.connections.tables({ name: 'crm' })).toEqual(['People'])
    await expect(owner.connections.tables({ name: 'nothing' })).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
    await grist.close()
    await expect(owner.connections.tables({ name: 'crm' })).rejects.toMatchObject({ code: 'GRIST_ERROR' })
    expect((await owner.connections.get({ name: 'crm' })).health.state).toBe('down')
  })

  it('are up once they were created, and have no use yet', async () => {
    const { owner } = await withConnection()
    const { health, last_used_at } = await owner.connections.get({ name: 'crm' })
    expect(health).toMatchObject({
      state: 'up',
      checked_at: expect.any(String),
      latency_ms: expect.any(Number),
      message: null,
    })
    expect(last_used_at).toBeNull()
  })
})
