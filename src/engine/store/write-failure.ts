import { HallpassError } from '../../contract/errors.ts'

/** Returns SQLite's result code of an error, such as SQLITE_FULL, or null for other errors. */
export function sqliteCode(thrown: unknown): string | null {
  if (!(thrown instanceof Error) || !('code' in thrown)) return null
  return typeof thrown.code === 'string' && thrown.code.startsWith('SQLITE_') ? thrown.code : null
}

/** Returns whether the error can mean that there is no space. An exceeded quota is reported as a failed write. */
export function isFull(thrown: unknown): boolean {
  const code = sqliteCode(thrown)
  return code !== null && (code === 'SQLITE_FULL' || code.startsWith('SQLITE_IOERR'))
}

/** Returns whether the error means that the file's content is damaged. */
export function saysDamaged(thrown: unknown): boolean {
  const code = sqliteCode(thrown)
  return code !== null && (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT'))
}

/**
 * Runs a write and converts a failure to a sentence. Its code is LOG_UNAVAILABLE, because the request log is in the
 * same file and nothing is served while the store can't be written.
 */
export function writing<T>(work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    const sentence = sentenceOf(sqliteCode(thrown))
    if (sentence === null) throw thrown
    throw new HallpassError('LOG_UNAVAILABLE', sentence, { cause: thrown })
  }
}

function sentenceOf(code: string | null): string | null {
  if (code === null) return null
  if (code === 'SQLITE_FULL') return 'The disk is full. Nothing was changed. Free some space, then try again.'
  if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN')) {
    return "The database can't be written. Nothing was changed. Check the permissions of the data folder."
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return 'Another program is using the database. Nothing was changed. Close it, then try again.'
  }
  if (code.startsWith('SQLITE_IOERR')) return 'The disk failed. Nothing was changed. Check the disk, then try again.'
  if (code.startsWith('SQLITE_CORRUPT'))
    return 'The database is damaged. Nothing was changed. Restart Hallpass to move the damaged file aside and start with an empty database.'
  return null
}
