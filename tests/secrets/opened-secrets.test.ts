import { chmodSync, mkdtempSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { openSecretStore } from '../../src/engine/secrets/open-secret-store.ts'
import { Secret } from '../../src/engine/secrets/secret.ts'
import { movableClock, type MovableClock } from '../store/support/data-folders.ts'

const KEY = 'a key for tests only'
let folder: string
let clock: MovableClock
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hallpass-opened-'))
  clock = movableClock()
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
})
const open = (vaultKey = KEY) => openSecretStore({ home: folder, vaultKey, environment: {}, clock })

// Each engine derives its keys anew, which is slow on purpose.
describe('a secret that was read', { timeout: 30_000 }, () => {
  it('is the same object as long as the vault file is unchanged', async () => {
    const store = await open()
    await store.keep('a', new Secret('one'))
    const first = await store.fetch('vault', 'a')
    clock.move(60_000)
    expect(await store.fetch('vault', 'a')).toBe(first)
  })

  it('is read again within 20 ms after another engine or a restore replaced the vault file', async () => {
    const store = await open()
    await store.keep('a', new Secret('one'))
    await store.fetch('vault', 'a')
    await (await open()).keep('a', new Secret('two'))
    clock.move(20)
    expect((await store.fetch('vault', 'a')).reveal()).toBe('two')
  })

  it('is rejected after the vault file was changed, truncated or removed, even with its old times restored', async () => {
    const store = await open()
    await store.keep('a', new Secret('one'))
    await store.fetch('vault', 'a')
    const file = join(folder, 'vault')
    const { atime, mtime, size } = statSync(file)
    writeFileSync(file, 'x'.repeat(size))
    utimesSync(file, atime, mtime)
    clock.move(20)
    await expect(store.fetch('vault', 'a')).rejects.toMatchObject({ code: 'SECRET_UNAVAILABLE' })
    rmSync(file)
    clock.move(20)
    await expect(store.fetch('vault', 'a')).rejects.toMatchObject({ code: 'SECRET_UNAVAILABLE' })
  })

  it('is replaced or deleted immediately in the engine that did it', async () => {
    const store = await open()
    await store.keep('a', new Secret('one'))
    await store.fetch('vault', 'a')
    await store.keep('a', new Secret('two'))
    expect((await store.fetch('vault', 'a')).reveal()).toBe('two')
    await store.forget('vault', 'a')
    await expect(store.fetch('vault', 'a')).rejects.toMatchObject({ code: 'SECRET_UNAVAILABLE' })
  })

  it('from a file is read immediately on request', async () => {
    const store = await open()
    const path = join(folder, 'key')
    writeFileSync(path, 'one', { mode: 0o600 })
    await store.fetch(`file:${path}`, '')
    writeFileSync(path, 'three')
    expect((await store.fetch(`file:${path}`, '', { fresh: true })).reveal()).toBe('three')
    expect((await store.fetch(`file:${path}`, '')).reveal()).toBe('three')
  })

  it.skipIf(process.platform === 'win32')(
    'from a file is read again after a write, a rename and a change of its mode',
    async () => {
      const store = await open()
      const path = join(folder, 'key')
      const fetch = async () => (await store.fetch(`file:${path}`, '')).reveal()
      writeFileSync(path, 'one', { mode: 0o600 })
      expect(await fetch()).toBe('one')
      writeFileSync(path, 'two')
      clock.move(20)
      expect(await fetch()).toBe('two')
      writeFileSync(`${path}.new`, 'six', { mode: 0o600 })
      renameSync(`${path}.new`, path)
      clock.move(20)
      expect(await fetch()).toBe('six')
      chmodSync(path, 0o622)
      clock.move(20)
      await expect(fetch()).rejects.toMatchObject({ code: 'SECRET_UNAVAILABLE' })
    },
  )
})
