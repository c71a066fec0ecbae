import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Clock } from '../../src/engine/clock.ts'
import { openBundle, sealBundle } from '../../src/engine/mcp-upstreams/oauth/oauth-bundle.ts'
import { createFileStamps } from '../../src/engine/secrets/file-stamps.ts'
import { createKeychainLocation, SEALED_FILE } from '../../src/engine/secrets/keychain/keychain-location.ts'
import type { KeychainService } from '../../src/engine/secrets/keychain/keychain.ts'
import { Secret } from '../../src/engine/secrets/secret.ts'
import { movableClock } from '../store/support/data-folders.ts'

/** The most that Credential Manager stores in one item. */
const LIMIT_ON_WINDOWS = 2560

let folder: string
let items: Map<string, string>
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hallpass-keychain-'))
  items = new Map()
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
})

/** A keychain with the limit of Windows, some methods of which behave otherwise. */
function keychain(part: Partial<KeychainService> = {}): KeychainService {
  return {
    getPassword: async (_service, account) => items.get(account) ?? null,
    setPassword: async (_service, account, value) => {
      if (Buffer.byteLength(value) > LIMIT_ON_WINDOWS) throw new Error('The stub received bad data.')
      items.set(account, value)
    },
    deletePassword: async (_service, account) => items.delete(account),
    ...part,
  }
}

function open(service = keychain(), clock: Clock = movableClock(), hangsAfterMs?: number) {
  // Each look at the file is a new one: the tests change it faster than an engine looks again.
  let looks = 0
  const stamps = createFileStamps({ ...clock, monotonic: () => (looks += 20) })
  return createKeychainLocation(service, {
    folder,
    stamps,
    clock,
    ...(hangsAfterMs === undefined ? {} : { hangsAfterMs }),
  })
}

const sealedFile = () => join(folder, SEALED_FILE)
const keyItems = () => [...items.keys()].filter((account) => account.startsWith('key-'))

const refusal = (words: RegExp) =>
  expect.objectContaining({ code: 'SECRET_UNAVAILABLE', message: expect.stringMatching(words) })

describe('a keychain that hangs', () => {
  test('is abandoned after a while, rejects waiting requests immediately, and is asked again once it responds', async () => {
    await open().set('a', new Secret('back'))
    const hung = Promise.withResolvers<void>()
    let asked = 0
    const home = open(
      keychain({
        getPassword: async (_service, account) => {
          if (++asked === 1) await hung.promise
          return items.get(account) ?? null
        },
      }),
      movableClock(),
      50,
    )
    const [first, second] = await Promise.allSettled([home.get('a'), home.get('b')])
    expect([first, second].map((each) => each.status)).toEqual(['rejected', 'rejected'])
    await expect(home.probe()).rejects.toEqual(refusal(/isn't responding.*HALLPASS_VAULT_KEY.*--secret-ref/))
    expect(asked).toBe(1)
    hung.resolve()
    await expect
      .poll(() =>
        home.get('a').then(
          (secret) => secret.reveal(),
          () => 'refused',
        ),
      )
      .toBe('back')
  })

  test('gives the user a minute to answer its prompt, and a check does not wait that long', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const prompt = Promise.withResolvers<null>()
    const home = open(keychain({ getPassword: () => prompt.promise }))
    const failures: string[] = []
    const waiting = home.get('a').catch((thrown: Error) => failures.push(thrown.message))
    const check = home.probe().catch((thrown: Error) => failures.push(thrown.message))
    await vi.advanceTimersByTimeAsync(59_000)
    await check
    expect(failures).toEqual([expect.stringMatching(/hasn't answered yet/)])
    await vi.advanceTimersByTimeAsync(1000)
    await waiting
    expect(failures[1]).toMatch(/isn't responding/)
  })
})

describe('a keychain that rejects', () => {
  const words: Record<string, RegExp> = {
    'Cannot create an item in a locked collection': /is locked/,
    'Prompt was dismissed': /denied access/,
    'Cannot autolaunch D-Bus without X11 $DISPLAY': /isn't running/,
    'The name org.freedesktop.secrets was not provided by any .service files': /isn't running/,
    'canary /home/someone/.local/share': /keychain failed/,
  }
  for (const [said, told] of Object.entries(words)) {
    test(`is reported in a plain sentence: ${said}`, async () => {
      const home = open(
        keychain({
          getPassword: () => Promise.reject(new Error(said)),
          setPassword: () => Promise.reject(new Error(said)),
        }),
      )
      const failure = await home.get('a').catch((thrown: unknown) => thrown)
      expect(failure).toEqual(refusal(told))
      expect((failure as Error).message).not.toContain(said)
      await expect(home.set('a', new Secret('x'))).rejects.toEqual(refusal(told))
    })
  }

  test('is reported also when it throws immediately', async () => {
    const home = open(
      keychain({
        getPassword: () => {
          throw new Error('no')
        },
      }),
    )
    await expect(home.get('a')).rejects.toEqual(refusal(/keychain failed/))
    await expect(home.get('a')).rejects.toEqual(refusal(/keychain failed/))
  })
})

test('simultaneous requests share one query, and the key is requested again two seconds later', async () => {
  await open().set('a', new Secret('one'))
  let asked = 0
  const clock = movableClock()
  const home = open(
    keychain({
      getPassword: async (_service, account) => {
        asked += 1
        return items.get(account) ?? null
      },
    }),
    clock,
  )
  const got = await Promise.all([home.get('a'), home.get('a'), home.get('a')])
  expect(got.map((secret) => secret.reveal())).toEqual(['one', 'one', 'one'])
  clock.move(1999)
  await home.get('a')
  expect(asked).toBe(1)
  clock.move(1)
  await home.get('a')
  expect(asked).toBe(2)
})

test('a locked keychain returns no secret two seconds later, and a replaced secret applies immediately', async () => {
  let isLocked = false
  const clock = movableClock()
  const home = open(
    keychain({
      getPassword: async (_service, account) => {
        if (isLocked) throw new Error('locked collection')
        return items.get(account) ?? null
      },
    }),
    clock,
  )
  await home.set('a', new Secret('one'))
  expect((await home.get('a')).reveal()).toBe('one')
  await home.set('a', new Secret('two'))
  expect((await home.get('a')).reveal()).toBe('two')
  isLocked = true
  clock.move(2000)
  await expect(home.get('a')).rejects.toEqual(refusal(/is locked/))
})

describe('a secret', () => {
  test('can be longer than a keychain item, and is in neither the keychain nor the file in plain text', async () => {
    const signIn = `canary ${'x'.repeat(16_000)}`
    await open().set('a', new Secret(signIn))
    expect((await open().get('a')).reveal()).toBe(signIn)
    expect([...items.values()].join('')).not.toContain('canary')
    expect(readFileSync(sealedFile(), 'latin1')).not.toContain('canary')
    expect(keyItems()).toHaveLength(1)
  })

  test('can be a sign-in with long tokens, and is read as it was stored', async () => {
    const tokens = { access_token: 'a'.repeat(6000), refresh_token: 'r'.repeat(2000), token_type: 'Bearer' }
    const bundle = {
      tokens,
      expiresAt: 1,
      client: { client_id: 'c' },
      secretRef: null,
      authorizationServer: 'https://login.example',
      metadata: null,
      resource: null,
      scope: 'read',
      widened: false,
    }
    await open().set('a', sealBundle(bundle))
    expect(openBundle(await open().get('a'))).toEqual(bundle)
  })

  test('is rejected if it was copied to another connection, in the file or in the keychain', async () => {
    const home = open()
    await home.set('first', new Secret('one'))
    await home.set('other', new Secret('two'))
    const text = readFileSync(sealedFile(), 'utf8')
    const [line = ''] = text.match(/^first .*$/m) ?? []
    writeFileSync(sealedFile(), text.replace(/^other .*$/m, line.replace('first', 'other')))
    await expect(open().get('other')).rejects.toEqual(refusal(/is damaged/))
    writeFileSync(sealedFile(), text)
    items.set('other', 'one')
    expect((await open().get('other')).reveal()).toBe('two')
  })

  test('is rejected after its key was changed or replaced outside Hallpass', async () => {
    const home = open()
    await home.set('a', new Secret('one'))
    const [account = ''] = keyItems()
    items.set(account, 'not a key')
    await expect(open().get('a')).rejects.toEqual(refusal(/was changed outside/))
    items.set(account, 'a'.repeat(64))
    await expect(open().get('a')).rejects.toEqual(refusal(/key in the keychain is wrong/))
    await expect(open().probe()).rejects.toEqual(refusal(/key in the keychain is wrong/))
    await expect(open().set('b', new Secret('two'))).rejects.toEqual(refusal(/key in the keychain is wrong/))
  })

  test('can be replaced after the key is lost permanently, and the old file is preserved', async () => {
    await open().set('a', new Secret('one'))
    items.clear()
    await expect(open().get('a')).rejects.toEqual(refusal(/is gone/))
    const home = open()
    await home.set('a', new Secret('two'))
    expect((await home.get('a')).reveal()).toBe('two')
    expect(readdirSync(folder).filter((name) => name.endsWith('.old'))).toHaveLength(1)
  })

  test('is deleted permanently', async () => {
    const home = open()
    await home.set('a', new Secret('one'))
    await home.delete('a')
    await home.delete('a')
    await expect(home.get('a')).rejects.toEqual(refusal(/no longer in the keychain/))
  })

  test('is rejected for an account name that a file could confuse with another', async () => {
    await expect(open().set('a b', new Secret('one'))).rejects.toThrow(TypeError)
  })
})

describe('a secret of an earlier version, which has an item of its own', () => {
  test('is moved into the file at its first use, and its item is deleted', async () => {
    items.set('a', 'earlier')
    const home = open()
    const got = await Promise.all([home.get('a'), home.get('a')])
    expect(got.map((secret) => secret.reveal())).toEqual(['earlier', 'earlier'])
    expect(items.has('a')).toBe(false)
    expect((await open().get('a')).reveal()).toBe('earlier')
  })

  test('is replaced and deleted like any other', async () => {
    items.set('a', 'earlier').set('b', 'earlier')
    const home = open()
    await home.set('a', new Secret('new'))
    await home.delete('b')
    expect((await home.get('a')).reveal()).toBe('new')
    await expect(home.get('b')).rejects.toEqual(refusal(/no longer/))
    expect([...items.keys()]).toEqual(keyItems())
  })

  test("still works while the file can't be written, which leaves at most one key behind", async () => {
    items.set('a', 'earlier')
    rmSync(folder, { recursive: true })
    const home = open()
    expect((await home.get('a')).reveal()).toBe('earlier')
    expect((await home.get('a')).reveal()).toBe('earlier')
    expect([...items.keys()].toSorted()).toEqual(['a', ...keyItems()])
    expect(keyItems()).toHaveLength(1)
  })

  test('is rejected if it was changed outside into a value with a line break', async () => {
    items.set('a', 'a\r\nX-Evil: 1')
    await expect(open().get('a')).rejects.toEqual(refusal(/changed outside/))
  })
})

test('macOS users read beforehand what its prompt will ask', () => {
  const stamps = createFileStamps(movableClock())
  const on = (platform: NodeJS.Platform) =>
    createKeychainLocation(keychain(), { folder, stamps, clock: movableClock(), platform }).description
  expect(on('darwin')).toMatch(/Always Allow/)
  expect(on('win32')).not.toMatch(/macOS/)
})
