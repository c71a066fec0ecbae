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

/** Far more than a person's connections need. A larger file isn't ours. */
export const LARGEST_FILE_BYTES = 64 * 1024 * 1024

/** Secrets in one encrypted file of the data folder, each bound to its account. Every write is atomic. */
interface SealedFile {
  /** Returns the secret of the account, or null if the file has none. */
  read(account: string): Promise<Secret | null>
  write(account: string, secret: Secret): Promise<void>
  remove(account: string): Promise<void>
  /** Resolves with whether the file exists. Throws if it can't be decrypted. */
  check(): Promise<boolean>
}

interface SealedFileParts {
  path: string
  names: VaultNames
  stamps: FileStamps
  /**
   * Returns the keys of a file with this header. Called for each read, so that nothing can be read once the key is
   * unavailable. The same keys must be the same object.
   */
  keysOf(header: string): Promise<VaultKeys>
  /** Starts a new file with a header whose keys have been stored. `header` is that of the existing file, if any. */
  start(header: string | null): Promise<{ header: string; keys: VaultKeys } | null>
}

interface Opened {
  vault: Vault
  keys: VaultKeys
}

export function createSealedFile({ path, names, stamps, keysOf, start }: SealedFileParts): SealedFile {
  let lastWrite: Promise<unknown> = Promise.resolve()
  // Decrypting the file takes far longer than a request, so secrets are cached until file or keys change.
  let known: { stamp: string; header: string; keys: VaultKeys; secrets: Map<string, Secret> } | null = null

  async function open(): Promise<Opened | null> {
    const text = await reach('read', () => readWhole(path, LARGEST_FILE_BYTES))
    if (text === null) return null
    const keys = await keysOf(headerOf(text))
    return { vault: parseVault(text, keys, names), keys }
  }

  /** Returns what was decrypted before, if the file is unchanged and its keys are still available. */
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

  /** Runs changes one after the other, each on the current content, so that none is lost. */
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
      // Cached only if the file didn't change while it was read.
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
