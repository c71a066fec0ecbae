import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { HallpassError } from '../../src/contract/errors.ts'
import { createProbeMemory } from '../../src/engine/operations/probe-memory.ts'
import { createReadiness, type ReadinessParts } from '../../src/engine/operations/readiness.ts'
import { openSecretStore } from '../../src/engine/secrets/open-secret-store.ts'
import { Secret } from '../../src/engine/secrets/secret.ts'
import { startTestEngine } from '../support/start-test-engine.ts'
import { createTestClock } from '../support/test-clock.ts'

const LOCKED = new HallpassError('SECRET_UNAVAILABLE', 'The keychain is locked. Unlock it.')

function readiness(more: Partial<ReadinessParts> = {}) {
  return createReadiness({
    home: '/',
    store: { read: { setting: () => null } as never },
    log: { healthy: true },
    secretStore: { problem: null, check: async () => null },
    clock: createTestClock(),
    freeBytes: async () => 1e9,
    ...more,
  })
}

describe('readiness', () => {
  it('is checked at most four times per second, however often strangers request it', async () => {
    const clock = createTestClock()
    let checks = 0
    const often = readiness({
      clock,
      secretStore: {
        problem: null,
        async check() {
          checks += 1
          return null
        },
      },
    })
    for (let n = 0; n < 100; n += 1) await often.check()
    expect(checks).toBe(1)
    clock.advance(250)
    await often.check()
    expect(checks).toBe(2)
  })

  it('is ready while the store, the log and the secret store work', async () => {
    expect(await readiness().check()).toEqual({ ok: true, checks: { store: true, keychain: true } })
    expect(await readiness().problems()).toEqual([])
  })

  it('is false on a full disk, even before a request has failed because of it', async () => {
    const full = readiness({ freeBytes: async () => 4096 })
    expect(await full.check()).toEqual({ ok: false, checks: { store: false, keychain: true } })
    expect(await full.problems()).toMatchObject([{ with: 'disk' }])
  })

  it('is false while the log accepts no rows, whatever space is left', async () => {
    const broken = readiness({ log: { healthy: false } })
    expect((await broken.check()).ok).toBe(false)
    expect(await broken.problems()).toMatchObject([{ with: 'log' }])
  })

  it("is false while secrets can't be read, with the reason", async () => {
    const locked = readiness({ secretStore: { problem: LOCKED.message, check: async () => LOCKED.message } })
    expect(await locked.check()).toEqual({ ok: false, checks: { store: true, keychain: false } })
    expect(await locked.problems()).toEqual([{ with: 'secrets', sentence: LOCKED.message }])
    expect(await locked.findProblems()).toEqual([{ with: 'secrets', sentence: LOCKED.message }])
  })
})

it('remembers why the secret store failed, and forgets it when the store works again', async () => {
  const clock = createTestClock()
  let isLocked = true
  const memory = createProbeMemory({
    clock,
    onChange: () => undefined,
    probe: () => (isLocked ? Promise.reject(LOCKED) : Promise.resolve()),
  })
  await expect.poll(() => [memory.ok, memory.problem]).toEqual([false, LOCKED.message])
  isLocked = false
  clock.advance(15_000)
  await expect.poll(() => [memory.ok, memory.problem]).toEqual([true, null])
})

it('shares one check among all who wait for it, and status shows its result', async () => {
  let checks = 0
  const memory = createProbeMemory({
    clock: createTestClock(),
    onChange: () => undefined,
    probe: () => {
      checks += 1
      return Promise.reject(LOCKED)
    },
  })
  expect(await Promise.all([memory.check(), memory.check()])).toEqual([LOCKED.message, LOCKED.message])
  expect([memory.ok, memory.problem, checks]).toEqual([false, LOCKED.message, 1])
  await memory.check()
  expect(checks).toBe(2)
})

describe('an engine', () => {
  const ready = async (url: string): Promise<number> => (await fetch(`${url}/readyz`)).status

  it('with a vault key that is too short says so in status, its notices and /readyz', async () => {
    await using engine = await startTestEngine({ vaultKey: 'short' })
    expect(await ready(engine.url)).toBe(503)
    // The first status after it, not a later one.
    expect((await engine.owner.status()).notices).toEqual([expect.stringMatching(/HALLPASS_VAULT_KEY must have/)])
    expect((await engine.owner.status()).secret_store_ok).toBe(false)
  })

  it('with a wrong vault key says so in status, its notices and /readyz', { timeout: 60_000 }, async () => {
    const home = mkdtempSync(join(tmpdir(), 'hallpass-wrong-key-'))
    onTestFinished(() => rmSync(home, { recursive: true, force: true }))
    const first = await openSecretStore({ home, vaultKey: 'the right key of the vault', environment: {} })
    await first.keep('a', new Secret('canary'))
    await using engine = await startTestEngine({ home, vaultKey: 'another key of the vault' })
    expect(await ready(engine.url)).toBe(503)
    await expect
      .poll(async () => (await engine.owner.status()).notices, { timeout: 20_000 })
      .toEqual([expect.stringMatching(/HALLPASS_VAULT_KEY is wrong/)])
  })

  it("that other computers could reach starts only with the owner's permission, and then warns", async () => {
    await expect(startTestEngine({ host: '0.0.0.0' })).rejects.toMatchObject({ field: 'host', reason: 'network' })
    await using engine = await startTestEngine({ host: '0.0.0.0', allowNetwork: true, trustedProxies: ['192.0.2.1'] })
    expect((await engine.owner.status()).notices[0]).toMatch(/other computers can reach it/)
    await using local = await startTestEngine({ host: '127.0.0.1' })
    expect((await local.owner.status()).notices).toEqual([])
  })
})
