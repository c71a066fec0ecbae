import { gzipSync } from 'node:zlib'
import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { createCatalog, readOperations } from '../../src/engine/http-apis/openapi/document/catalog.ts'
import { startHttpApiRig } from './support/start-http-api-rig.ts'
import { startHttpUpstream } from './support/start-http-upstream.ts'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

interface Result {
  content: { type: string; text?: string; data?: string; resource?: { blob: string } }[]
  isError?: boolean
  _meta?: Record<string, unknown>
}

/** Calls the one operation of an API that answers so. */
async function answered(answer: (response: ServerResponse) => void, auth: 'bearer' | 'none' = 'none'): Promise<Result> {
  const upstream = await startHttpUpstream()
  open.push(upstream)
  upstream.answer = (_request, response) => answer(response)
  const rig = await startHttpApiRig({ url: upstream.url, auth: { type: auth } })
  open.push(rig)
  const document = {
    openapi: '3.0.0',
    info: { title: 'A', version: '1' },
    paths: { '/x': { get: { operationId: 'x' } } },
  }
  rig.connections.storeCatalog('api', createCatalog(await readOperations(JSON.stringify(document))))
  const [tool] = rig.tools.tools('api')
  if (tool === undefined) throw new Error('no tool')
  const origin = {
    requestId: 'r1',
    transport: 'mcp-http' as const,
    client: 'test/1',
    signal: new AbortController().signal,
    bytesIn: 1,
  }
  return (await rig.tools.call({ principal: rig.access.identify(rig.accessToken), tool, args: {}, origin })) as Result
}

const textOf = (result: Result) => result.content.map((one) => one.text ?? '').join('\n')
const big = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(1_600_000, 7)])

describe('a truncated response', () => {
  it.each(['image/png', 'application/pdf', 'audio/mpeg'])('is never passed on as a file: %s', async (type) => {
    const result = await answered((response) => response.writeHead(200, { 'content-type': type }).end(big))
    expect(result.content).toHaveLength(1)
    expect(textOf(result)).toContain('request_session_token')
  })

  it('ends with a complete character if it is text', async () => {
    const result = await answered((response) =>
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(`a${'ü'.repeat(600_000)}`),
    )
    expect(result.content[0]?.text).not.toContain('\uFFFD')
    expect(result.content[0]?.text?.endsWith('ü')).toBe(true)
  })
})

describe('a text', () => {
  it.each([
    ['text/csv; charset=ISO-8859-1', Buffer.from('Müller', 'latin1')],
    ['text/plain; charset=utf-16le', Buffer.from('Müller', 'utf16le')],
    ['text/plain; charset="windows-1252"', Buffer.from('Müller', 'latin1')],
    ['text/plain; charset=no-such-charset', Buffer.from('Müller')],
    ['text/plain', Buffer.from('\uFEFFMüller')],
    ['application/xml', Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>Müller</a>', 'latin1')],
    ['application/x-ndjson', Buffer.from('"Müller"')],
    ['', Buffer.from('Müller')],
  ])('is decoded by its charset: %s', async (type, body) => {
    const result = await answered((response) => {
      if (type !== '') response.setHeader('content-type', type)
      response.end(body)
    })
    expect(result.content[0]).toMatchObject({ type: 'text', text: expect.stringContaining('Müller') })
    expect(result.content[0]?.text).not.toMatch(/^\uFEFF/)
  })

  it('of unknown type that is not UTF-8 stays bytes', async () => {
    const result = await answered((response) => response.end(Buffer.from([0xff, 0x00, 0xfe])))
    expect(result.content[0]).toMatchObject({ type: 'resource', resource: { blob: '/wD+' } })
  })

  it.each(['none', 'bearer'] as const)(
    'is decompressed although compression was not requested (auth %s)',
    async (auth) => {
      const result = await answered(
        (response) =>
          response
            .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
            .end(gzipSync('{"a":"ü"}')),
        auth,
      )
      expect(result.content[0]?.text).toBe('{"a":"ü"}')
    },
  )
})

describe('relevant status and headers', () => {
  it('follow the body, for models as text and for programs as data', async () => {
    const result = await answered((response) =>
      response
        .writeHead(200, {
          etag: '"v7"',
          link: '<https://api.example/x?page=2>; rel="next"',
          'x-ratelimit-remaining': '3',
          server: 'nginx',
        })
        .end('ok'),
    )
    expect(textOf(result)).toContain('HTTP status 200. ETag: "v7". Link: <https://api.example/x?page=2>; rel="next".')
    expect(result._meta).toEqual({
      'hallpass/response': {
        status: 200,
        headers: {
          etag: '"v7"',
          link: '<https://api.example/x?page=2>; rel="next"',
          'x-upstream-ratelimit-remaining': '3',
        },
      },
    })
  })

  it('are left out of the text of a plain success, and say when to retry after a failure', async () => {
    expect((await answered((response) => response.end('ok'))).content).toEqual([{ type: 'text', text: 'ok' }])
    const failed = await answered((response) => response.writeHead(503, { 'retry-after': '7' }).end('busy'))
    expect(failed.isError).toBe(true)
    expect(textOf(failed)).toBe('busy\nHTTP status 503. Try again in 7 s.')
    expect(textOf(await answered((response) => response.writeHead(204).end()))).toBe('HTTP status 204.')
  })
})
