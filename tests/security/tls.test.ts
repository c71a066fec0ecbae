import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { networkFrom } from '../../src/engine/engine-options.ts'
import { refusal } from '../access/support/access-room.ts'
import { RENEWED, SELF_SIGNED } from '../http-apis/support/self-signed.ts'
import { createForwardClock } from '../support/test-clock.ts'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'

const NAME = 'stays.test'

const certificates = mkdtempSync(join(tmpdir(), 'hallpass-tls-'))
const TLS = { cert: join(certificates, 'cert.pem'), key: join(certificates, 'key.pem') }
const install = ({ cert, key }: { cert: string; key: string }): void => {
  writeFileSync(TLS.cert, cert)
  writeFileSync(TLS.key, key, { mode: 0o600 })
}
install(SELF_SIGNED)
afterAll(() => rmSync(certificates, { recursive: true, force: true }))

describe('an engine with a certificate', () => {
  let engine: TestEngine
  let port: number
  const sockets: { destroy(): unknown }[] = []
  beforeEach(async () => {
    engine = await startTestEngine({ sample: false, tls: TLS })
    port = Number(new URL(engine.url).port)
  })
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy()
    await engine[Symbol.asyncDispose]()
  })

  const get = (path: string): Promise<{ status: number; body: string }> =>
    new Promise((resolve, reject) => {
      const agent = new Agent({ ca: SELF_SIGNED.cert })
      const headers = { host: `127.0.0.1:${port}` }
      const sent = request({ host: '127.0.0.1', port, path, servername: NAME, headers, agent }, (response) => {
        let body = ''
        response.on('data', (chunk) => (body += String(chunk)))
        response.on('end', () => {
          agent.destroy()
          resolve({ status: response.statusCode ?? 0, body })
        })
      })
      sent.on('error', reject).end()
    })

  test('serves HTTPS, and its links say so', async () => {
    expect(engine.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
    const reply = await get('/api/v1/proxy')
    expect(reply.status).toBe(200)
    expect(JSON.parse(reply.body).base_url).toBe(engine.url)
    expect((await engine.owner.status()).url).toBe(engine.url)
  })

  test('accepts no request without TLS', async () => {
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow()
    expect((await get('/healthz')).status).toBe(200)
  })

  test('accepts no TLS 1.1', async () => {
    const outcome = await new Promise<string>((resolve) => {
      const socket = connect({
        port,
        host: '127.0.0.1',
        rejectUnauthorized: false,
        minVersion: 'TLSv1',
        maxVersion: 'TLSv1.1',
      })
      socket.once('secureConnect', () => resolve('connected')).once('error', () => resolve('failed'))
      sockets.push(socket)
    })
    expect(outcome).toBe('failed')
  })

  test(
    'keeps the connections of a token while strangers, with and without TLS, flood the port',
    { timeout: 60_000 },
    async () => {
      await engine.owner.projects.create({ name: 'p' })
      const token = (await engine.owner.tokens.create({ project: 'p', name: 't', kind: 'access' })).secret ?? ''
      const own = await new Promise<TLSSocket>((resolve, reject) => {
        const socket = connect({ port, host: '127.0.0.1', servername: NAME, ca: SELF_SIGNED.cert }, () =>
          resolve(socket),
        )
        socket.on('error', reject)
        sockets.push(socket)
      })
      const introspect = (): Promise<string> =>
        new Promise((resolve, reject) => {
          own.once('data', (chunk) => resolve(String(chunk).slice(0, 12)))
          own.once('close', () => reject(new Error('closed')))
          own.write(
            `GET /api/v1/tokens/introspect HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n\r\n`,
          )
        })
      expect(await introspect()).toBe('HTTP/1.1 200')
      for (let n = 0; n < 700; n += 1)
        await new Promise<void>((resolve) => {
          const socket = connectPlain(port, '127.0.0.1', resolve)
          socket.on('error', () => resolve())
          sockets.push(socket)
        })
      expect(await introspect()).toBe('HTTP/1.1 200')
      expect((await get('/healthz')).status).toBe(200)
    },
  )
})

describe('TLS files that change', () => {
  const clock = createForwardClock()
  let engine: TestEngine
  beforeEach(async () => {
    engine = await startTestEngine({ sample: false, tls: TLS, clock })
  })
  afterEach(async () => {
    await engine[Symbol.asyncDispose]()
    install(SELF_SIGNED)
  })

  /** The name in the certificate that a new connection gets. */
  const served = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port: Number(new URL(engine.url).port), host: '127.0.0.1', rejectUnauthorized: false })
      socket.once('error', reject)
      socket.once('secureConnect', () => {
        resolve(String(socket.getPeerCertificate().subject.CN))
        socket.destroy()
      })
    })
  const look = (): void => clock.forward(10_000)
  const attention = async () => (await engine.owner.attention.list({ state: 'open' })).map(({ kind }) => kind)

  test('are read again, and open connections continue', async () => {
    const open = connect({ port: Number(new URL(engine.url).port), host: '127.0.0.1', rejectUnauthorized: false })
    await once(open, 'secureConnect')
    expect(await served()).toBe('stays.test')
    install(RENEWED)
    expect(await served()).toBe('stays.test')
    look()
    expect(await served()).toBe('renewed.test')
    open.write(`GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${new URL(engine.url).port}\r\n\r\n`)
    expect(String((await once(open, 'data'))[0])).toMatch(/^HTTP\/1\.1 200/)
    open.destroy()
    expect(await attention()).toEqual([])
  })

  test.each([
    ['a certificate of another key', () => writeFileSync(TLS.cert, RENEWED.cert)],
    ['no certificate', () => writeFileSync(TLS.cert, 'junk')],
    ['an empty certificate', () => writeFileSync(TLS.cert, '')],
    ['an empty key', () => writeFileSync(TLS.key, '')],
    ['a missing key', () => rmSync(TLS.key)],
  ])('with %s leave the certificate in use and need attention until they work', async (_what, spoil) => {
    spoil()
    look()
    // The other file may be on its way.
    expect(await attention()).toEqual([])
    look()
    expect(await attention()).toEqual(['certificate'])
    expect(await served()).toBe('stays.test')
    install(RENEWED)
    look()
    expect(await served()).toBe('renewed.test')
    expect(await attention()).toEqual([])
  })
})

describe('a listen address that other computers can reach', () => {
  test.each([
    ["without the owner's permission", {}, 'network'],
    ["without the owner's permission, even with TLS", { tls: TLS }, 'network'],
    ['without TLS or a proxy that encrypts', { allowNetwork: true }, 'plain_text'],
  ])('is rejected %s', async (_what, options, reason) => {
    await expect(startTestEngine({ host: '0.0.0.0', sample: false, ...options })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      field: 'host',
      reason,
    })
  })

  test.each([
    ['TLS', { tls: TLS }],
    ['a trusted proxy', { trustedProxies: ['192.0.2.1'] }],
  ])("is used with the owner's permission and %s, and status has a notice", async (_what, options) => {
    await using engine = await startTestEngine({ host: '0.0.0.0', allowNetwork: true, sample: false, ...options })
    expect((await engine.owner.status()).notices).toEqual([expect.stringMatching(/other computers can reach it/)])
  })

  test('is rejected from the settings as from the environment, with what to do', async () => {
    const home = mkdtempSync(join(tmpdir(), 'hallpass-host-'))
    try {
      const first = await startTestEngine({ home, sample: false, allowNetwork: true, tls: TLS })
      await first.owner.settings.update({ host: '0.0.0.0', confirm: 'reachable' })
      await first.stop()
      await expect(startTestEngine({ home, sample: false })).rejects.toMatchObject({
        reason: 'network',
        message: expect.stringContaining('HALLPASS_HOST=127.0.0.1'),
      })
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  })
})

describe('settings for other computers', () => {
  let home: string
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'hallpass-host-'))
  })
  afterEach(() => rmSync(home, { recursive: true, force: true }))

  test('ST1 with TLS files take effect at a restart of the server, and at the next start without any flag', async () => {
    const first = await startTestEngine({ home, sample: false })
    await first.owner.settings.update({ host: '0.0.0.0', tls: TLS, confirm: 'reachable' })
    expect((await first.owner.status()).restart_needed).toEqual(['host', 'tls'])
    const { url } = await first.owner.settings.rebind()
    expect(url).toMatch(/^https:/)
    expect((await first.owner.status()).listening).toMatchObject({ host: '0.0.0.0', beyond_loopback: true, tls: true })
    await first.stop()
    const second = await startTestEngine({ home, sample: false })
    try {
      expect(second.url).toMatch(/^https:/)
      expect((await second.owner.status()).listening.beyond_loopback).toBe(true)
      // A change to the network of an address that others reach needs the confirmation again.
      await expect(second.owner.settings.update({ trusted_proxy: ['10.0.0.9'] })).rejects.toMatchObject({
        data: { field: 'confirm' },
      })
      await second.owner.settings.update({ host: '127.0.0.1', tls: null })
      expect((await second.owner.settings.rebind()).url).toMatch(/^http:/)
    } finally {
      await second.stop()
    }
  })

  test('ST1 with missing files prevent the start, and HALLPASS_HOST overrides them', async () => {
    const first = await startTestEngine({ home, sample: false })
    await first.owner.settings.update({ host: '0.0.0.0', tls: TLS, confirm: 'reachable' })
    await first.stop()
    rmSync(TLS.cert)
    try {
      await expect(startTestEngine({ home, sample: false })).rejects.toMatchObject({
        field: 'tls.cert',
        message: expect.stringContaining('HALLPASS_HOST=127.0.0.1'),
      })
      const second = await startTestEngine({ home, sample: false, host: '127.0.0.1' })
      expect(second.url).toMatch(/^http:/)
      expect((await second.owner.status()).listening.beyond_loopback).toBe(false)
      await second.stop()
    } finally {
      install(SELF_SIGNED)
    }
  })
})

describe('the files of TLS', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hallpass-tls-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const file = (name: string, text: string, mode = 0o600): string => {
    const path = join(folder, name)
    writeFileSync(path, text)
    chmodSync(path, mode)
    return path
  }
  const fieldOf = (flags: Parameters<typeof networkFrom>[1]): string | undefined =>
    refusal(() => networkFrom({}, flags)).field

  test('are read from flags, or else from the environment', () => {
    const [cert, key] = [file('cert.pem', SELF_SIGNED.cert), file('key.pem', SELF_SIGNED.key)]
    expect(networkFrom({}, { tlsCert: cert, tlsKey: key })).toEqual({ tls: { cert, key } })
    expect(
      networkFrom({
        HALLPASS_TLS_CERT: cert,
        HALLPASS_TLS_KEY: key,
        HALLPASS_ALLOW_NETWORK: '1',
        HALLPASS_TRUSTED_PROXIES: '10.0.0.1, 10.1.0.0/16',
        HALLPASS_PUBLIC_URL: 'https://a.example',
      }),
    ).toEqual({
      tls: { cert, key },
      allowNetwork: true,
      trustedProxies: ['10.0.0.1', '10.1.0.0/16'],
      publicUrl: 'https://a.example',
    })
    expect(networkFrom({ HALLPASS_TLS_CERT: '', HALLPASS_PUBLIC_URL: '', HALLPASS_TRUSTED_PROXIES: '' })).toEqual({})
  })

  test('are rejected by their field if one is missing, unreadable, foreign, open to others or wrong', () => {
    const [cert, key] = [file('cert.pem', SELF_SIGNED.cert), file('key.pem', SELF_SIGNED.key)]
    const missing = join(folder, 'nothing')
    expect(fieldOf({ tlsCert: cert })).toBe('tls_key')
    expect(fieldOf({ tlsKey: key })).toBe('tls_cert')
    expect(fieldOf({ tlsCert: missing, tlsKey: key })).toBe('tls_cert')
    expect(fieldOf({ tlsCert: cert, tlsKey: missing })).toBe('tls_key')
    expect(fieldOf({ tlsCert: folder, tlsKey: key })).toBe('tls_cert')
    expect(fieldOf({ tlsCert: cert, tlsKey: folder })).toBe('tls_key')
    expect(fieldOf({ tlsCert: file('junk', 'junk'), tlsKey: key })).toBe('tls_cert')
    expect(fieldOf({ tlsCert: cert, tlsKey: cert })).toBe('tls_cert')
    expect(fieldOf({ tlsCert: file('none.pem', ''), tlsKey: key })).toBe('tls_cert')
    expect(fieldOf({ tlsCert: cert, tlsKey: file('none.key', '') })).toBe('tls_cert')
    // Reading it never ends.
    if (process.platform !== 'win32') expect(fieldOf({ tlsCert: '/dev/zero', tlsKey: key })).toBe('tls_cert')
    if (process.platform !== 'win32')
      expect(fieldOf({ tlsCert: cert, tlsKey: file('open.pem', SELF_SIGNED.key, 0o644) })).toBe('tls_key')
  })

  test.each([
    'hallpass.example',
    'ftp://a.example',
    'https://a.example/path',
    'https://u:p@a.example',
    'https://a.example?q',
  ])('the public URL %s is rejected by its field', async (publicUrl) => {
    await expect(startTestEngine({ publicUrl, sample: false })).rejects.toMatchObject({ field: 'public_url' })
  })
})
