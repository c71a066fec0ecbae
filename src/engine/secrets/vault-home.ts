import { join } from 'node:path'
import { HallpassError } from '../../contract/errors.ts'
import { readWhole, replaceFile } from './replace-file.ts'
import type { FileStamps } from './file-stamps.ts'
import { secretOf } from './secret-value.ts'
import type { Secret } from './secret.ts'
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
export function createVaultHome(folder: string, vaultKey: Secret, stamps: FileStamps): SecretHome {
  const file = join(folder, VAULT_FILE)
  let derived: { header: string; keys: Promise<VaultKeys> } | null = null
  let lastWrite: Promise<unknown> = Promise.resolve()
  // Opening the file costs far more than a request: a secret counts as long as the file is the same.
  const opened = new Map<string, Secret>()
  let openedStamp: string | null = null

  function forgetOpened(): void {
    opened.clear()
    openedStamp = null
  }

  function keep(account: string, secret: Secret, stamp: string | null): void {
    // Only if the file didn't change while it was read.
    if (stamp === null || stamps.fresh(file) !== stamp) return
    if (openedStamp !== stamp) opened.clear()
    openedStamp = stamp
    opened.set(account, secret)
  }

  function keysFor(header: string): Promise<VaultKeys> {
    // Once a file: the derivation is slow on purpose.
    if (derived?.header !== header) derived = { header, keys: deriveKeys(vaultKey.reveal(), header) }
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
      const current = (await open()) ?? (await startNew())
      if (!edit(current)) return
      forgetOpened()
      await reach('write', () => replaceFile(file, formatVault(current.vault, current.keys)))
    })
    lastWrite = changed.catch(() => null)
    return changed
  }

  return {
    kind: 'vault',
    description: 'encrypted vault file (HALLPASS_VAULT_KEY)',
    async get(account) {
      const stamp = stamps.of(file)
      if (stamp === null || stamp !== openedStamp) forgetOpened()
      const known = opened.get(account)
      if (known !== undefined) return known
      const found = await open()
      const value = found === null ? null : openEntry(found.vault, found.keys, account)
      if (value === null) {
        throw new HallpassError(
          'SECRET_UNAVAILABLE',
          "This connection's secret isn't in the vault file. Replace the secret.",
        )
      }
      const secret = secretOf(value, 'The secret in the vault file')
      keep(account, secret, stamp)
      return secret
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

async function reach<T>(verb: 'read' | 'write', action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (cause) {
    throw new HallpassError(
      'SECRET_UNAVAILABLE',
      `Couldn't ${verb} the vault file. Check free disk space and the permissions of the data folder.`,
      { cause },
    )
  }
}
