import { randomBytes } from 'node:crypto'
import { HallpassError } from '../../../contract/errors.ts'
import type { Clock } from '../../clock.ts'
import type { Keychain } from './keychain.ts'
import { deriveFromRandomKey, keyAccountOf, newKeychainHeader, type VaultKeys, type VaultNames } from '../vault-file.ts'

/** How long a key is cached. A locked keychain or a changed item is noticed after this time at the latest. */
const KEEP_MS = 2000

interface KeychainKey {
  /** Returns the keys of a file with this header. Throws SECRET_UNAVAILABLE if the keychain no longer has its key. */
  keysOf(header: string): Promise<VaultKeys>
  /** Stores a new random key unless the file has a readable one. Returns null in that case. */
  start(header: string | null): Promise<{ header: string; keys: VaultKeys } | null>
}

/** The random key in the keychain for a file of encrypted secrets. */
export function createKeychainKey(keychain: Keychain, names: VaultNames, clock: Clock): KeychainKey {
  let known: { header: string; key: string; keys: VaultKeys; until: number } | null = null
  /** Simultaneous requests for the key share one call to the OS. */
  let reading: { header: string; keys: Promise<VaultKeys | null> } | null = null

  /** Header of the key that was stored last. If writing the file failed, the next attempt uses it again. */
  let stored: string | null = null

  async function read(header: string): Promise<VaultKeys | null> {
    const key = await keychain.get(keyAccountOf(header, names))
    if (key === null) return null
    if (!/^[0-9a-f]{64}$/.test(key))
      throw new HallpassError(
        'SECRET_UNAVAILABLE',
        `${names.key} was changed outside Hallpass. Restore it, or move secrets.sealed away and replace the connections' secrets.`,
      )
    return remember(header, key)
  }

  function remember(header: string, key: string): VaultKeys {
    const isSame = known?.header === header && known.key === key
    const keys = isSame && known !== null ? known.keys : deriveFromRandomKey(Buffer.from(key, 'hex'), header)
    known = { header, key, keys, until: clock.monotonic() + KEEP_MS }
    return keys
  }

  function find(header: string): Promise<VaultKeys | null> {
    if (known?.header === header && clock.monotonic() < known.until) return Promise.resolve(known.keys)
    if (reading?.header === header) return reading.keys
    const keys = read(header).finally(() => {
      if (reading?.keys === keys) reading = null
    })
    reading = { header, keys }
    return keys
  }

  return {
    async keysOf(header) {
      const keys = await find(header)
      if (keys !== null) return keys
      throw new HallpassError(
        'SECRET_UNAVAILABLE',
        `${names.key} is gone, so stored secrets can't be read. Restore the keychain, or replace the connections' secrets.`,
      )
    },
    async start(current) {
      if (current !== null && (await find(current)) !== null) return null
      const unused = stored === null || stored === current ? null : await find(stored)
      if (stored !== null && unused !== null) return { header: stored, keys: unused }
      const header = newKeychainHeader()
      const key = randomBytes(32).toString('hex')
      await keychain.set(keyAccountOf(header, names), key)
      stored = header
      return { header, keys: remember(header, key) }
    },
  }
}
