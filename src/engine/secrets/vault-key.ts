import { readSync, closeSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { invalidRequest } from '../../contract/errors.ts'
import { readPrivateFile } from './private-file.ts'

/** Variables that child processes must not get. */
export const VAULT_KEY_VARIABLES = ['HALLPASS_VAULT_KEY', 'HALLPASS_VAULT_KEY_FILE', 'HALLPASS_VAULT_KEY_FD'] as const

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
 * Returns the vault key from HALLPASS_VAULT_KEY, the file in HALLPASS_VAULT_KEY_FILE or the descriptor in
 * HALLPASS_VAULT_KEY_FD, and removes the variables: child processes of the engine, and dumps of its environment, must
 * not contain the key. The initial environment that the system shows (`/proc/PID/environ`) can't be changed, so only
 * the file and the descriptor hide the key there.
 */
export function takeVaultKey(environment: NodeJS.ProcessEnv): string | undefined {
  const {
    HALLPASS_VAULT_KEY: key = '',
    HALLPASS_VAULT_KEY_FILE: file = '',
    HALLPASS_VAULT_KEY_FD: fd = '',
  } = environment
  for (const name of VAULT_KEY_VARIABLES) delete environment[name]
  if ([key, file, fd].filter((given) => given !== '').length > 1)
    throw invalidRequest(
      'Set only one of HALLPASS_VAULT_KEY, HALLPASS_VAULT_KEY_FILE and HALLPASS_VAULT_KEY_FD.',
      'vault_key_file',
    )
  if (fd !== '') return readKeyDescriptor(fd)
  if (file === '') return key === '' ? undefined : key
  if (!isAbsolute(file)) throw invalidRequest('HALLPASS_VAULT_KEY_FILE must be an absolute path.', 'vault_key_file')
  const whole = readPrivateFile(file, { name: 'HALLPASS_VAULT_KEY_FILE', field: 'vault_key_file', maxBytes: MAX_BYTES })
  return withoutLineEnd(whole)
}

/** Reads until the other end closes, then closes the descriptor, so that no child process inherits it. */
function readKeyDescriptor(text: string): string {
  const fd = /^\d{1,5}$/.test(text) ? Number(text) : -1
  const invalid = (what: string, cause?: unknown): Error =>
    invalidRequest(`HALLPASS_VAULT_KEY_FD ${what}.`, 'vault_key_fd', cause === undefined ? {} : { cause })
  // Standard output and standard error would also be open, but never hold a key.
  if (fd < 0 || fd === 1 || fd === 2) throw invalid('must be the number of an open descriptor, for example 3')
  const bytes = Buffer.alloc(MAX_BYTES + 1)
  let length = 0
  try {
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(fd, bytes, length, bytes.length - length, null)
    closeSync(fd)
  } catch (cause) {
    throw invalid("can't be read", cause)
  }
  if (length > MAX_BYTES) throw invalid('has too much data')
  const key = withoutLineEnd(bytes.toString('utf8', 0, length))
  if (key === '') throw invalid('has no key')
  return key
}

function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, '')
}
