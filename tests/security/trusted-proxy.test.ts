import { request } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, test } from 'vitest'
import { readTrustedProxies } from '../../src/engine/http/caller-address.ts'
import { refusal } from '../access/support/access-room.ts'
import { startHttpRig, type HttpRig } from '../http/support/start-http-rig.ts'

const PUBLIC_URL = 'https://hallpass.example.com'

interface Reply {
  status: number
  remaining: number
  body: string
}

describe('behind a reverse proxy', () => {
  let rig: HttpRig
  afterEach(() => rig[Symbol.asyncDispose]())

  /** Asks from one of this computer's addresses. */
  function ask(from: string, headers: Record<string, string> = {}): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port: rig.port,
          path: '/api/v1/proxy',
          localAddress: from,
          headers: { host: `127.0.0.1:${rig.port}`, ...headers },
        },
        (response) => {
          let body = ''
          response.on('data', (chunk) => (body += String(chunk)))
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              remaining: Number(response.headers['x-ratelimit-remaining']),
              body,
            }),
          )
        },
      )
      sent.on('error', reject).end()
    })
  }

  test('the limit per address applies to the caller that a trusted proxy names', async () => {
    rig = await startHttpRig({ network: { trustedProxies: ['127.0.0.2'] } })
    const first = (await ask('127.0.0.2', { 'x-forwarded-for': '203.0.113.7' })).remaining
    expect((await ask('127.0.0.2', { 'x-forwarded-for': '203.0.113.8' })).remaining).toBe(first)
    expect((await ask('127.0.0.2', { 'x-forwarded-for': '203.0.113.7:5123' })).remaining).toBe(first - 1)
    // One computer has every address of its network.
    expect((await ask('127.0.0.2', { 'x-forwarded-for': '2001:db9::1' })).remaining).toBe(first)
    expect((await ask('127.0.0.2', { 'x-forwarded-for': '[2001:db9::ffff:2]:80' })).remaining).toBe(first - 1)
  })

  test("what a caller writes before the proxy's own entry is ignored", async () => {
    rig = await startHttpRig({ network: { trustedProxies: ['127.0.0.2', '127.0.0.3'] } })
    const first = (await ask('127.0.0.2', { 'x-forwarded-for': '203.0.113.7' })).remaining
    const others = [
      '198.51.100.1, 203.0.113.7',
      'unknown, 203.0.113.7, 127.0.0.3',
      '203.0.113.9, 203.0.113.7,127.0.0.3',
    ]
    for (const [index, value] of others.entries())
      expect((await ask('127.0.0.2', { 'x-forwarded-for': value })).remaining).toBe(first - 1 - index)
  })

  test("invalid and endless lists count as the proxy's own requests", async () => {
    rig = await startHttpRig({ network: { trustedProxies: ['127.0.0.2'] } })
    const first = (await ask('127.0.0.2')).remaining
    const junk = ['', 'localhost', '203.0.113.7; drop', '1.2.3.4.5', Array(40).fill('203.0.113.7').join(',')]
    for (const [index, value] of junk.entries())
      expect((await ask('127.0.0.2', { 'x-forwarded-for': value })).remaining).toBe(first - 1 - index)
  })

  test('what other callers say about their address and scheme is ignored', async () => {
    rig = await startHttpRig({ network: { trustedProxies: ['127.0.0.2'] } })
    const forged = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https', forwarded: 'for=203.0.113.7' }
    const first = await ask('127.0.0.1', forged)
    const second = await ask('127.0.0.1', { ...forged, 'x-forwarded-for': '203.0.113.8' })
    expect(second.remaining).toBe(first.remaining - 1)
    expect(second.body).toContain(`http://127.0.0.1:${rig.port}`)
    expect(second.body).not.toContain('https://127.0.0.1')
  })

  test('links have the scheme and host that the caller used', async () => {
    rig = await startHttpRig({ network: { trustedProxies: ['127.0.0.2'], publicUrl: PUBLIC_URL } })
    const reply = await ask('127.0.0.2', { host: 'hallpass.example.com', 'x-forwarded-proto': 'https' })
    expect(reply.status).toBe(200)
    expect(JSON.parse(reply.body).base_url).toBe(PUBLIC_URL)
    const local = await ask('127.0.0.2', { 'x-forwarded-proto': 'https' })
    expect(JSON.parse(local.body).base_url).toBe(`https://127.0.0.1:${rig.port}`)
  })

  test("only the public host is accepted besides Hallpass's own", async () => {
    rig = await startHttpRig({ network: { trustedProxies: ['127.0.0.2'], publicUrl: PUBLIC_URL } })
    const forwarded = { 'x-forwarded-host': 'hallpass.example.com' }
    for (const host of [
      'evil.example',
      'hallpass.example.com.evil.example',
      'hallpass.example.com:8443',
      'a.hallpass.example.com',
    ])
      expect((await ask('127.0.0.2', { ...forwarded, host })).status).toBe(403)
    expect((await ask('127.0.0.2', { host: 'HALLPASS.example.com:443' })).status).toBe(200)
  })

  test.skipIf(ownAddress() === null)('without TLS, other computers reach the port only through the proxy', async () => {
    const address = ownAddress() ?? ''
    rig = await startHttpRig({ network: { trustedProxies: ['192.0.2.77'] }, host: '0.0.0.0' })
    expect((await ask('127.0.0.3')).status).toBe(200)
    expect(await connects(rig.port, address, address)).toBe(true)
    // To the server, this caller is neither loopback nor the address that it was reached at.
    expect(await connects(rig.port, address, '127.0.0.1')).toBe(false)
  })
})

test.each([
  '',
  'proxy',
  'localhost',
  '10.0.0.0/33',
  '10.0.0.0/0',
  '10.0.0.0/8/8',
  '::1/129',
  '10.0.0.0/x',
  '*',
  '0.0.0.0/1',
  '128.0.0.0/7',
  '::/1',
  '::/8',
  '::ffff:0:0/96',
  '::ffff:0:0/97',
  '::ffff:10.0.0.0/103',
])('a trusted proxy %j is rejected by its field', (text) => {
  expect(refusal(() => readTrustedProxies([text]))).toMatchObject({
    code: 'INVALID_REQUEST',
    field: 'trusted_proxies',
  })
})

test('trusted proxies are addresses and networks of both IP versions', () => {
  const proxies = readTrustedProxies(['10.1.0.0/16', '192.0.2.1', 'fd00::/8'])
  const found = ['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.1', 'fd12::1'].map((address) => proxies.includes(address))
  expect(found).toEqual([true, true, true, true])
  expect(['10.2.0.1', '192.0.2.2', 'fe80::1', '', 'x'].map((address) => proxies.includes(address))).not.toContain(true)
  expect(readTrustedProxies([]).includes('127.0.0.1')).toBe(false)
})

/** An address of this computer besides loopback. */
function ownAddress(): string | null {
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? [])
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? null
}

/** Returns whether a request from one address to another gets a response. */
function connects(port: number, localAddress: string, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, localAddress })
    socket.on('error', () => resolve(false)).on('close', () => resolve(false))
    socket.on('data', () => {
      resolve(true)
      socket.destroy()
    })
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
  })
}
