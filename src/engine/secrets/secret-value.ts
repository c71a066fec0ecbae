import { HallpassError } from '../../contract/errors.ts'
import type { ErrorCode } from '../../contract/error-table.ts'
import { Secret } from './secret.ts'

/** Maximum size of a secret that is stored or read from a file, in bytes of UTF-8. */
export const LONGEST_SECRET_BYTES = 16_384

/**
 * Returns why a value can't be a secret, or null. Values become header values, where a line break would allow further
 * headers, and NUL ends a string in the OS keychain.
 */
function valueProblem(value: string): string | null {
  if (value === '') return 'is empty'
  if (/[\r\n\0]/.test(value)) return 'contains a line break or NUL character'
  if (!value.isWellFormed()) return "isn't valid Unicode"
  if (Buffer.byteLength(value) > LONGEST_SECRET_BYTES) return `is longer than ${LONGEST_SECRET_BYTES} bytes`
  return null
}

/** Returns the value as a Secret. If it is invalid, throws `code` with a sentence that starts with `what`. */
export function secretOf(value: string, what: string, code: ErrorCode = 'SECRET_UNAVAILABLE'): Secret {
  const problem = valueProblem(value)
  if (problem !== null) throw new HallpassError(code, `${what} ${problem}.`)
  return new Secret(value)
}
