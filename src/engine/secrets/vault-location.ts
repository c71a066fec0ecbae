import { join } from 'node:path'
import { HallpassError } from '../../contract/errors.ts'
import type { FileStamps } from './file-stamps.ts'
import { createSealedFile } from './sealed-file.ts'
import type { Secret } from './secret.ts'
import type { SecretLocation } from './secret-store.ts'
import { deriveFromPassphrase, newScryptHeader, type VaultKeys } from './vault-file.ts'

export const VAULT_FILE = 'vault'
const NAMES = { file: 'vault file', key: 'HALLPASS_VAULT_KEY' }

/** Secrets in a file that is encrypted with the owner's passphrase, for computers without a keychain. */
export function createVaultLocation(folder: string, vaultKey: Secret, stamps: FileStamps): SecretLocation {
  let derived: { header: string; keys: Promise<VaultKeys> } | null = null

  function keysOf(header: string): Promise<VaultKeys> {
    // Derived once per file, because the derivation is deliberately slow.
    if (derived?.header !== header) derived = { header, keys: deriveFromPassphrase(vaultKey.reveal(), header, NAMES) }
    return derived.keys
  }

  const file = createSealedFile({
    path: join(folder, VAULT_FILE),
    names: NAMES,
    stamps,
    keysOf,
    async start(current) {
      if (current !== null) return null
      const header = newScryptHeader()
      return { header, keys: await keysOf(header) }
    },
  })

  return {
    kind: 'vault',
    description: 'encrypted vault file (HALLPASS_VAULT_KEY)',
    async get(account) {
      const secret = await file.read(account)
      if (secret !== null) return secret
      throw new HallpassError(
        'SECRET_UNAVAILABLE',
        "This connection's secret isn't in the vault file. Replace the secret.",
      )
    },
    set: (account, secret) => file.write(account, secret),
    delete: (account) => file.remove(account),
    async probe() {
      await file.check()
    },
  }
}
