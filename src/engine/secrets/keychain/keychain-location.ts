import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { replaceByRenameSync } from '../../../platform/replace-by-rename.ts'
import { HallpassError } from '../../../contract/errors.ts'
import type { Clock } from '../../clock.ts'
import { createUnavailableLocation } from '../unavailable-location.ts'
import type { FileStamps } from '../file-stamps.ts'
import { createKeychainKey } from './keychain-key.ts'
import { within } from './keychain-queue.ts'
import { createKeychain, KEYCHAIN_SERVICE, unavailable, type KeychainService } from './keychain.ts'
import { createSealedFile } from '../sealed-file.ts'
import { secretOf } from '../secret-value.ts'
import type { Secret } from '../secret.ts'
import type { SecretLocation } from '../secret-store.ts'

/** File with the secrets, encrypted with the key in the keychain. */
export const SEALED_FILE = 'secrets.sealed'
const NAMES = { file: 'file of sealed secrets (secrets.sealed in the data folder)', key: 'The key in the keychain' }
/** Shorter than the timeout of a request, because the keychain may be waiting for a password. */
const PROBE_PATIENCE_MS = 5000

interface KeychainLocationParts {
  /** Data folder. */
  folder: string
  stamps: FileStamps
  clock: Clock
  platform?: NodeJS.Platform
  hangsAfterMs?: number
}

/**
 * Opens the keychain of the operating system: Keychain on macOS, Credential Manager on Windows, the Secret Service on
 * Linux. If its native library doesn't load (no libsecret), returns a location of kind `none` with the reason.
 */
export async function openKeychainLocation(parts: KeychainLocationParts): Promise<SecretLocation> {
  try {
    // Imported dynamically, because the import fails without libsecret, and most commands never need it.
    const { default: keytar } = await import('keytar')
    return createKeychainLocation(keytar, parts)
  } catch (cause) {
    const missing = process.platform === 'linux' ? " (libsecret isn't installed)" : ''
    return createUnavailableLocation(
      `No keychain is available${missing}. Install one, set HALLPASS_VAULT_KEY to use an encrypted vault file, or refer to the secret with --secret-ref env:NAME or file:PATH.`,
      cause,
    )
  }
}

/**
 * The keychain contains one random key. A file in the data folder contains the secrets encrypted with it, each bound to
 * its connection. Secrets can therefore be longer than the 2,560 bytes of an item on Windows, an item copied to another
 * connection's account opens nothing, and macOS asks about one item only.
 */
export function createKeychainLocation(
  service: KeychainService,
  { folder, stamps, clock, platform = process.platform, hangsAfterMs }: KeychainLocationParts,
): SecretLocation {
  const path = join(folder, SEALED_FILE)
  const keychain = createKeychain(service, hangsAfterMs)
  const key = createKeychainKey(keychain, NAMES, clock)
  const file = createSealedFile({
    path,
    names: NAMES,
    stamps,
    keysOf: (header) => key.keysOf(header),
    async start(current) {
      const begun = await key.start(current)
      // Renames instead of overwriting, so that an owner who recovers the old key can use the old file again.
      if (begun !== null && existsSync(path))
        replaceByRenameSync(path, `${path}.${new Date(clock.now()).getTime()}.old`)
      return begun
    },
  })

  async function check(): Promise<void> {
    // Also checked without a file, because a keychain that can't be read couldn't store a secret either.
    await keychain.get('probe')
    await file.check()
  }

  /** Moves a secret from the separate keychain item of an earlier version into the file. */
  async function adopt(account: string): Promise<Secret | null> {
    const value = await keychain.get(account)
    if (value === null) return null
    const secret = secretOf(value, 'The secret in the keychain was changed outside Hallpass and')
    try {
      await file.write(account, secret)
      await keychain.delete(account)
    } catch (thrown) {
      // For example a full disk. The item stays and is moved later.
      if (!(thrown instanceof HallpassError)) throw thrown
    }
    return secret
  }

  return {
    kind: 'keychain',
    description: describe(platform),
    async get(account) {
      // Reads the file again, because another request may have moved the secret in between.
      const secret = (await file.read(account)) ?? (await adopt(account)) ?? (await file.read(account))
      if (secret !== null) return secret
      throw new HallpassError(
        'SECRET_UNAVAILABLE',
        "This connection's secret is no longer in the keychain. Replace the secret.",
      )
    },
    async set(account, secret) {
      await file.write(account, secret)
      await keychain.delete(account)
    },
    async delete(account) {
      await file.remove(account)
      await keychain.delete(account)
    },
    probe: () => within(check(), PROBE_PATIENCE_MS, () => unavailable("hasn't answered yet")),
  }
}

/** Describes what macOS may ask. */
function describe(platform: NodeJS.Platform): string {
  const asks = platform === 'darwin' ? '; if macOS asks for permission, choose Always Allow' : ''
  return `keychain (service "${KEYCHAIN_SERVICE}"${asks})`
}
