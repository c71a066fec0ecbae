import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { startTestEngine } from '../support/start-test-engine.ts'
import { smallApi } from './support/openapi-documents.ts'
import { startHttpUpstream } from './support/start-http-upstream.ts'

const KEY = 'canary-set-up-7c1e'
const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})
const kept = <T extends AsyncDisposable>(one: T): T => {
  open.push(one)
  return one
}

async function rig() {
  const upstream = kept(
    await startHttpUpstream({
      answer(request, response) {
        response.writeHead(request.headers['x-api-key'] === KEY ? 200 : 401, { 'content-type': 'application/json' })
        response.end('{"ok":true}')
      },
    }),
  )
  const engine = kept(await startTestEngine({ sample: false }))
  await engine.owner.projects.create({ name: 'stays' })
  const config = {
    kind: 'http' as const,
    url: `${upstream.url}/v1`,
    auth: { type: 'header' as const, name: 'X-API-Key' },
  }
  return { upstream, engine, owner: engine.owner, config }
}

describe('creating an HTTP API connection', () => {
  it.each([
    [
      'a rejected key',
      { secret: { value: 'wrong-key-1234' } },
      { code: 'UPSTREAM_ERROR', field: 'secret', reason: 'secret_rejected' },
    ],
    ['no key', {}, { code: 'SECRET_UNAVAILABLE', field: 'secret' }],
  ])('is rejected for %s with its field, and stores nothing', async (_, more, data) => {
    const { owner, config, engine } = await rig()
    await expect(owner.connections.create({ name: 'api', config, ...more })).rejects.toMatchObject({ data })
    expect(await owner.connections.list({})).toEqual([])
    expect((await readdir(engine.home)).includes('openapi')).toBe(false)
  })

  it('never repeats the key in an error', async () => {
    const { owner, config } = await rig()
    const error = await owner.connections
      .create({ name: 'api', config, secret: { value: 'canary-wrong-key' } })
      .catch((thrown: unknown) => thrown)
    expect(JSON.stringify(error) + String(error)).not.toContain('canary-wrong-key')
  })

  it.each([
    ['no server listens there', 'http://127.0.0.1:1/', 'UPSTREAM_ERROR'],
    ['its host is unknown', 'http://no-such-host.invalid/', 'UPSTREAM_ERROR'],
    ['it contains a user and password', 'http://user:canary@127.0.0.1:1/', 'INVALID_REQUEST'],
    ['a query', 'http://127.0.0.1:1/?key=canary', 'INVALID_REQUEST'],
    ['it has another scheme', 'ftp://127.0.0.1/', 'INVALID_REQUEST'],
    ['it has no host', 'http://', 'INVALID_REQUEST'],
  ])('names the field of an address if %s', async (_, url, code) => {
    const { owner, config } = await rig()
    await expect(
      owner.connections.create({ name: 'api', config: { ...config, url }, secret: { value: KEY } }),
    ).rejects.toMatchObject({ data: { code, field: 'config.url' } })
    expect(await owner.connections.list({})).toEqual([])
  })

  it('is rejected for Hallpass’s own address', async () => {
    const { owner, config, engine } = await rig()
    await expect(
      owner.connections.create({ name: 'api', config: { ...config, url: engine.url }, secret: { value: KEY } }),
    ).rejects.toThrow(/Hallpass itself/)
  })

  it('is rejected with a secret that no header uses', async () => {
    const { owner, upstream } = await rig()
    await expect(
      owner.connections.create({ name: 'api', config: { kind: 'http', url: upstream.url }, secret: { value: KEY } }),
    ).rejects.toMatchObject({ data: { code: 'INVALID_REQUEST', field: 'config.auth' } })
    expect(upstream.seen).toEqual([])
  })

  it.each([
    ['a web page', '<!doctype html><html></html>', /is a web page/],
    ['Swagger 2.0', '{"swagger":"2.0","info":{},"paths":{}}', /is Swagger 2\.0/],
    ['no document', 'just: [words', /valid JSON or YAML/],
    ['another version', '{"openapi":"4.0.0","paths":{}}', /version 4\.0\.0/],
    ['no operations', '{"openapi":"3.1.0","info":{"title":"A","version":"1"},"paths":{}}', /no usable operations/],
    ['truncated JSON', '{"openapi":"3.1.0","pa', /valid JSON/],
    ['without a selected operation', JSON.stringify(smallApi()), /no operation "nothing"/],
  ])('reports an OpenAPI document that is %s before anything is stored', async (_, text, sentence) => {
    const { owner, config, engine } = await rig()
    await expect(
      owner.connections.create({
        name: 'api',
        secret: { value: KEY },
        config: { ...config, openapi: { source: { text }, operations: ['nothing'] } },
      }),
    ).rejects.toThrow(sentence)
    expect(await owner.connections.list({})).toEqual([])
    expect((await readdir(engine.home)).includes('openapi')).toBe(false)
  })

  it('stores what was set up, returns it, and tests it through the real path', async () => {
    const { owner, config, upstream, engine } = await rig()
    const record = await owner.connections.create({
      name: 'api',
      project: 'stays',
      secret: { value: KEY },
      config: {
        ...config,
        rules: [{ path: '/admin/*', permission: 'schema' }],
        openapi: { source: { text: JSON.stringify(smallApi()) }, operations: ['listListings', 'createListing'] },
      },
    })
    expect(record).toMatchObject({
      kind: 'http',
      target: `${upstream.url}/v1`,
      projects: ['stays'],
      health: { state: 'up' },
    })
    const details = await owner.connections.http({ name: 'api' })
    expect(details).toMatchObject({
      auth: 'header X-API-Key',
      rules: [{ path: '/admin/*', permission: 'schema' }],
      openapi: { title: 'Stays', source: 'text' },
    })
    expect(details.openapi?.operations.filter((one) => one.chosen).map((one) => one.tool)).toEqual([
      'api__listListings',
      'api__createListing',
    ])
    expect(await owner.connections.test({ name: 'api' })).toMatchObject({ ok: true })
    const minted = await owner.sessions.mint({ project: 'stays', document: 'api', permissions: ['read'] })
    expect(minted.proxy_url).toBe(`${engine.url}/api/v1/http/api`)
    const reply = await fetch(`${minted.proxy_url}/listings`, { headers: { authorization: `Bearer ${minted.token}` } })
    expect(reply.status).toBe(200)
    await owner.connections.delete({ name: 'api' })
    expect(await readdir(join(engine.home, 'openapi'))).toEqual([])
  })

  it('reads a document from a file again, and reports what changed', async () => {
    const { owner, config } = await rig()
    const folder = await mkdtemp(join(tmpdir(), 'hallpass-openapi-'))
    const path = join(folder, 'api.json')
    await writeFile(path, JSON.stringify(smallApi()))
    await owner.connections.create({
      name: 'api',
      secret: { value: KEY },
      config: { ...config, openapi: { source: { path } } },
    })
    const changed = smallApi()
    changed.paths['/listings'].post.operationId = 'addListing'
    changed.paths['/listings'].get.summary = 'All listings'
    await writeFile(path, JSON.stringify(changed))
    expect(await owner.connections.refreshOpenapi({ name: 'api' })).toMatchObject({
      added: ['addListing'],
      removed: ['createListing'],
      changed: ['listListings'],
    })
    await writeFile(path, '<html>')
    await expect(owner.connections.refreshOpenapi({ name: 'api' })).rejects.toThrow(/web page/)
    expect((await owner.connections.http({ name: 'api' })).openapi?.operations.length).toBe(4)
    await rm(folder, { recursive: true })
  })

  it('shows what a document offers before anything is stored', async () => {
    const { owner } = await rig()
    const offered = await owner.connections.inspectOpenapi({
      source: { text: JSON.stringify(smallApi()) },
      rules: [{ methods: ['POST'], path: '/listings', permission: 'schema' }],
    })
    expect(offered).toMatchObject({
      title: 'Stays',
      version: '1.2',
      openapi: '3.1.0',
      servers: ['https://api.stays.example/v1'],
    })
    expect(offered.operations).toContainEqual({
      id: 'createListing',
      method: 'POST',
      path: '/listings',
      summary: 'Create a listing',
      permission: 'schema',
    })
  })
})
