import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { DEFAULT_SETTINGS, type Settings } from '../../src/contract/settings.ts'
import { post, startTestEngine, type TestEngine } from '../support/start-test-engine.ts'
import { until } from '../support/until.ts'
import { systemClock } from '../../src/engine/clock.ts'
import { createOwnAddress } from '../../src/engine/listen-address.ts'
import { SELF_SIGNED } from '../http-apis/support/self-signed.ts'

const folder = mkdtempSync(join(tmpdir(), 'hallpass-tls-'))
const TLS = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
writeFileSync(TLS.cert, SELF_SIGNED.cert)
writeFileSync(TLS.key, SELF_SIGNED.key, { mode: 0o600 })
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the listen address', () => {
  let engine: TestEngine
  beforeEach(async () => {
    engine = await startTestEngine()
  })
  afterEach(() => engine[Symbol.asyncDispose]())

  it.each(['0.0.0.0', '::', '192.168.1.20', 'my-computer.local'])(
    'ST1 %s is rejected without encryption, and the old address stays',
    async (host) => {
      await expect(engine.owner.settings.update({ host, theme: 'dark' })).rejects.toMatchObject({
        data: { code: 'INVALID_REQUEST', field: 'host' },
      })
      expect(await engine.owner.settings.get()).toEqual(DEFAULT_SETTINGS)
      expect((await engine.owner.settings.check({ host })).beyond_loopback).toBe(true)
    },
  )

  it.each(['0.0.0.0', '::', '192.168.1.20', 'my-computer.local'])(
    'ST1 %s requires TLS or a proxy and a typed confirmation, and each alone is rejected',
    async (host) => {
      const protections = [{ tls: TLS }, { trusted_proxy: ['10.0.0.2'] }]
      await expect(engine.owner.settings.update({ host, confirm: 'reachable' })).rejects.toMatchObject({
        data: { field: 'host' },
      })
      for (const protection of protections) {
        await expect(engine.owner.settings.update({ host, ...protection })).rejects.toMatchObject({
          data: { code: 'INVALID_REQUEST', field: 'confirm' },
        })
        await expect(
          engine.owner.settings.update({ host, ...protection, confirm: 'yes' as 'reachable' }),
        ).rejects.toMatchObject({ data: { code: 'INVALID_REQUEST', field: 'confirm' } })
        expect(await engine.owner.settings.get()).toEqual(DEFAULT_SETTINGS)
      }
      for (const protection of protections) {
        const changed = { host, tls: null, trusted_proxy: [], ...protection }
        expect(await engine.owner.settings.update({ ...changed, confirm: 'reachable' })).toMatchObject(changed)
      }
      // Its protection can't be removed alone, and going back needs no confirmation.
      await expect(engine.owner.settings.update({ trusted_proxy: [], confirm: 'reachable' })).rejects.toMatchObject({
        data: { field: 'host' },
      })
      await engine.owner.settings.update({ host: '127.0.0.1', trusted_proxy: [] })
      expect(await engine.owner.settings.get()).toEqual(DEFAULT_SETTINGS)
    },
  )

  it.each([
    [{ tls: { cert: '/nothing/cert.pem', key: '/nothing/key.pem' } }, 'tls.cert'],
    [{ tls: { cert: 'cert.pem', key: 'key.pem' } }, 'tls'],
    [{ trusted_proxy: ['everybody'] }, 'trusted_proxy'],
    [{ trusted_proxy: ['0.0.0.0/0'] }, 'trusted_proxy'],
    [{ public_url: 'https://a.example/path' }, 'public_url'],
  ])('ST1 %j is rejected with its field, and nothing is changed', async (change, field) => {
    await expect(
      engine.owner.settings.update({ host: '0.0.0.0', ...change, confirm: 'reachable' }),
    ).rejects.toMatchObject({ data: { code: 'INVALID_REQUEST', field } })
    expect(await engine.owner.settings.get()).toEqual(DEFAULT_SETTINGS)
  })

  it('ST1 is not opened to other computers if the stored TLS files are missing', async () => {
    const files = { cert: join(folder, 'gone.pem'), key: join(folder, 'gone.key') }
    copyFileSync(TLS.cert, files.cert)
    copyFileSync(TLS.key, files.key)
    await engine.owner.settings.update({ tls: files })
    rmSync(files.cert)
    await expect(engine.owner.settings.update({ host: '0.0.0.0', confirm: 'reachable' })).rejects.toMatchObject({
      data: { code: 'INVALID_REQUEST', field: 'tls.cert' },
    })
    expect((await engine.owner.settings.get()).host).toBe('127.0.0.1')
    await engine.owner.settings.update({ tls: null })
  })

  it('ST1 beyond this computer is rejected in a configuration file too, unless it is confirmed', async () => {
    const apply = (settings: Partial<Settings>, confirm?: 'reachable') =>
      engine.owner.configuration.apply({ configuration: { version: 1, settings }, ...(confirm && { confirm }) })
    await expect(apply({ host: '0.0.0.0' }, 'reachable')).rejects.toMatchObject({
      data: { code: 'INVALID_REQUEST', field: 'configuration.settings.host' },
    })
    const others = { host: '0.0.0.0', tls: TLS }
    await expect(apply(others)).rejects.toMatchObject({ data: { reason: 'network' } })
    expect(await engine.owner.settings.get()).toEqual(DEFAULT_SETTINGS)
    await apply(others, 'reachable')
    expect(await engine.owner.settings.get()).toEqual({ ...DEFAULT_SETTINGS, ...others })
    // The same file again changes nothing, and needs no confirmation.
    expect((await apply(others)).changes).toEqual([])
  })

  it('AT1 one item says that other computers can reach Hallpass, until they no longer can', async () => {
    const items = async (state: 'open' | 'resolved') =>
      (await engine.owner.attention.list({ state })).filter(({ kind }) => kind === 'reachable')
    await engine.owner.settings.update({ host: '0.0.0.0', tls: TLS, confirm: 'reachable' })
    expect(await items('open')).toEqual([])
    await engine.owner.settings.rebind()
    const [item, ...others] = await items('open')
    expect(others).toEqual([])
    expect(item).toMatchObject({ group: 'watch', sentence: expect.stringContaining('0.0.0.0:') })
    await engine.owner.settings.update({ host: '127.0.0.1', tls: null })
    expect(await items('open')).toHaveLength(1)
    await engine.owner.settings.rebind()
    expect(await items('open')).toEqual([])
    expect(await items('resolved')).toMatchObject([{ id: item?.id, ended_at: expect.any(String) }])
  })

  it('ST2 with a port in use names the program that uses it before saving', async () => {
    const other = createServer()
    await new Promise<void>((done) => {
      other.listen(0, '127.0.0.1', done)
    })
    onTestFinished(() => void other.close())
    const { port } = other.address() as { port: number }
    expect(await engine.owner.settings.check({ port })).toEqual({
      free: false,
      holder: process.platform === 'linux' ? expect.stringContaining(`(process ${process.pid})`) : null,
      addresses: ['127.0.0.1'],
      beyond_loopback: false,
    })
    expect((await engine.owner.settings.check({ port: Number(new URL(engine.url).port) })).free).toBe(true)
    expect(await engine.owner.settings.get()).toEqual(DEFAULT_SETTINGS)
  })

  it('requires a restart until the setting equals the address at the start', async () => {
    const needed = async () => (await engine.owner.status()).restart_needed
    expect(await needed()).toEqual([])
    await engine.owner.settings.update({ port: 7800 })
    expect(await needed()).toEqual(['port'])
    await engine.owner.settings.update({ port: DEFAULT_SETTINGS.port })
    expect(await needed()).toEqual([])
  })

  it('ST3 moves to the new port on a restart, where tokens still work, and leaves the old one', async () => {
    const before = engine.url
    const port = await freePort()
    const { secret } = await engine.owner.tokens.create({
      project: 'demo',
      name: 'moving',
      kind: 'access',
      clone: true,
    })
    await engine.owner.settings.update({ port })
    const { url } = await engine.owner.settings.rebind()
    expect(url).toBe(`http://127.0.0.1:${port}`)
    const status = await engine.owner.status()
    expect([status.url, status.restart_needed]).toEqual([url, []])
    expect((await post(`${url}/api/v1/sessions`, secret, { document: 'sales', permissions: ['read'] })).status).toBe(
      200,
    )
    await until('the old port is closed', () =>
      fetch(`${before}/healthz`).then(
        () => false,
        () => true,
      ),
    )
    // Called again, there is nothing to do, and no page needs a sign-in link.
    expect(await engine.owner.settings.rebind()).toEqual({ url, page: null })
    expect(await engine.owner.requests.list({ method: 'settings.rebind' })).toHaveLength(2)
  })

  it('ST3 stays unchanged if a restart fails on a port taken meanwhile', async () => {
    const other = createServer()
    await new Promise<void>((done) => {
      other.listen(0, '127.0.0.1', done)
    })
    onTestFinished(() => void other.close())
    const { port } = other.address() as { port: number }
    const { url } = await engine.owner.status()
    await engine.owner.settings.update({ port })
    await expect(engine.owner.settings.rebind()).rejects.toMatchObject({ data: { code: 'INVALID_REQUEST' } })
    expect((await engine.owner.status()).url).toBe(url)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect((await engine.owner.status()).restart_needed).toEqual(['port'])
  })

  it('ST3 is that of the settings after two restarts at once, and no other is open', async () => {
    const [first, second] = [await freePort(), await freePort()]
    await engine.owner.settings.update({ port: first })
    const moves = [engine.owner.settings.rebind()]
    await engine.owner.settings.update({ port: second })
    moves.push(engine.owner.settings.rebind())
    await Promise.all(moves)
    expect((await engine.owner.status()).url).toBe(`http://127.0.0.1:${second}`)
    await until('the first port is closed', () =>
      fetch(`http://127.0.0.1:${first}/healthz`).then(
        () => false,
        () => true,
      ),
    )
  })

  it('ST3 from the environment or an option stays, whatever the settings say', () => {
    const settings = { current: { ...DEFAULT_SETTINGS } }
    const parts = {
      settings,
      clock: systemClock,
      diagnostics: { certificateProblem: () => undefined },
      changes: { announce: () => undefined },
    }
    const given = createOwnAddress({ ...parts, options: { host: '127.0.0.1', port: 7717 } })
    const free = createOwnAddress({ ...parts, options: { port: 0 } })
    settings.current = { ...DEFAULT_SETTINGS, host: 'localhost', port: 7800, public_url: null }
    expect(given.restartNeeded()).toEqual([])
    expect(free.restartNeeded()).toEqual(['host', 'port'])
  })

  it('ST3 can change on the same port', async () => {
    const { url } = await engine.owner.status()
    await engine.owner.settings.update({ host: 'localhost' })
    const moved = await engine.owner.settings.rebind()
    expect(moved.url).toBe(url.replace('127.0.0.1', 'localhost'))
    expect((await fetch(`${moved.url}/healthz`)).status).toBe(200)
  })

  it('ST4 changes alone, without other settings', async () => {
    for (const change of [{ port: 7800 }, { theme: 'dark' as const }, { default_rate: '100/s' }, { log_days: 7 }]) {
      const before = await engine.owner.settings.get()
      expect(await engine.owner.settings.update(change)).toEqual({ ...before, ...change })
    }
  })
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done)
  })
  const { port } = server.address() as { port: number }
  await new Promise((done) => {
    server.close(done)
  })
  return port
}
