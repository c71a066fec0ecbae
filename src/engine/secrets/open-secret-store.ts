import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock, type Clock } from '../clock.ts'
import { createUnavailableLocation } from './unavailable-location.ts'
import { createFileStamps, type FileStamps } from './file-stamps.ts'
import { openKeychainLocation } from './keychain/keychain-location.ts'
import { createReferences, parseReference, resolveReference, type Environment } from './references.ts'
import { Secret } from './secret.ts'
import { secretOf } from './secret-value.ts'
import type { SecretLocation, SecretStore } from './secret-store.ts'
import { problemOfVaultKey } from './vault-key.ts'
import { createVaultLocation, VAULT_FILE } from './vault-location.ts'

/**
 * Opens the secret store. With `vaultKey`, new secrets go to the vault file in the data folder `home`; without it, to a
 * file encrypted with a key in the OS keychain. Never from one to the other, and never in plain text. If a location
 * doesn't work, the store still opens, and each use of that location throws SECRET_UNAVAILABLE with the reason.
 */
export async function openSecretStore(options: {
  home: string
  vaultKey?: string
  environment: Environment
  clock?: Clock
}): Promise<SecretStore> {
  const { environment, clock = systemClock } = options
  const stamps = createFileStamps(clock)
  const resolved = createReferences(environment, stamps)
  const vault = openVault(options.home, options.vaultKey, stamps)
  const inKeychain = (): Promise<SecretLocation> => openKeychainLocation({ folder: options.home, stamps, clock })
  const location = vault ?? (await inKeychain())
  let keychain: Promise<SecretLocation> | null = vault === null ? Promise.resolve(location) : null

  /** Returns the location that stores a secret, or null for a reference. */
  async function storedIn(name: string): Promise<SecretLocation | null> {
    if (name === 'keychain') return (keychain ??= inKeychain())
    if (name === 'vault') {
      return (
        vault ??
        createUnavailableLocation(
          "The secret is in the vault file, but HALLPASS_VAULT_KEY isn't set. Start Hallpass with the key the file was created with.",
        )
      )
    }
    return null
  }

  return {
    location,
    async keep(account, secret) {
      const sound = secretOf(secret.reveal(), 'The secret', 'INVALID_REQUEST')
      await location.set(account, sound)
      return location.kind
    },
    async checkReference(reference) {
      await resolveReference(parseReference(reference), environment)
    },
    async fetch(name, account, { fresh = false } = {}) {
      const stored = await storedIn(name)
      return stored === null ? resolved(parseReference(name), fresh) : stored.get(account)
    },
    async forget(name, account) {
      await (await storedIn(name))?.delete(account)
    },
  }
}

/** Returns null without a key. An invalid key disables the store, because the owner didn't ask for the keychain. */
function openVault(folder: string, vaultKey: string | undefined, stamps: FileStamps): SecretLocation | null {
  if (vaultKey === undefined) return null
  const problem = problemOfVaultKey(vaultKey, existsSync(join(folder, VAULT_FILE)))
  return problem === null
    ? createVaultLocation(folder, new Secret(vaultKey), stamps)
    : createUnavailableLocation(problem)
}
