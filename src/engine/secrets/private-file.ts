import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { invalidRequest } from '../../contract/errors.ts'

interface FileUse {
  /** What it holds, with its article. */
  name: string
  field: string
  maxBytes: number
  /** Anybody may read or replace it, as a certificate. */
  isPublic?: boolean
}

/**
 * Returns the text of a file that holds a key. Throws INVALID_REQUEST, without the path, if others could read or
 * replace it.
 */
export function readPrivateFile(path: string, { name, field, maxBytes, isPublic = false }: FileUse): string {
  let descriptor
  try {
    // Non-blocking, because opening a pipe without a writer would wait forever.
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (cause) {
    throw invalidRequest(`The file of ${name} is missing or can't be read.`, field, { cause })
  }
  try {
    const found = fstatSync(descriptor)
    const wrong = !found.isFile()
      ? "isn't a regular file"
      : found.size > maxBytes
        ? 'is too large'
        : isPublic
          ? null
          : openTo(found)
    if (wrong !== null) throw invalidRequest(`The file of ${name} ${wrong}.`, field)
    return readFileSync(descriptor, 'utf8')
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
