import { HallpassError } from '../../../contract/errors.ts'

/** Turns what SQLite throws into a sentence for the caller. SQLite's own words name tables and columns, never values or paths. */
export function sqliteFailure(thrown: unknown): HallpassError {
  if (thrown instanceof HallpassError) return thrown
  const code = sqliteCode(thrown)
  const words = thrown instanceof Error ? thrown.message : ''
  if (code === null) {
    // better-sqlite3 refuses wrong numbers of parameters and several statements with errors of JavaScript's own.
    if (thrown instanceof RangeError || thrown instanceof TypeError)
      return refused(`SQLite cannot run this: ${words}.`, thrown)
    return new HallpassError('UPSTREAM_ERROR', 'The SQLite document failed in an unexpected way.', { cause: thrown })
  }
  if (code.startsWith('SQLITE_CONSTRAINT')) return refused(`SQLite refused the change: ${words}.`, thrown)
  const known = CODES.find(([prefix]) => code.startsWith(prefix))
  if (known !== undefined) return new HallpassError('UPSTREAM_ERROR', known[1], { cause: thrown })
  if (['SQLITE_ERROR', 'SQLITE_RANGE', 'SQLITE_MISMATCH', 'SQLITE_TOOBIG', 'SQLITE_AUTH'].includes(code))
    return refused(`SQLite cannot run this: ${words}.`, thrown)
  return new HallpassError('UPSTREAM_ERROR', `The SQLite document failed (${code}).`, { cause: thrown })
}

const CODES: [prefix: string, sentence: string][] = [
  ['SQLITE_BUSY', 'Another program holds the SQLite document locked; nothing was changed. Try again.'],
  ['SQLITE_LOCKED', 'Another program holds the SQLite document locked; nothing was changed. Try again.'],
  ['SQLITE_CORRUPT', 'The SQLite document is damaged.'],
  ['SQLITE_NOTADB', 'The file of this connection is not a SQLite database.'],
  ['SQLITE_FULL', 'The disk of the SQLite document is full; nothing was changed.'],
  ['SQLITE_READONLY', 'The SQLite document may not be written to: its file is read-only.'],
  ['SQLITE_CANTOPEN', 'The file of this SQLite document cannot be opened.'],
  ['SQLITE_PERM', 'The file of this SQLite document may not be used.'],
  ['SQLITE_NOMEM', 'The SQLite document needed more memory than allowed.'],
]

function sqliteCode(thrown: unknown): string | null {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : null
  return typeof code === 'string' && code.startsWith('SQLITE') ? code : null
}

export function refused(sentence: string, cause?: unknown): HallpassError {
  return new HallpassError('INVALID_REQUEST', sentence, cause === undefined ? {} : { cause })
}
