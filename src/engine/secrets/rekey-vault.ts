import { join } from 'node:path'
import { invalidRequest } from '../../contract/errors.ts'
import { readWhole, replaceFile } from './replace-file.ts'
import { LARGEST_FILE_BYTES } from './sealed-file.ts'
import {
  deriveFromPassphrase,
  formatVault,
  headerOf,
  newScryptHeader,
  openEntry,
  parseVault,
  sealEntry,
  type Vault,
} from './vault-file.ts'
import { problemOfVaultKey } from './vault-key.ts'

const NAMES = { file: 'vault file', key: 'The current vault key' }

/**
 * Encrypts the vault file of a data folder with another key, completely or not at all. No engine may use the folder.
 * Returns the number of secrets.
 */
export async function rekeyVault(home: string, oldKey: string, newKey: string): Promise<number> {
  const problem = problemOfVaultKey(newKey, false)
  if (problem !== null) throw invalidRequest(problem, 'new_key')
  if (newKey === oldKey) throw invalidRequest('The new key is the current one.', 'new_key')
  const path = join(home, 'vault')
  const text = await readWhole(path, LARGEST_FILE_BYTES)
  if (text === null) throw invalidRequest('This data folder has no vault file.', 'home')
  const oldKeys = await deriveFromPassphrase(oldKey, headerOf(text), NAMES)
  const old = parseVault(text, oldKeys, NAMES)
  const header = newScryptHeader()
  const next: Vault = { header, names: NAMES, entries: new Map() }
  const keys = await deriveFromPassphrase(newKey, header, NAMES)
  for (const account of old.entries.keys()) {
    const value = openEntry(old, oldKeys, account)
    if (value !== null) sealEntry(next, keys, account, value)
  }
  await replaceFile(path, formatVault(next, keys))
  return next.entries.size
}
