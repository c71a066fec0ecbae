import { constants, closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { invalidRequest } from '../../contract/errors.ts'

const MIN_LENGTH = 16
/** A vault that was created with a lower minimum must still open. */
const MIN_LENGTH_OF_OLD = 8
const MIN_DIFFERENT = 4
const MAX_BYTES = 4096

/** Returns why the key can't protect a vault file, or null. */
export function problemOfVaultKey(key: string, vaultExists: boolean): string | null {
  if (vaultExists && key.length >= MIN_LENGTH_OF_OLD) return null
  if (key.length >= MIN_LENGTH && new Set(key).size >= MIN_DIFFERENT) return null
  return `HALLPASS_VAULT_KEY must have at least ${MIN_LENGTH} characters that aren't all alike. Unset it to use the keychain.`
}

/**
 * Returns the vault key from HALLPASS_VAULT_KEY or the file in HALLPASS_VAULT_KEY_FILE, and removes both variables:
 * child processes of the engine, and dumps of its environment, must not contain the key. The initial environment that
 * the system shows (`/proc/PID/environ`) can't be changed, so only the file hides the key there.
 */
export function takeVaultKey(environment: NodeJS.ProcessEnv): string | undefined {
  const { HALLPASS_VAULT_KEY: key, HALLPASS_VAULT_KEY_FILE: file } = environment
  delete environment['HALLPASS_VAULT_KEY']
  delete environment['HALLPASS_VAULT_KEY_FILE']
  if (file === undefined || file === '') return key === '' ? undefined : key
  if (key !== undefined && key !== '')
    throw invalidRequest('Set either HALLPASS_VAULT_KEY or HALLPASS_VAULT_KEY_FILE, not both.', 'vault_key_file')
  return readKeyFile(file)
}

function readKeyFile(path: string): string {
  if (!isAbsolute(path)) throw invalidRequest('HALLPASS_VAULT_KEY_FILE must be an absolute path.', 'vault_key_file')
  let descriptor
  try {
    // Non-blocking, because opening a pipe without a writer would wait forever.
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (cause) {
    throw invalidRequest("The file of HALLPASS_VAULT_KEY_FILE is missing or can't be read.", 'vault_key_file', {
      cause,
    })
  }
  try {
    const found = fstatSync(descriptor)
    const wrong = !found.isFile() ? "isn't a regular file" : found.size > MAX_BYTES ? 'is too large' : openTo(found)
    if (wrong !== null) throw invalidRequest(`The file of HALLPASS_VAULT_KEY_FILE ${wrong}.`, 'vault_key_file')
    return readFileSync(descriptor, 'utf8').replace(/\r?\n$/, '')
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Returns who else could read or replace the key. Files of root are accepted, because containers mount secrets as root.
 */
function openTo({ uid, mode }: { uid: number; mode: number }): string | null {
  if (process.getuid === undefined) return null
  if (uid !== process.getuid() && uid !== 0) return 'belongs to another user'
  if ((mode & 0o022) !== 0) return 'can be written by other users (fix it with chmod go-w)'
  return uid === process.getuid() && (mode & 0o044) !== 0 ? 'can be read by other users (fix it with chmod go-r)' : null
}
