import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Secret } from '../../src/engine/secrets/secret.ts'
import { systemClock } from '../../src/engine/clock.ts'
import { createFileStamps } from '../../src/engine/secrets/file-stamps.ts'
import { createVaultLocation, VAULT_FILE } from '../../src/engine/secrets/vault-location.ts'

const KEY = 'correct horse battery'
let folder: string
let file: string
let sound: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hallpass-vault-'))
  file = join(folder, VAULT_FILE)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** One home throughout: the key of its file is derived once. */
let ticks = 0
// Each look is a new one: the tests change the file faster than an engine looks again.
const stamps = createFileStamps({ ...systemClock, monotonic: () => (ticks += 20) })
const homes = new Map<string, ReturnType<typeof createVaultLocation>>()
function home(key = KEY) {
  const opened = homes.get(key) ?? createVaultLocation(folder, new Secret(key), stamps)
  homes.set(key, opened)
  return opened
}
const refusal = (words: RegExp) =>
  expect.objectContaining({ code: 'SECRET_UNAVAILABLE', message: expect.stringMatching(words) })

describe('the vault file', () => {
  beforeAll(async () => {
    await home().set('first', new Secret('canary-one'))
    await home().set('second', new Secret('  zwei 🔑 ü '))
    sound = readFileSync(file, 'utf8')
  })
  beforeEach(() => writeFileSync(file, sound))

  test('does not open with another key, and stays unchanged', async () => {
    await expect(home('another key').get('first')).rejects.toEqual(refusal(/HALLPASS_VAULT_KEY is wrong/))
    await expect(home('another key').set('third', new Secret('x'))).rejects.toEqual(
      refusal(/HALLPASS_VAULT_KEY is wrong/),
    )
    await expect(home('another key').delete('first')).rejects.toEqual(refusal(/HALLPASS_VAULT_KEY is wrong/))
    await expect(home('another key').probe()).rejects.toEqual(refusal(/HALLPASS_VAULT_KEY is wrong/))
    expect(readFileSync(file, 'utf8')).toBe(sound)
  })

  test('is rejected after a change of any byte outside the salt, and then never overwritten', async () => {
    const saltFrom = sound.indexOf('"salt":"') + 8
    for (let at = 0; at < sound.length; at += 1) {
      if (at >= saltFrom && at < saltFrom + 64) continue
      const bytes = Buffer.from(sound)
      bytes[at] = (bytes[at] ?? 0) ^ 1
      writeFileSync(file, bytes)
      await expect(home().get('first'), `byte ${at}`).rejects.toEqual(refusal(/vault file( is damaged|. HALLPASS)/))
      await expect(home().set('third', new Secret('x')), `byte ${at}`).rejects.toEqual(refusal(/vault file/))
      expect(readFileSync(file).equals(bytes)).toBe(true)
    }
  })

  test('rejects another salt', async () => {
    writeFileSync(
      file,
      sound.replace(/"salt":"./, (found) => found.slice(0, -1) + (found.endsWith('0') ? '1' : '0')),
    )
    await expect(home().get('first')).rejects.toEqual(refusal(/HALLPASS_VAULT_KEY is wrong/))
  })

  test('is rejected if truncated anywhere, and then never overwritten', async () => {
    for (let length = 0; length < sound.length; length += 1) {
      writeFileSync(file, sound.slice(0, length))
      await expect(home().get('first'), `${length} bytes`).rejects.toEqual(refusal(/vault file/))
      await expect(home().set('third', new Secret('x')), `${length} bytes`).rejects.toEqual(refusal(/vault file/))
      expect(readFileSync(file, 'utf8')).toHaveLength(length)
    }
  })

  test('rejects a line that was removed, duplicated or moved to another account', async () => {
    const lines = sound.split('\n')
    const [header = '', check = '', first = '', second = '', ...rest] = lines
    const swapped = [first.replace('first', 'second'), second.replace('second', 'first')]
    for (const entries of [[first], [second, first], [first, first, second], swapped]) {
      writeFileSync(file, [header, check, ...entries, ...rest].join('\n'))
      await expect(home().get('first')).rejects.toEqual(refusal(/is damaged/))
    }
  })

  test('rejects a header that requires all memory before deriving anything', async () => {
    writeFileSync(file, sound.replace('"n":131072', '"n":1073741824'))
    await expect(home().get('first')).rejects.toEqual(refusal(/is damaged/))
  })

  test('reports a missing secret', async () => {
    await expect(home().get('nobody')).rejects.toEqual(refusal(/isn't in the vault file/))
  })

  test('returns what was stored, also after a restart', async () => {
    expect((await home().get('first')).reveal()).toBe('canary-one')
    expect((await createVaultLocation(folder, new Secret(KEY), stamps).get('second')).reveal()).toBe('  zwei 🔑 ü ')
  })

  test('is readable by its owner only, contains no plain text and leaves no draft next to it', async () => {
    await home().set('third', new Secret('canary-three'))
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'latin1')).not.toContain('canary')
    expect(readdirSync(folder)).toEqual([VAULT_FILE])
  })

  test('deletes a secret permanently, and deleting it again is not an error', async () => {
    await home().delete('first')
    await home().delete('first')
    await expect(home().get('first')).rejects.toEqual(refusal(/isn't in the vault file/))
    expect((await home().get('second')).reveal()).toBe('  zwei 🔑 ü ')
  })

  test('loses none of many secrets written at once', async () => {
    const accounts = Array.from({ length: 30 }, (_, index) => `account-${index}`)
    await Promise.all(accounts.map((account) => home().set(account, new Secret(`value of ${account}`))))
    for (const account of accounts) expect((await home().get(account)).reveal()).toBe(`value of ${account}`)
  })

  test('stores the longest allowed secret', async () => {
    const longest = 'x'.repeat(16_384)
    await home().set('long', new Secret(longest))
    expect((await home().get('long')).reveal()).toBe(longest)
  })
})

test('a missing folder is reported without its path', async () => {
  const nowhere = createVaultLocation(join(folder, 'nowhere'), new Secret(KEY), stamps)
  const failure = await nowhere.set('first', new Secret('x')).catch((thrown: unknown) => thrown)
  expect(failure).toEqual(refusal(/Couldn't write/))
  expect((failure as Error).message).not.toContain(folder)
})
