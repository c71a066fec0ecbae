import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rawRequest } from '../../http/support/raw-request.ts'
import { startHttpRig, type HttpRig } from '../../http/support/start-http-rig.ts'
import { repeats } from '../../support/repeats.ts'

let rig: HttpRig
beforeAll(async () => {
  rig = await startHttpRig({
    limits: { headersMs: 300, bodyMs: 300, lingerMs: 100, streamIdleMs: 300, keepAliveMs: 100 },
  })
})
afterAll(() => rig[Symbol.asyncDispose]())

const token = fc.constantFrom(
  '',
  'Authorization: Bearer SESSION',
  'authorization:Bearer  SESSION',
  'Authorization: Basic SESSION',
)
const header = fc.oneof(
  fc.constantFrom(
    'Host: 127.0.0.1:PORT',
    'Host: localhost:PORT',
    'Host: evil.example',
    'Host:',
    'Content-Type: application/json',
    'Content-Type: application/x-ndjson',
    'Content-Type: text/plain',
    'Content-Length: 24',
    'Content-Length: 0',
    'Content-Length: 99999999999999999999',
    'Content-Length: -1',
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: gzip, chunked',
    'Content-Encoding: gzip',
    'Expect: 100-continue',
    'Expect: 200-maybe',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'X-Request-Id: \u0001',
    'X-Forwarded-For: 127.0.0.1',
    'Origin: null',
    'Sec-Fetch-Site: cross-site',
    ' folded: line',
    'no colon',
    ': no name',
  ),
  token,
  fc.string({ unit: 'binary', maxLength: 20 }),
)
const line = fc
  .tuple(
    fc.constantFrom('GET', 'POST', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'PRI', 'get', 'GET\t', ''),
    fc.oneof(
      fc.constantFrom(
        '/api/v1/proxy',
        '/api/v1/sessions',
        '/api/v1/http/sales/x',
        '/projects/demo/mcp',
        '/healthz',
        '*',
        'http://evil.example/api/v1/proxy',
        '//api/v1/proxy',
        '/api/v1/%2e%2e/proxy',
        '/api/v1/proxy?access_token=SESSION',
        '/\u0000',
      ),
      fc.webPath(),
      fc.string({ unit: 'binary', maxLength: 20 }),
    ),
    fc.constantFrom('HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', 'HTTP/1.1 ', ''),
  )
  .map((parts) => parts.join(' '))
/** The ID of the valid requests between the others. */
const GOOD = 'a-valid-request'
const RUNS = repeats(100, 300)
const lineEnd = fc.constantFrom('\r\n', '\n', '\r', '\r\n\r\n')
const body = fc.oneof(
  fc.constantFrom('{"method":"list_tables"}', '18\r\n{"method":"list_tables"}\r\n0\r\n\r\n', 'zz\r\n', '{"a":'),
  fc.string({ unit: 'binary', maxLength: 40 }),
)
/** A request with anything wrong, and sometimes nothing. */
const nearlyValid = fc
  .tuple(line, fc.array(header, { maxLength: 8 }), lineEnd, body)
  .map(([first, headers, end, rest]) => Buffer.from([first, ...headers, '', rest].join(end), 'latin1'))
const anyBytes = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes))
const tlsHello = fc.constant(Buffer.from('16030100c8010000c40303', 'hex'))

test(
  'raw bytes at the port get a complete error or nothing, never a call without a token, and affect no one else',
  { timeout: 120_000 },
  async () => {
    let requests = 0
    await fc.assert(
      fc.asyncProperty(fc.oneof({ weight: 6, arbitrary: nearlyValid }, anyBytes, tlsHello), async (bytes) => {
        const text = bytes
          .toString('latin1')
          .replaceAll('PORT', String(rig.port))
          .replaceAll('SESSION', rig.sessionToken)
        const before = rig.rows.length
        // Until the server closes, so that no row of this request is taken for the next one's.
        const reply = await rawRequest(rig.port, Buffer.from(text, 'latin1'))
        requests += 1
        if (reply.text !== '') {
          expect(reply.text).toMatch(/^HTTP\/1\.1 \d{3} /)
          expect(reply.status).not.toBe(500)
          expect(reply.text).not.toMatch(/ at .*\.ts|node:internal/)
          expect(reply.text).not.toContain(rig.sessionToken)
        }
        // Whatever was served as a token's request was sent with that token in a header of its own.
        for (const row of rig.rows.slice(before))
          if (row.token !== null && row.request_id !== GOOD)
            expect(text.toLowerCase()).toMatch(/authorization: ?bearer/)
        const good = await fetch(`${rig.url}/api/v1/proxy`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${rig.sessionToken}`,
            'content-type': 'application/json',
            'x-request-id': GOOD,
          },
          body: '{"method":"list_tables"}',
        })
        expect(good.status).toBe(200)
        await good.text()
      }),
      { numRuns: RUNS },
    )
    expect(requests).toBeGreaterThanOrEqual(RUNS)
    expect(rig.internal).toEqual([])
  },
)
