import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSecretStore } from '../../src/engine/secrets/open-secret-store.ts'
import { Secret } from '../../src/engine/secrets/secret.ts'
import type { SecretStore } from '../../src/engine/secrets/secret-store.ts'

let folder: string
let store: SecretStore

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hallpass-secrets-'))
  const environment = { GOOD: 'canary-env', EMPTY: '', BROKEN: 'a\r\nX-Evil: 1', ENDED: 'canary\n' }
  store = await openSecretStore({ home: folder, vaultKey: 'a key for tests only', environment })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const unavailable = expect.objectContaining({ code: 'SECRET_UNAVAILABLE' })
const invalid = expect.objectContaining({ code: 'INVALID_REQUEST' })

function secretFile(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  chmodSync(path, mode)
  return `file:${path}`
}

describe('storing', () => {
  for (const [what, value] of Object.entries({
    'a line feed': 'a\nb',
    'a carriage return': 'a\rb',
    NUL: 'a\0b',
    nothing: '',
    'half a character': '\ud800',
    'too much': 'x'.repeat(16_385),
  })) {
    test(`rejects a value with ${what}`, async () => {
      const failure = await store.keep('account', new Secret(value)).catch((thrown: unknown) => thrown)
      expect(failure).toEqual(invalid)
      if (value !== '') expect((failure as Error).message).not.toContain(value)
    })
  }

  test('returns the location that reading and deleting accept', async () => {
    const kept = await store.keep('account', new Secret('canary'))
    expect(kept).toBe('vault')
    expect((await store.fetch(kept, 'account')).reveal()).toBe('canary')
    await store.forget(kept, 'account')
    await expect(store.fetch(kept, 'account')).rejects.toEqual(unavailable)
  })
})

describe('a reference', () => {
  for (const text of [
    '',
    'env',
    'env:',
    'env:A B',
    'env:A=B',
    'env:1A',
    'file:',
    'file:relative/path',
    'file:~/key',
    'file:/a\0b',
    'ENV:GOOD',
    'plain-value',
    'https://x',
    'env:HALLPASS_VAULT_KEY',
  ]) {
    test(`is rejected if malformed: ${JSON.stringify(text)}`, async () => {
      await expect(store.checkReference(text)).rejects.toEqual(invalid)
    })
  }

  test('to a variable that is unset, empty or contains a line break is unavailable', async () => {
    for (const name of ['NOT_SET', 'EMPTY', 'BROKEN', 'constructor']) {
      await expect(store.fetch(`env:${name}`, ''), name).rejects.toEqual(unavailable)
    }
  })

  test('to a file that is missing, empty, too large, broken or a folder is unavailable, without revealing its path', async () => {
    mkdirSync(join(folder, 'a-folder'))
    const references = [
      `file:${join(folder, 'missing')}`,
      `file:${join(folder, 'a-folder')}`,
      secretFile('empty', ''),
      secretFile('only-break', '\n'),
      secretFile('large', 'x'.repeat(16_385)),
      secretFile('two-lines', 'a\nb\n'),
    ]
    for (const reference of references) {
      const failure = await store.fetch(reference, '').catch((thrown: unknown) => thrown)
      expect(failure, reference).toEqual(unavailable)
      expect((failure as Error).message).not.toContain(folder)
    }
  })

  test.skipIf(process.platform === 'win32')('to a file that others can write is rejected', async () => {
    await expect(store.fetch(secretFile('group', 'x', 0o620), '')).rejects.toMatchObject({
      code: 'SECRET_UNAVAILABLE',
      message: expect.stringContaining('other users'),
    })
    await expect(store.fetch(secretFile('world', 'x', 0o602), '')).rejects.toEqual(unavailable)
  })

  test.skipIf(process.platform === 'win32')('to a pipe that nobody writes to does not wait', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')])
    await expect(store.fetch(`file:${join(folder, 'pipe')}`, '')).rejects.toEqual(unavailable)
  })

  test('to a variable or a file returns the value without its last line break', async () => {
    expect((await store.fetch('env:GOOD', '')).reveal()).toBe('canary-env')
    expect((await store.fetch('env:ENDED', '')).reveal()).toBe('canary')
    expect((await store.fetch(secretFile('plain', ' key ü \n'), '')).reveal()).toBe(' key ü ')
    expect((await store.fetch(secretFile('windows', 'key\r\n', 0o644), '')).reveal()).toBe('key')
    await store.checkReference('env:GOOD')
  })

  test.skipIf(process.platform === 'win32')('follows links, as mounted secrets need', async () => {
    secretFile('target', 'linked')
    symlinkSync(join(folder, 'target'), join(folder, 'link'))
    expect((await store.fetch(`file:${join(folder, 'link')}`, '')).reveal()).toBe('linked')
  })

  test('is unchanged when the connection is deleted', async () => {
    const reference = secretFile('stays', 'x')
    await store.forget(reference, '')
    expect(existsSync(reference.slice('file:'.length))).toBe(true)
  })
})

describe('an unusable vault key', () => {
  for (const vaultKey of ['', 'short', 'aaaaaaaaaaaaaaaaaaaaaaaa', 'abababababababab', '15 characters !']) {
    test(`closes the secret store instead of falling back: ${JSON.stringify(vaultKey)}`, async () => {
      const empty = mkdtempSync(join(tmpdir(), 'hallpass-secrets-'))
      try {
        const closed = await openSecretStore({ home: empty, vaultKey, environment: {} })
        expect(closed.location.kind).toBe('none')
        await expect(closed.keep('account', new Secret('x'))).rejects.toMatchObject({
          code: 'SECRET_UNAVAILABLE',
          message: expect.stringContaining('HALLPASS_VAULT_KEY'),
        })
        await expect(closed.location.probe()).rejects.toEqual(unavailable)
        expect(readdirSync(empty)).toEqual([])
      } finally {
        rmSync(empty, { recursive: true })
      }
    })
  }
})
