import { afterEach, describe, expect, it } from 'vitest'
import { startHttpApiRig } from './support/start-http-api-rig.ts'
import { startHttpUpstream } from './support/start-http-upstream.ts'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

async function rigWith(more: object = {}) {
  const upstream = await startHttpUpstream()
  open.push(upstream)
  const rig = await startHttpApiRig({ url: `${upstream.url}/v1`, auth: { type: 'bearer' }, ...more })
  open.push(rig)
  return { upstream, rig }
}

describe('links in a response', () => {
  it('that lead elsewhere, or above the base URL, are unchanged', async () => {
    const { upstream, rig } = await rigWith()
    for (const location of [
      'https://elsewhere.example/v1/x',
      `${upstream.url}/admin`,
      `${upstream.url}/v10/x`,
      '/admin',
      `http://user@127.0.0.1:${upstream.port}/v1/x`,
      '?page=2',
      'next',
      'mailto:a@b.example',
    ]) {
      upstream.answer = (_request, response) => response.writeHead(302, { location }).end()
      expect((await rig.ask('/items')).headers.get('location')).toBe(location)
    }
  })

  it('that lead below the base URL lead through Hallpass, and can be followed', async () => {
    const { upstream, rig } = await rigWith()
    upstream.answer = (_request, response) =>
      response
        .writeHead(201, {
          location: '/v1/items/7',
          'content-location': `${upstream.url}/v1/items/7?full=1#top`,
          link: `<${upstream.url}/v1/items?page=2>; rel="next", </v1>; rel=index, <https://other.example/v1>; rel=help`,
        })
        .end()
    const { headers } = await rig.ask('/items', { method: 'POST' })
    expect(headers.get('location')).toBe(`${rig.base}/items/7`)
    expect(headers.get('content-location')).toBe(`${rig.base}/items/7?full=1#top`)
    expect(headers.get('link')).toBe(
      `<${rig.base}/items?page=2>; rel="next", <${rig.base}>; rel=index, <https://other.example/v1>; rel=help`,
    )
    const next = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1] ?? ''
    await fetch(next, { headers: { authorization: `Bearer ${rig.session}` } })
    expect(upstream.seen.at(-1)?.url).toBe('/v1/items?page=2')
  })
})

it("the API's own rate limit reaches the script separately from Hallpass's", async () => {
  const { upstream, rig } = await rigWith()
  upstream.answer = (_request, response) =>
    response
      .writeHead(429, {
        'x-ratelimit-limit': '60',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-used': '60',
        'retry-after': '9',
      })
      .end()
  const { headers, status } = await rig.ask('/x')
  expect(status).toBe(429)
  expect(headers.get('x-upstream-ratelimit-limit')).toBe('60')
  expect(headers.get('x-upstream-ratelimit-remaining')).toBe('0')
  expect(headers.get('x-ratelimit-used')).toBe('60')
  expect(headers.get('retry-after')).toBe('9')
  expect(headers.get('x-ratelimit-remaining')).not.toBe('0')
})

describe('a range', () => {
  it('is not forwarded together with a secret, unless the connection allows it', async () => {
    for (const [more, sent] of [
      [{}, undefined],
      [{ allow_range: true }, 'bytes=0-3'],
    ] as const) {
      const { upstream, rig } = await rigWith(more)
      upstream.answer = (request, response) =>
        request.headers.range === undefined
          ? response.end('0123456789')
          : response.writeHead(206, { 'content-range': 'bytes 0-3/10' }).end('0123')
      const reply = await rig.ask('/file', { headers: { range: 'bytes=0-3', 'if-range': '"v1"' } })
      expect(upstream.seen.at(-1)?.headers.range).toBe(sent)
      expect([reply.status, await reply.text()]).toEqual(sent === undefined ? [200, '0123456789'] : [206, '0123'])
    }
  })
})

it('a conditional request gets 304 with its ETag and no body', async () => {
  const { upstream, rig } = await rigWith()
  upstream.answer = (request, response) =>
    request.headers['if-none-match'] === '"v7"'
      ? response.writeHead(304, { etag: '"v7"' }).end()
      : response.writeHead(200, { etag: '"v7"' }).end('body')
  expect((await rig.ask('/x')).headers.get('etag')).toBe('"v7"')
  const again = await rig.ask('/x', { headers: { 'if-none-match': '"v7"' } })
  expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, '"v7"', ''])
})

describe('an encoded slash', () => {
  it('is rejected with a 400 that names it if the connection does not allow it', async () => {
    const { upstream, rig } = await rigWith()
    const reply = await rig.ask('/projects/group%2Frepo')
    expect([reply.status, await reply.json()]).toMatchObject([400, { code: 'INVALID_REQUEST', field: 'path' }])
    expect(upstream.seen).toEqual([])
  })

  it.each(['/a%2F..%2Fb', '/a%2f', '/%2Fa', '/a%252Fb', '/a%5Cb', '/a%2F%2Fb'])(
    'as in %s is rejected even if the connection allows encoded slashes',
    async (path) => {
      const { upstream, rig } = await rigWith({ allow_encoded_slash: true })
      expect([400, 404]).toContain((await rig.ask(path)).status)
      expect(upstream.seen).toEqual([])
    },
  )

  it('is treated both as a character and as a separator: rules and grant paths apply to each', async () => {
    const { upstream, rig } = await rigWith({
      allow_encoded_slash: true,
      rules: [{ path: '/admin/*', permission: 'schema' }],
    })
    const reader = rig.mint(['read']).token
    expect((await rig.ask('/admin%2Fkeys', {}, reader)).status).toBe(403)
    const narrow = rig.mint(['read'], ['/projects/*']).token
    expect((await rig.ask('/projects%2Fx', {}, narrow)).status).toBe(403)
    expect((await rig.ask('/projects/group%2Frepo', {}, narrow)).status).toBe(200)
    expect(upstream.seen.map((one) => one.url)).toEqual(['/v1/projects/group%2Frepo'])
  })
})
