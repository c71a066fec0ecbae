import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SEALED_FILE } from '../../src/engine/secrets/keychain/keychain-location.ts'
import { openSecretStore } from '../../src/engine/secrets/open-secret-store.ts'
import { Secret } from '../../src/engine/secrets/secret.ts'
import type { SecretStore } from '../../src/engine/secrets/secret-store.ts'

/** Against the real Secret Service, on a bus and a keyring of the test's own, which scripts/test.ts starts. */
describe.skipIf(process.env.HALLPASS_TEST_KEYCHAIN !== '1')('the keychain of the operating system', () => {
  let folder: string
  let store: SecretStore

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hallpass-keychain-'))
    store = await openSecretStore({ home: folder, environment: {} })
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const secretTool = (args: string[]) => spawnSync('secret-tool', args, { encoding: 'utf8', timeout: 10_000 })

  test('reports a missing secret', async () => {
    await expect(store.fetch('keychain', 'nobody')).rejects.toMatchObject({
      code: 'SECRET_UNAVAILABLE',
      message: expect.stringContaining('no longer in the keychain'),
    })
  })

  test('is the location without a vault key, and works', async () => {
    expect(store.location.kind).toBe('keychain')
    await store.location.probe()
  })

  for (const [what, value] of Object.entries({
    plain: 'canary',
    spaces: '  around  ',
    unicode: 'zwei 🔑 ü \u202e',
    longest: 'x'.repeat(16_384),
    'JSON-and-quotes': '{"a":"\'`$(x)"}',
  })) {
    test(`returns what was stored: ${what}`, async () => {
      expect(await store.keep(what, new Secret(value))).toBe('keychain')
      expect((await store.fetch('keychain', what)).reveal()).toBe(value)
    })
  }

  test('replaces a secret and deletes it permanently', async () => {
    await store.keep('account', new Secret('old'))
    await store.keep('account', new Secret('new'))
    expect((await store.fetch('keychain', 'account')).reveal()).toBe('new')
    await store.forget('keychain', 'account')
    await store.forget('keychain', 'account')
    await expect(store.fetch('keychain', 'account')).rejects.toMatchObject({ code: 'SECRET_UNAVAILABLE' })
  })

  test('is one item that opens the file, and notices if another program changes or removes it', async () => {
    await store.keep('shared', new Secret('ours'))
    const header = readFileSync(join(folder, SEALED_FILE), 'utf8').split('\n', 1)[0] ?? ''
    const { account } = JSON.parse(header) as { account: string }
    const key = secretTool(['lookup', 'service', 'hallpass', 'account', account]).stdout
    expect(key).toMatch(/^[0-9a-f]{64}$/)
    const later = () => openSecretStore({ home: folder, environment: {} })
    const { default: keytar } = await import('keytar')
    await keytar.setPassword('hallpass', account, 'broken\r\nX-Evil: 1')
    await expect((await later()).fetch('keychain', 'shared')).rejects.toMatchObject({ code: 'SECRET_UNAVAILABLE' })
    secretTool(['clear', 'service', 'hallpass', 'account', account])
    await expect((await later()).fetch('keychain', 'shared')).rejects.toMatchObject({ code: 'SECRET_UNAVAILABLE' })
    await keytar.setPassword('hallpass', account, key)
    expect((await (await later()).fetch('keychain', 'shared')).reveal()).toBe('ours')
  })

  test('replaces an item of an earlier version with the file', async () => {
    const { default: keytar } = await import('keytar')
    await keytar.setPassword('hallpass', 'earlier', 'value')
    expect((await store.fetch('keychain', 'earlier')).reveal()).toBe('value')
    expect(await keytar.getPassword('hallpass', 'earlier')).toBeNull()
    expect((await store.fetch('keychain', 'earlier')).reveal()).toBe('value')
  })

  test('serves many readers at once', async () => {
    await store.keep('busy', new Secret('value'))
    const got = await Promise.all(Array.from({ length: 50 }, () => store.fetch('keychain', 'busy')))
    expect(got.every((secret) => secret.reveal() === 'value')).toBe(true)
  })
})

describe.skipIf(process.platform !== 'linux')('a computer without a keychain service', () => {
  test('opens the store, and each use names the alternatives', async () => {
    const door = join(import.meta.dirname, '../../src/engine/secrets/open-secret-store.ts')
    const program = `
      const { openSecretStore } = await import(${JSON.stringify(door)})
      const { Secret } = await import(${JSON.stringify(door.replace('open-secret-store', 'secret'))})
      const store = await openSecretStore({ home: '/nonexistent', environment: {} })
      const said = []
      for (const use of [() => store.location.probe(), () => store.keep('a', new Secret('canary')), () => store.fetch('keychain', 'a')]) {
        await use().then(() => said.push('done'), (error) => said.push(error.code + ' ' + error.message))
      }
      console.log(JSON.stringify(said))`
    const env = {
      ...process.env,
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus',
      XDG_RUNTIME_DIR: '/nonexistent',
    }
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      env,
      encoding: 'utf8',
      timeout: 25_000,
    })
    for (const sentence of JSON.parse(stdout) as string[])
      expect(sentence).toMatch(/^SECRET_UNAVAILABLE .*HALLPASS_VAULT_KEY.*--secret-ref env:NAME or file:PATH/)
  })
})
