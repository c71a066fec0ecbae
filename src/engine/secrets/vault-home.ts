import { join } from 'node:path'
import { HallpassError } from '../../contract/errors.ts'
import { readWhole, replaceFile } from './replace-file.ts'
import { secretOf } from './secret-value.ts'
import type { SecretHome } from './secret-store.ts'
import {
  deriveKeys,
  formatVault,
  headerOf,
  newHeader,
  openEntry,
  parseVault,
  sealEntry,
  type Vault,
  type VaultKeys,
} from './vault-file.ts'

export const VAULT_FILE = 'vault'
/** Far more than all connections of a person need; a file beyond it is not ours. */
const LARGEST_VAULT_BYTES = 64 * 1024 * 1024

interface Opened {
  vault: Vault
  keys: VaultKeys
}

/** Secrets in one encrypted file of the data folder, for machines without a keychain. Written whole, or not at all. */
export function createVaultHome(folder: string, vaultKey: string): SecretHome {
  const file = join(folder, VAULT_FILE)
  let derived: { header: string; keys: Promise<VaultKeys> } | null = null
  let lastWrite: Promise<unknown> = Promise.resolve()

  function keysFor(header: string): Promise<VaultKeys> {
    // Once a file: the derivation is slow on purpose.
    if (derived?.header !== header) derived = { header, keys: deriveKeys(vaultKey, header) }
    return derived.keys
  }

  async function open(): Promise<Opened | null> {
    const text = await reach('read', () => readWhole(file, LARGEST_VAULT_BYTES))
    if (text === null) return null
    const keys = await keysFor(headerOf(text))
    return { vault: parseVault(text, keys), keys }
  }

  async function startNew(): Promise<Opened> {
    const header = newHeader()
    return { vault: { header, entries: new Map() }, keys: await keysFor(header) }
  }

  /** One change after the other, each on what the file holds then: none is lost. */
  function change(edit: (opened: Opened) => boolean): Promise<void> {
    const changed = lastWrite.then(async () => {
      const opened = (await open()) ?? (await startNew())
      if (!edit(opened)) return
      await reach('written', () => replaceFile(file, formatVault(opened.vault, opened.keys)))
    })
    lastWrite = changed.catch(() => null)
    return changed
  }

  return {
    kind: 'vault',
    description: 'vault file in the data folder, encrypted with HALLPASS_VAULT_KEY',
    async get(account) {
      const opened = await open()
      const value = opened === null ? null : openEntry(opened.vault, opened.keys, account)
      if (value === null) {
        throw new HallpassError(
          'SECRET_UNAVAILABLE',
          'The secret of this connection is not in the vault file. Give the connection its secret again.',
        )
      }
      return secretOf(value, 'The secret in the vault file')
    },
    async set(account, secret) {
      if (!/^[\w.-]{1,128}$/.test(account)) throw new TypeError('the account of a secret is 1–128 of A–Z a–z 0–9 _ . -')
      await change(({ vault, keys }) => {
        sealEntry(vault, keys, account, secret.reveal())
        return true
      })
    },
    delete: (account) => change(({ vault }) => vault.entries.delete(account)),
    async probe() {
      await open()
    },
  }
}

async function reach<T>(verb: 'read' | 'written', action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (cause) {
    throw new HallpassError(
      'SECRET_UNAVAILABLE',
      `The vault file cannot be ${verb}: see that the disk is not full and that the data folder is yours.`,
      { cause },
    )
  }
}
