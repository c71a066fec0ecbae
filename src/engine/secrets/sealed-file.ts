import { HallpassError } from '../../contract/errors.ts'
import { readWhole, replaceFile } from './replace-file.ts'
import type { FileStamps } from './file-stamps.ts'
import { secretOf } from './secret-value.ts'
import type { Secret } from './secret.ts'
import {
  formatVault,
  headerOf,
  openEntry,
  parseVault,
  sealEntry,
  type Vault,
  type VaultKeys,
  type VaultNames,
} from './vault-file.ts'

/** Far more than all connections of a person need; a file beyond it is not ours. */
const LARGEST_FILE_BYTES = 64 * 1024 * 1024

/** Secrets in one encrypted file of the data folder, each bound to its account. Written whole, or not at all. */
export interface SealedFile {
  /** Returns the secret of the account, or null if the file has none. */
  read(account: string): Promise<Secret | null>
  write(account: string, secret: Secret): Promise<void>
  remove(account: string): Promise<void>
  /** Throws if the file is there and doesn't open. Resolves to whether it is there. */
  check(): Promise<boolean>
}

export interface SealedFileParts {
  path: string
  names: VaultNames
  stamps: FileStamps
  /**
   * Returns the keys of a file with this header; called for each read, so that a key that can't be had any more opens nothing.
   * The same object as before stands for the same keys.
   */
  keysOf(header: string): Promise<VaultKeys>
  /** Starts a new file: a header, with its keys stored. `header` is the one of the file that is there now, if any. */
  start(header: string | null): Promise<{ header: string; keys: VaultKeys } | null>
}

interface Opened {
  vault: Vault
  keys: VaultKeys
}

export function createSealedFile({ path, names, stamps, keysOf, start }: SealedFileParts): SealedFile {
  let lastWrite: Promise<unknown> = Promise.resolve()
  // Opening the file costs far more than a request: a secret counts as long as file and keys are the same.
  let known: { stamp: string; header: string; keys: VaultKeys; secrets: Map<string, Secret> } | null = null

  async function open(): Promise<Opened | null> {
    const text = await reach('read', () => readWhole(path, LARGEST_FILE_BYTES))
    if (text === null) return null
    const keys = await keysOf(headerOf(text))
    return { vault: parseVault(text, keys, names), keys }
  }

  /** Returns what was opened before, if the file is the same and its keys can still be had. */
  async function knownAt(stamp: string | null): Promise<NonNullable<typeof known> | null> {
    if (known === null) return null
    if (stamp !== known.stamp) known = null
    else if ((await keysOf(known.header)) !== known?.keys) known = null
    return known
  }

  async function openToWrite(): Promise<Opened> {
    const text = await reach('read', () => readWhole(path, LARGEST_FILE_BYTES))
    const begun = await start(text === null ? null : headerOf(text))
    if (begun !== null) return { vault: { header: begun.header, names, entries: new Map() }, keys: begun.keys }
    const keys = await keysOf(headerOf(text ?? ''))
    return { vault: parseVault(text ?? '', keys, names), keys }
  }

  /** One change after the other, each on what the file holds then: none is lost. */
  function change(edit: () => Promise<Opened | null>): Promise<void> {
    const changed = lastWrite.then(async () => {
      const edited = await edit()
      if (edited === null) return
      known = null
      await reach('write', () => replaceFile(path, formatVault(edited.vault, edited.keys)))
    })
    lastWrite = changed.catch(() => null)
    return changed
  }

  return {
    async read(account) {
      const stamp = stamps.of(path)
      const before = (await knownAt(stamp))?.secrets.get(account)
      if (before !== undefined) return before
      const found = await open()
      const value = found === null ? null : openEntry(found.vault, found.keys, account)
      if (found === null || value === null) return null
      const secret = secretOf(value, `The secret in the ${names.file}`)
      // Only if the file didn't change while it was read.
      if (stamp !== null && stamps.fresh(path) === stamp) {
        const { vault, keys } = found
        if (known?.stamp !== stamp || known.keys !== keys)
          known = { stamp, header: vault.header, keys, secrets: new Map() }
        known.secrets.set(account, secret)
      }
      return secret
    },
    async write(account, secret) {
      if (!/^[\w.-]{1,128}$/.test(account)) throw new TypeError('the account of a secret is 1–128 of A–Z a–z 0–9 _ . -')
      await change(async () => {
        const opened = await openToWrite()
        sealEntry(opened.vault, opened.keys, account, secret.reveal())
        return opened
      })
    },
    remove: (account) =>
      change(async () => {
        const opened = await open()
        return opened?.vault.entries.delete(account) === true ? opened : null
      }),
    check: async () => (await open()) !== null,
  }

  async function reach<T>(verb: 'read' | 'write', action: () => Promise<T>): Promise<T> {
    try {
      return await action()
    } catch (cause) {
      throw new HallpassError(
        'SECRET_UNAVAILABLE',
        `Couldn't ${verb} the ${names.file}. Check free disk space and the permissions of the data folder.`,
        { cause },
      )
    }
  }
}
