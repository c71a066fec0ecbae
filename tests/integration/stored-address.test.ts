import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EngineOptions } from '../../src/engine/engine-options.ts'
import { startEngine } from '../../src/engine/index.ts'
import { startTestEngine } from '../support/start-test-engine.ts'
import { TEST_VAULT_KEY } from '../support/prepare-home.ts'

async function taken(): Promise<{ server: Server; port: number }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, port: (server.address() as AddressInfo).port }
}
const closed = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()))

describe('the stored host and port', () => {
  let home: string
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'hallpass-address-'))
  })
  afterEach(() => rm(home, { recursive: true, force: true }))

  async function keep(changes: { host?: string; port?: number }): Promise<void> {
    // An engine that other computers may reach takes every address.
    const protection = { allowNetwork: true, trustedProxies: ['192.0.2.9'] }
    await using engine = await startTestEngine({ home, sample: false, ...protection })
    const before = engine.url
    await engine.owner.settings.update({ ...changes, confirm: 'reachable' })
    expect((await engine.owner.status()).url).toBe(before)
  }
  const start = (options: Partial<EngineOptions> = {}) =>
    startEngine({ home, vaultKey: TEST_VAULT_KEY, logLevel: 'silent', sample: false, ...options })

  it("that can't be used are named in the error, with how to start anyway", async () => {
    const { server, port } = await taken()
    await keep({ host: '192.0.2.1', port })
    await expect(start()).rejects.toMatchObject({
      name: 'HallpassError',
      code: 'INVALID_REQUEST',
      message: expect.stringMatching(
        new RegExp(`192\\.0\\.2\\.1 \\([^)]*HALLPASS_HOST=127\\.0\\.0\\.1\\).*port ${port} \\([^)]*HALLPASS_PORT=`),
      ),
    })
    await expect(start({ host: '127.0.0.1' })).rejects.toMatchObject({
      message: expect.stringMatching(new RegExp(`in use.*settings: port ${port} \\([^)]*HALLPASS_PORT=`)),
    })
    await closed(server)
    const engine = await start({ host: '127.0.0.1' })
    await engine.stop()
  })

  it('that are not the cause are not named', async () => {
    const { server, port } = await taken()
    await keep({ host: 'localhost' })
    await expect(start({ host: '127.0.0.1', port })).rejects.toMatchObject({
      message: expect.not.stringContaining('settings'),
    })
    await closed(server)
  })

  it('take effect at the next start', async () => {
    const { server, port } = await taken()
    await closed(server)
    await keep({ port })
    const engine = await start()
    expect(engine.url).toBe(`http://127.0.0.1:${port}`)
    await engine.stop()
  })

  it('are overridden by command-line options', async () => {
    await keep({ host: '192.0.2.1', port: 9 })
    await using engine = await startTestEngine({ home, host: '127.0.0.1', sample: false })
    expect(engine.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(await engine.owner.settings.get()).toMatchObject({ host: '192.0.2.1', port: 9 })
  })
})
