import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGristStandIn, type GristStandIn } from '../support/grist-stand-in/start-grist-stand-in.ts'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'

const KEY = 'canary0key1of2the3stand4in5'

describe('files of documents', { timeout: 60_000 }, () => {
  let engine: TestEngine
  let grist: GristStandIn
  let files: string

  beforeAll(async () => {
    grist = await startGristStandIn({ key: KEY })
    engine = await startTestEngine({ sample: true })
    await engine.owner.connections.create({
      name: 'crm',
      project: 'demo',
      config: { kind: 'grist', url: grist.url, doc: grist.docId },
      secret: { value: KEY },
    })
    files = `${engine.url}/api/v1/attachments`
  })
  afterAll(async () => {
    await engine?.[Symbol.asyncDispose]()
    await grist?.close()
  })

  let tokens = 0
  async function session(
    permissions: string[],
    document = 'crm',
    resources?: string[],
  ): Promise<Record<string, string>> {
    tokens += 1
    const { secret } = await engine.owner.tokens.create({
      project: 'demo',
      name: `t${tokens}`,
      kind: 'access',
      grants: [
        { connection: 'crm', permissions: ['read', 'write'] },
        { connection: 'sales', permissions: ['read', 'write'] },
      ],
    })
    const reply = await fetch(`${engine.url}/api/v1/sessions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ document, permissions, ...(resources === undefined ? {} : { resources }) }),
    })
    return (await reply.json()) as Record<string, string>
  }
  const send = async (token: string, path = '', init: RequestInit = {}): Promise<Response> =>
    fetch(`${files}${path}`, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } })
  const errorOf = async (reply: Response) => ({ status: reply.status, ...((await reply.json()) as { code: string }) })

  test("are denied without the permission, without a token and outside the token's scope", async () => {
    const { token: reader = '' } = await session(['read'])
    const { token: writer = '' } = await session(['write'])
    const { token: narrow = '' } = await session(['read'], 'crm', ['Orders'])
    const before = grist.requests.length
    expect(await errorOf(await send(reader, '?name=a.txt', { method: 'POST', body: 'hi' }))).toMatchObject({
      status: 403,
      code: 'UNAUTHORIZED',
    })
    for (const token of [writer, narrow])
      expect(await errorOf(await send(token, '/1'))).toMatchObject({ status: 403, code: 'UNAUTHORIZED' })
    expect(await errorOf(await send(reader, '/1?document=sales'))).toMatchObject({ status: 403, code: 'UNAUTHORIZED' })
    expect((await fetch(`${files}/1`)).status).toBe(401)
    expect(grist.requests.length).toBe(before)
  })

  test('larger than 1 GiB are rejected before they arrive, and the connection gets the response', async () => {
    const { token = '' } = await session(['write'])
    const before = grist.requests.length
    const reply = await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
      const upload = request(`${files}?name=big.bin`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-length': 1024 ** 3 + 1 },
      })
      upload.on('error', reject)
      upload.on('response', async (response) => {
        const body = await text(response)
        upload.destroy()
        resolve({ status: response.statusCode, body })
      })
      upload.write('the beginning')
    })
    expect(reply.status).toBe(413)
    expect(JSON.parse(reply.body)).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', details: { max_bytes: 1024 ** 3 } })
    expect(grist.requests.slice(before).filter(({ method }) => method === 'POST')).toEqual([])
  })

  test.each([
    ['', 'name'],
    ['?name=', 'name'],
    ['?name=..%2Fa', 'name'],
    ['?name=a%0d%0ab', 'name'],
    ['?name=a&x=1', 'x'],
    ['?name=a&name=b', 'name'],
  ])('are rejected in an upload to %j, by the field', async (query, field) => {
    const { token = '' } = await session(['write'])
    expect(await errorOf(await send(token, query, { method: 'POST', body: 'hi' }))).toMatchObject({
      status: 400,
      code: 'INVALID_REQUEST',
      field,
    })
  })

  test('are rejected with a missing body, and as a form without a file', async () => {
    const { token = '' } = await session(['write'])
    expect(await errorOf(await send(token, '?name=a', { method: 'POST' }))).toMatchObject({ code: 'INVALID_REQUEST' })
    const body = new FormData()
    body.set('file', new Blob(['hi']), 'a.txt')
    expect(await errorOf(await send(token, '', { method: 'POST', body }))).toMatchObject({
      code: 'INVALID_REQUEST',
      field: 'upload',
    })
  })

  test("can't be stored in a SQLite file", async () => {
    const { token = '', attachments_url } = await session(['read', 'write'], 'sales')
    expect(attachments_url).toBeUndefined()
    for (const reply of [
      await send(token, '/1'),
      await send(token, '?name=a', { method: 'POST', body: 'hi', headers: { 'content-type': 'text/plain' } }),
    ])
      expect(await errorOf(reply)).toMatchObject({ status: 400, code: 'INVALID_REQUEST', field: 'document' })
  })

  test('are uploaded as one file or a form, and downloaded unchanged', async () => {
    const { token = '', attachments_url } = await session(['read', 'write'])
    expect(attachments_url).toBe(files)
    const bytes = new Uint8Array(3_000_000).map((_, at) => at % 253)
    const one = await send(token, '?name=photo%20%22x%22.png', {
      method: 'POST',
      body: bytes,
      headers: { 'content-type': 'image/png' },
    })
    const { attachment_ids: [first] = [] } = (await one.json()) as { attachment_ids: number[] }
    const form = new FormData()
    form.append('upload', new Blob(['<svg/>'], { type: 'image/svg+xml' }), 'a.svg')
    form.append('upload', new Blob(['b']), 'b.txt')
    const two = (await (await send(token, '?document=crm', { method: 'POST', body: form })).json()) as {
      attachment_ids: number[]
    }
    expect(two.attachment_ids).toHaveLength(2)
    const file = await send(token, `/${first}`)
    expect(file.headers.get('content-type')).toBe('image/png')
    expect(file.headers.get('content-length')).toBe('3000000')
    expect(Buffer.from(await file.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true)
    const headed = await send(token, `/${first}`, { method: 'HEAD' })
    expect([headed.status, headed.headers.get('content-length'), await headed.text()]).toEqual([200, '3000000', ''])
    expect((await send(token, '/99999', { method: 'HEAD' })).status).toBe(502)
    const svg = await send(token, `/${two.attachment_ids[0]}`)
    expect(await svg.text()).toBe('<svg/>')
    expect(svg.headers.get('content-disposition')).toMatch(/^attachment/)
    expect(svg.headers.get('content-security-policy')).toContain('sandbox')
    expect(svg.headers.get('cache-control')).toBe('no-store')
    expect(await errorOf(await send(token, '/99999'))).toMatchObject({ status: 502, code: 'GRIST_ERROR', field: 'id' })
    expect((await send(token, '/abc')).status).toBe(404)
    expect((await send(token, '/1', { method: 'DELETE' })).status).toBe(405)
    const requests = await engine.owner.requests.list({ project: 'demo', limit: 20 })
    expect(requests.filter(({ method, status }) => method === 'download_attachment' && status === 200)).toHaveLength(3)
    expect(requests.map(({ method, status }) => [method, status])).toEqual(
      expect.arrayContaining([
        ['upload_attachments', 200],
        ['download_attachment', 200],
        ['download_attachment', 502],
      ]),
    )
  })

  test('are not stored by an interrupted upload', async () => {
    const { token = '' } = await session(['write'])
    const cut = new AbortController()
    async function* unfinished(): AsyncIterable<Uint8Array> {
      for (let at = 0; at < 20; at += 1) {
        yield Buffer.alloc(65_536)
        await new Promise((resolve) => setImmediate(resolve))
      }
      cut.abort()
      await new Promise(() => {})
    }
    const before = grist.requests.filter(({ path }) => path.endsWith('/attachments')).length
    await expect(
      send(token, '?name=a', {
        method: 'POST',
        body: unfinished() as never,
        duplex: 'half',
        signal: cut.signal,
      } as never),
    ).rejects.toThrow()
    // The next one proves that the connection is free again.
    expect((await send(token, '?name=a', { method: 'POST', body: 'hi' })).status).toBe(200)
    expect(grist.requests.filter(({ path }) => path.endsWith('/attachments')).length).toBe(before + 1)
  })
})
