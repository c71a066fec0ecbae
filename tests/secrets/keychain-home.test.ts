import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/engine/clock.ts'
import { createKeychainHome, type Keychain } from '../../src/engine/secrets/keychain-home.ts'
import { Secret } from '../../src/engine/secrets/secret.ts'
import { movableClock } from '../store/support/data-folders.ts'

function keychain(part: Partial<Keychain>): Keychain {
  return {
    getPassword: async () => null,
    setPassword: async () => undefined,
    deletePassword: async () => false,
    ...part,
  }
}

const refusal = (words: RegExp) =>
  expect.objectContaining({ code: 'SECRET_UNAVAILABLE', message: expect.stringMatching(words) })

describe('a keychain that hangs', () => {
  test('is given up after a while, refuses the waiting at once, and is asked again when it comes back', async () => {
    const hung = Promise.withResolvers<string>()
    let asked = 0
    const home = createKeychainHome(
      keychain({ getPassword: () => (++asked === 1 ? hung.promise : Promise.resolve('back')) }),
      { clock: systemClock, timeoutMs: 50 },
    )
    const [first, second] = await Promise.allSettled([home.get('a'), home.get('b')])
    expect([first, second].map((each) => each.status)).toEqual(['rejected', 'rejected'])
    await expect(home.probe()).rejects.toEqual(refusal(/isn't responding.*HALLPASS_VAULT_KEY.*--secret-ref/))
    expect(asked).toBe(1)
    hung.resolve('late')
    await hung.promise
    await expect
      .poll(() =>
        home.get('a').then(
          (secret) => secret.reveal(),
          () => 'refused',
        ),
      )
      .toBe('back')
  })
})

describe('a keychain that refuses', () => {
  const words: Record<string, RegExp> = {
    'Cannot create an item in a locked collection': /is locked/,
    'Prompt was dismissed': /denied access/,
    'Cannot autolaunch D-Bus without X11 $DISPLAY': /isn't running/,
    'The name org.freedesktop.secrets was not provided by any .service files': /isn't running/,
    'canary /home/someone/.local/share': /keychain failed/,
  }
  for (const [said, told] of Object.entries(words)) {
    test(`is told in a plain sentence: ${said}`, async () => {
      const home = createKeychainHome(
        keychain({
          getPassword: () => Promise.reject(new Error(said)),
          setPassword: () => Promise.reject(new Error(said)),
        }),
        { clock: systemClock },
      )
      const failure = await home.get('a').catch((thrown: unknown) => thrown)
      expect(failure).toEqual(refusal(told))
      expect((failure as Error).message).not.toContain(said)
      await expect(home.set('a', new Secret('x'))).rejects.toEqual(refusal(told))
    })
  }

  test('also when it throws at once', async () => {
    const home = createKeychainHome(
      keychain({
        getPassword: () => {
          throw new Error('no')
        },
      }),
      { clock: systemClock, timeoutMs: 50 },
    )
    await expect(home.get('a')).rejects.toEqual(refusal(/keychain failed/))
    await expect(home.get('a')).rejects.toEqual(refusal(/keychain failed/))
  })
})

test('a value that was changed outside into one with a line break is refused', async () => {
  const home = createKeychainHome(keychain({ getPassword: async () => 'a\r\nX-Evil: 1' }), { clock: systemClock })
  await expect(home.get('a')).rejects.toEqual(refusal(/changed outside/))
})

test('requests for the same secret share one question, and it is asked again two seconds later', async () => {
  let asked = 0
  const clock = movableClock()
  const home = createKeychainHome(keychain({ getPassword: async () => `value ${++asked}` }), { clock })
  const got = await Promise.all([home.get('a'), home.get('a'), home.get('a')])
  expect(got.map((secret) => secret.reveal())).toEqual(['value 1', 'value 1', 'value 1'])
  clock.move(1999)
  expect((await home.get('a')).reveal()).toBe('value 1')
  clock.move(1)
  expect((await home.get('a')).reveal()).toBe('value 2')
})

test('a keychain that was locked gives no secret out two seconds later, and a replaced secret counts at once', async () => {
  let stored = 'one'
  let isLocked = false
  const clock = movableClock()
  const home = createKeychainHome(
    keychain({
      getPassword: () => (isLocked ? Promise.reject(new Error('locked collection')) : Promise.resolve(stored)),
      setPassword: async (_service, _account, value) => {
        stored = value
      },
    }),
    { clock },
  )
  expect((await home.get('a')).reveal()).toBe('one')
  await home.set('a', new Secret('two'))
  expect((await home.get('a')).reveal()).toBe('two')
  isLocked = true
  clock.move(2000)
  await expect(home.get('a')).rejects.toEqual(refusal(/is locked/))
})
