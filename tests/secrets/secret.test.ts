import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { format, inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { Secret } from '../../src/engine/secrets/secret.ts'

const CANARY = 'canary-5f1e0b'

/** Anything that a program does with a value without meaning to show it. */
const WAYS: Record<string, (secret: Secret) => unknown> = {
  'String()': String,
  template: (secret) => `${secret}`,
  concatenation: (secret) => 'a ' + (secret as unknown as string),
  'JSON.stringify': (secret) => JSON.stringify({ secret, list: [secret] }),
  'util.inspect': (secret) => inspect({ secret }, { depth: null, showHidden: true }),
  'util.inspect without custom': (secret) =>
    inspect({ secret }, { depth: null, showHidden: true, customInspect: false }),
  'format as the console does': (secret) => format('%s %o %O %j', secret, secret, secret, secret),
  'an error message': (secret) => new Error(`no luck with ${secret}`).stack,
  'an error cause': (secret) => inspect(new Error('no', { cause: secret })),
  structuredClone: (secret) => inspect(structuredClone({ secret })),
  'keys and entries': (secret) =>
    JSON.stringify([Object.entries(secret), Reflect.ownKeys(secret).map(String), { ...secret }]),
  URLSearchParams: (secret) => new URLSearchParams({ key: secret as unknown as string }).toString(),
  'a header': (secret) => new Headers({ authorization: secret as unknown as string }).get('authorization'),
  Buffer: (secret) => Buffer.from(String(secret)).toString(),
}

describe('a secret', () => {
  for (const [way, show] of Object.entries(WAYS)) {
    test(`is not shown by ${way}`, () => {
      expect(String(show(new Secret(CANARY)))).not.toContain(CANARY)
    })
  }

  test("can't be printed by console methods", () => {
    const written: string[] = []
    const stdout = new Writable({ write: (chunk, _encoding, done) => (written.push(String(chunk)), done()) })
    const secret = new Secret(CANARY)
    const console = new Console(stdout)
    console.log(secret, { nested: secret })
    console.dir({ secret }, { depth: null })
    console.table([{ secret }])
    expect(written.join('')).toContain('[secret]')
    expect(written.join('')).not.toContain(CANARY)
  })

  test('is returned only by reveal', () => {
    expect(new Secret(CANARY).reveal()).toBe(CANARY)
  })
})
