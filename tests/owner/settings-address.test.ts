import { createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { DEFAULT_SETTINGS } from '../../src/contract/settings.ts'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'

describe('the listen address', () => {
  let engine: TestEngine
  beforeEach(async () => {
    engine = await startTestEngine()
  })
  afterEach(() => engine[Symbol.asyncDispose]())

  it.each(['0.0.0.0', '::', '192.168.1.20', 'my-computer.local'])(
    'ST1 %s is rejected without encryption, and the old one stays',
    async (host) => {
      await expect(engine.owner.settings.update({ host, theme: 'dark' })).rejects.toMatchObject({
        data: { code: 'INVALID_REQUEST', field: 'host' },
      })
      expect(await engine.owner.settings.get()).toEqual(DEFAULT_SETTINGS)
      expect((await engine.owner.settings.check({ host })).beyond_loopback).toBe(true)
    },
  )

  it('ST1 an address beyond this computer is rejected in a configuration file too', async () => {
    await expect(
      engine.owner.configuration.apply({ configuration: { version: 1, settings: { host: '0.0.0.0' } } }),
    ).rejects.toMatchObject({ data: { code: 'INVALID_REQUEST', field: expect.stringContaining('settings') } })
    expect(await engine.owner.settings.get()).toEqual(DEFAULT_SETTINGS)
  })

  it('ST2 a port that is taken names its holder before it is saved', async () => {
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

  it('says that a restart is needed until the setting is what it started with', async () => {
    const needed = async () => (await engine.owner.status()).restart_needed
    expect(await needed()).toEqual([])
    await engine.owner.settings.update({ port: 7800 })
    expect(await needed()).toEqual(['port'])
    await engine.owner.settings.update({ port: DEFAULT_SETTINGS.port })
    expect(await needed()).toEqual([])
  })

  it('ST4 changing one setting leaves the others alone', async () => {
    for (const change of [{ port: 7800 }, { theme: 'dark' as const }, { default_rate: '100/s' }, { log_days: 7 }]) {
      const before = await engine.owner.settings.get()
      expect(await engine.owner.settings.update(change)).toEqual({ ...before, ...change })
    }
  })
})
