import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { protect } from '../mcp-upstreams/support/authorization-server.ts'
import { startMcpHttpServer } from '../mcp-upstreams/support/http-server.ts'
import { eventually } from '../mcp-upstreams/support/mcp-room.ts'
import { startGristStandIn, type GristStandIn } from '../support/grist-stand-in/start-grist-stand-in.ts'
import { post, startTestEngine, type TestEngine } from '../support/start-test-engine.ts'

const KEY = 'canary0key1of2the3stand4in5'
const TABLES = { People: { columns: { Name: { type: 'Text' as const } }, rows: [] } }

describe('updating a connection', () => {
  let grist: GristStandIn
  let engine: TestEngine
  beforeEach(async () => {
    grist = await startGristStandIn({ key: KEY, docs: { sTandInDoc1234567890Ab: TABLES } })
    engine = await startTestEngine()
    await engine.owner.projects.create({ name: 'shop' })
    await engine.owner.connections.create({
      name: 'crm',
      project: 'shop',
      config: { kind: 'grist', url: grist.url, doc: grist.docId },
      secret: { value: KEY },
    })
  })
  afterEach(async () => {
    await engine[Symbol.asyncDispose]()
    await grist.close()
  })

  const crm = () => engine.owner.connections.get({ name: 'crm' })
  const call = (token: string | null) => post(`${engine.url}/api/v1/proxy`, token, { method: 'list_tables' })
  const mint = () => engine.owner.sessions.mint({ project: 'shop', document: 'crm', permissions: ['read'], ttl: '5m' })

  it('CP1 of one field leaves the others unchanged', async () => {
    const before = await crm()
    const config = await engine.owner.connections.config({ name: 'crm' })
    const { connection } = await engine.owner.connections.update({
      name: 'crm',
      revision: before.revision,
      set: { description: 'Customers' },
    })
    expect(connection).toEqual({ ...before, description: 'Customers', revision: before.revision + 1 })
    expect(await engine.owner.connections.config({ name: 'crm' })).toEqual(config)
    expect((await engine.owner.connections.test({ name: 'crm' })).ok).toBe(true)
  })

  it('CP1 with an old revision saves nothing', async () => {
    const { revision } = await crm()
    await engine.owner.connections.update({ name: 'crm', revision, set: { description: 'One' } })
    await expect(
      engine.owner.connections.update({ name: 'crm', revision, set: { description: 'Two' } }),
    ).rejects.toMatchObject({ data: { code: 'INVALID_REQUEST', field: 'revision', reason: 'changed' } })
    expect((await crm()).description).toBe('One')
  })

  it('CP2 keeps the old settings if the test of the new ones fails', async () => {
    const before = await crm()
    const config = await engine.owner.connections.config({ name: 'crm' })
    await expect(
      engine.owner.connections.update({
        name: 'crm',
        revision: before.revision,
        set: { config: { kind: 'grist', url: grist.url, doc: 'aDocumentThatIsNot1234' }, description: 'Other' },
      }),
    ).rejects.toMatchObject({ data: { code: 'GRIST_ERROR' } })
    expect(await crm()).toMatchObject({ description: '', revision: before.revision, health: { state: 'up' } })
    expect(await engine.owner.connections.config({ name: 'crm' })).toEqual(config)
  })

  it('CP3 sends a stored secret to no other host until it is entered again', async () => {
    const heard: (string | undefined)[] = []
    const stranger = createServer((request, response) => {
      heard.push(request.headers.authorization)
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
    await new Promise<void>((done) => {
      stranger.listen(0, '127.0.0.1', done)
    })
    onTestFinished(() => void stranger.close())
    const { port } = stranger.address() as { port: number }
    const { revision } = await crm()
    const set = { config: { kind: 'grist' as const, url: `http://127.0.0.1:${port}`, doc: grist.docId } }
    await expect(engine.owner.connections.update({ name: 'crm', revision, set })).rejects.toMatchObject({
      data: { code: 'INVALID_REQUEST', field: 'set.secret', reason: 'other_destination' },
    })
    expect(await engine.owner.connections.previewUpdate({ name: 'crm', revision, set })).toMatchObject({
      secret_needed: { stored_for: new URL(grist.url).host, wanted_for: `127.0.0.1:${port}` },
    })
    expect(heard).toEqual([])
    // The same host with another path needs nothing.
    const same = { config: { kind: 'grist' as const, url: `${grist.url}/o/docs`, doc: grist.docId } }
    expect(
      (await engine.owner.connections.previewUpdate({ name: 'crm', revision, set: same })).secret_needed,
    ).toBeNull()
  })

  it('CP3 takes the secret together with the new host', async () => {
    const other = await startGristStandIn({
      key: 'another-key-of-the-other-host',
      docs: { sTandInDoc1234567890Ab: TABLES },
    })
    onTestFinished(() => other.close())
    const { revision } = await crm()
    const { connection } = await engine.owner.connections.update({
      name: 'crm',
      revision,
      set: {
        config: { kind: 'grist', url: other.url, doc: other.docId },
        secret: { value: 'another-key-of-the-other-host' },
      },
    })
    expect(connection).toMatchObject({ health: { state: 'up' } })
    expect(connection.target).toContain(new URL(other.url).host)
    expect((await engine.owner.connections.test({ name: 'crm' })).ok).toBe(true)
  })

  it('stores no new secret if the connection changed while it was tested', async () => {
    let answer = (): void => undefined
    let asked = (): void => undefined
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve
    })
    const slow = createServer((request, response) => {
      const end = () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
      if (request.headers.authorization !== 'Bearer second') return void end()
      answer = end
      asked()
    }).listen(0, '127.0.0.1')
    await once(slow, 'listening')
    onTestFinished(() => void slow.close())
    const { port } = slow.address() as { port: number }
    const config = { kind: 'http' as const, url: `http://127.0.0.1:${port}/`, auth: { type: 'bearer' as const } }
    await engine.owner.connections.create({ name: 'api', project: 'shop', config, secret: { value: 'first' } })
    const { revision, secret_set_at: setAt } = await engine.owner.connections.get({ name: 'api' })
    const replacing = engine.owner.connections.replaceSecret({ name: 'api', secret: { value: 'second' } })
    await isAsked
    const set = { config: { ...config, rules: [{ path: '/x', permission: 'read' as const }] } }
    await engine.owner.connections.update({ name: 'api', revision, set })
    answer()
    await expect(replacing).rejects.toMatchObject({ data: { field: 'name', reason: 'changed' } })
    expect((await engine.owner.connections.get({ name: 'api' })).secret_set_at).toBe(setAt)
    expect((await engine.owner.connections.test({ name: 'api' })).ok).toBe(true)
  })

  describe('with sign-in', () => {
    const up = () => engine.owner.connections.get({ name: 'up' })
    /** Signs in, and returns the tokens that this brought. */
    async function signedIn() {
      const server = await startMcpHttpServer()
      const auth = await protect(server)
      onTestFinished(async () => {
        await Promise.all([server.close(), auth.close()])
      })
      await engine.owner.connections.create({
        name: 'up',
        project: 'shop',
        config: { kind: 'mcp', url: server.url, oauth: true },
      })
      const { authorize_url: address } = await engine.owner.connections.signIn({ name: 'up' })
      const onward = await fetch(address, { redirect: 'manual' })
      await fetch(onward.headers.get('location') ?? '')
      await eventually(async () => (await up()).health.state === 'up')
      server.seen.length = 0
      return { server, tokens: [...auth.good] }
    }

    it('never sends its tokens as a key once it no longer signs in', async () => {
      const { server, tokens } = await signedIn()
      const config = { kind: 'mcp' as const, url: server.url, headers: { 'X-Key': 'keychain' } }
      const { revision } = await up()
      await expect(engine.owner.connections.update({ name: 'up', revision, set: { config } })).rejects.toMatchObject({
        data: { code: expect.any(String) },
      })
      await engine.owner.connections
        .update({ name: 'up', revision, set: { config, secret: { value: 'a key of its own' } } })
        .catch(() => undefined)
      expect(tokens).not.toEqual([])
      for (const token of tokens) expect(JSON.stringify(server.seen)).not.toContain(token)
    })

    it('moves to another server without its tokens, and signs in there again', async () => {
      const { tokens } = await signedIn()
      const other = await startMcpHttpServer()
      onTestFinished(() => other.close())
      const { revision } = await up()
      const set = { config: { kind: 'mcp' as const, url: other.url, oauth: true } }
      expect(await engine.owner.connections.previewUpdate({ name: 'up', revision, set })).toMatchObject({
        secret_needed: null,
      })
      const { connection } = await engine.owner.connections.update({ name: 'up', revision, set })
      expect(connection).toMatchObject({ target: other.url, secret_set_at: null })
      await engine.owner.connections.test({ name: 'up' })
      for (const token of tokens) expect(JSON.stringify(other.seen)).not.toContain(token)
    })

    it('deletes a key when it begins to sign in', async () => {
      const server = await startMcpHttpServer()
      onTestFinished(() => server.close())
      await engine.owner.connections.create({
        name: 'up',
        project: 'shop',
        config: { kind: 'mcp', url: server.url, headers: { 'X-Key': 'keychain' } },
        secret: { value: 'a key of its own' },
      })
      server.seen.length = 0
      const { revision } = await up()
      const set = { config: { kind: 'mcp' as const, url: server.url, oauth: true } }
      const { connection } = await engine.owner.connections.update({ name: 'up', revision, set })
      expect(connection.secret_set_at).toBeNull()
      await engine.owner.connections.test({ name: 'up' })
      expect(JSON.stringify(server.seen)).not.toContain('a key of its own')
    })
  })

  it('CP6 renames it, keeps grants and ends no token', async () => {
    await engine.owner.tokens.create({
      project: 'shop',
      name: 'agent',
      kind: 'access',
      ttl: '1d',
      grants: [{ connection: 'crm', permissions: ['read'] }],
    })
    const { token, session } = await mint()
    expect((await call(token)).status).toBe(200)
    const { revision } = await crm()
    await engine.owner.connections.update({ name: 'crm', revision, set: { name: 'customers' } })
    expect((await call(token)).status).toBe(200)
    expect(await engine.owner.sessions.list({})).toMatchObject([{ id: session.id, connection: 'customers' }])
    expect((await engine.owner.tokens.get({ project: 'shop', name: 'agent' })).grants).toEqual([
      { connection: 'customers', permissions: ['read'] },
    ])
  })

  it('rejects a name that exists, and then changes nothing', async () => {
    const { revision } = await crm()
    await expect(
      engine.owner.connections.update({ name: 'crm', revision, set: { name: 'sales', description: 'x' } }),
    ).rejects.toMatchObject({ data: { code: 'INVALID_REQUEST', field: 'set.name' } })
    expect(await crm()).toMatchObject({ description: '', revision })
  })

  it('pauses it: calls get PAUSED, running ones are interrupted, and resuming allows them again', async () => {
    const { token } = await mint()
    expect((await call(token)).status).toBe(200)
    const before = await crm()
    grist.delay(30_000)
    const running = call(token)
    await expect.poll(async () => (await engine.owner.connections.dependents({ name: 'crm' })).requests_running).toBe(1)
    const paused = await engine.owner.connections.update({
      name: 'crm',
      revision: before.revision,
      set: { paused: true },
    })
    expect(paused).toMatchObject({ connection: { paused: true }, effects: { requests_cut: 1 } })
    expect((await running).body).toMatchObject({ code: 'PAUSED' })
    grist.delay(0)
    const refused = await call(token)
    expect(refused).toMatchObject({ status: 503, body: { code: 'PAUSED' } })
    // Without permission a caller learns nothing about it.
    expect((await call('hp_pat_nobody')).status).toBe(401)
    expect((await engine.owner.connections.test({ name: 'crm' })).ok).toBe(true)
    await engine.owner.connections.update({ name: 'crm', revision: paused.connection.revision, set: { paused: false } })
    expect((await call(token)).status).toBe(200)
  })

  it('CP7 lists who can use it exactly as tokens.may decides', async () => {
    const { owner } = engine
    const grants = [
      ['all', [{ connection: 'crm', permissions: ['read', 'write', 'schema'] }]],
      [
        'some',
        [
          { connection: 'crm', permissions: ['read'] },
          { connection: 'crm', permissions: ['write'], tables: ['People'] },
        ],
      ],
      ['none', []],
    ] as const
    for (const [name, held] of grants)
      await owner.tokens.create({
        project: 'shop',
        name,
        kind: 'local',
        ttl: '1d',
        grants: structuredClone(held) as never,
      })
    await owner.tokens.create({ project: 'shop', name: 'over', kind: 'local', ttl: '1d', clone: true })
    await owner.tokens.revoke({ project: 'shop', name: 'over' })
    const access = await owner.connections.access({ name: 'crm' })
    expect(access.map(({ token, read, write, schema }) => [token, read, write, schema])).toEqual([
      ['all', 'all', 'all', 'all'],
      ['some', 'all', 'limited', 'none'],
    ])
    for (const name of ['all', 'some', 'none'])
      for (const permission of ['read', 'write', 'schema'] as const) {
        const extent = access.find(({ token }) => token === name)?.[permission] ?? 'none'
        const may = (resource?: string) =>
          owner.tokens.may({ project: 'shop', name, connection: 'crm', permission, ...(resource && { resource }) })
        expect((await may()).allowed, `${name} ${permission}`).toBe(extent !== 'none')
        expect((await may('Elsewhere')).allowed, `${name} ${permission} of any table`).toBe(extent === 'all')
      }
    expect((await crm()).tokens).toBe(2)
  })
})
