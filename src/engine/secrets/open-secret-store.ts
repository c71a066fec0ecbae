import { createAbsentHome } from './absent-home.ts'
import { openKeychainHome } from './keychain-home.ts'
import { parseReference, resolveReference, type Environment } from './references.ts'
import { secretOf } from './secret-value.ts'
import type { SecretHome, SecretStore } from './secret-store.ts'
import { createVaultHome } from './vault-home.ts'

const SHORTEST_VAULT_KEY = 8

/**
 * Opens the secrets room. With `vaultKey` new secrets go to the encrypted file in the data folder `home`, without to the
 * OS keychain; never from one to the other by itself, never in plain text. A home that does not work does not throw here:
 * the store opens, and each use of it answers SECRET_UNAVAILABLE with the reason.
 */
export async function openSecretStore(options: {
  home: string
  vaultKey?: string
  environment: Environment
}): Promise<SecretStore> {
  const { environment } = options
  const vault = openVault(options.home, options.vaultKey)
  const home = vault ?? (await openKeychainHome())
  let keychain: Promise<SecretHome> | null = vault === null ? Promise.resolve(home) : null

  /** The home that a kept secret lives in; null for a reference. */
  async function keptIn(name: string): Promise<SecretHome | null> {
    if (name === 'keychain') return (keychain ??= openKeychainHome())
    if (name === 'vault') {
      return (
        vault ??
        createAbsentHome(
          'The secret is in the vault file, and HALLPASS_VAULT_KEY is not set. Start Hallpass with the key that the file was made with.',
        )
      )
    }
    return null
  }

  return {
    home,
    async keep(account, secret) {
      const sound = secretOf(secret.reveal(), 'The secret', 'INVALID_REQUEST')
      await home.set(account, sound)
      return home.kind
    },
    async checkReference(reference) {
      await resolveReference(parseReference(reference), environment)
    },
    async fetch(name, account) {
      const kept = await keptIn(name)
      return kept === null ? resolveReference(parseReference(name), environment) : kept.get(account)
    },
    async forget(name, account) {
      await (await keptIn(name))?.delete(account)
    },
  }
}

/** Null without a key. A key that is there but unfit closes the home: the keychain is not what was asked for. */
function openVault(folder: string, vaultKey: string | undefined): SecretHome | null {
  if (vaultKey === undefined) return null
  if (vaultKey.length < SHORTEST_VAULT_KEY) {
    return createAbsentHome(
      `HALLPASS_VAULT_KEY is empty or too short: give it at least ${SHORTEST_VAULT_KEY} characters, or unset it to use the keychain.`,
    )
  }
  return createVaultHome(folder, vaultKey)
}
