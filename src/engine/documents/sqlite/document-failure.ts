import { HallpassError, invalidRequest } from '../../../contract/errors.ts'

/** Returns the error for what SQLite threw. SQLite's own messages name tables and columns, never values or paths. */
export function sqliteFailure(thrown: unknown): HallpassError {
  if (thrown instanceof HallpassError) return thrown
  const code = sqliteCode(thrown)
  const message = thrown instanceof Error ? thrown.message : ''
  if (code === null) {
    // better-sqlite3 throws JavaScript's own errors for a wrong number of parameters and for several statements.
    if (thrown instanceof RangeError || thrown instanceof TypeError)
      return invalidRequest(`SQLite error: ${message}.`, undefined, { cause: thrown })
    return new HallpassError('UPSTREAM_ERROR', 'Unexpected SQLite error.', { cause: thrown })
  }
  if (code.startsWith('SQLITE_CONSTRAINT'))
    return invalidRequest(`SQLite rejected the change: ${message}.`, undefined, { cause: thrown })
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return fileBusy(thrown)
  const known = CODES.find(([prefix]) => code.startsWith(prefix))
  if (known !== undefined) return new HallpassError('UPSTREAM_ERROR', known[1], { cause: thrown })
  if (/no such (?:module|function|collation sequence)/.test(message))
    return invalidRequest(
      `SQLite error: ${message}. This part of the file needs an extension of the program that made it. The rest of the file works.`,
      undefined,
      { cause: thrown },
    )
  if (code.startsWith('SQLITE_ERROR')) return invalidRequest(`SQLite error: ${message}.`, undefined, { cause: thrown })
  if (['SQLITE_RANGE', 'SQLITE_MISMATCH', 'SQLITE_TOOBIG', 'SQLITE_AUTH'].includes(code))
    return invalidRequest(`SQLite error: ${message}.`, undefined, { cause: thrown })
  return new HallpassError('UPSTREAM_ERROR', `SQLite error ${code}.`, { cause: thrown })
}

const CODES: [prefix: string, sentence: string][] = [
  ['SQLITE_CORRUPT', 'The SQLite file is damaged.'],
  ['SQLITE_NOTADB', "This file isn't a SQLite database."],
  ['SQLITE_FULL', 'The disk of the SQLite file is full. Nothing was changed.'],
  ['SQLITE_READONLY', 'The SQLite file is read-only.'],
  ['SQLITE_CANTOPEN', "Couldn't open the SQLite file."],
  ['SQLITE_PERM', "Hallpass doesn't have permission to use the SQLite file."],
  ['SQLITE_NOMEM', 'The request needed more memory than allowed.'],
]

function sqliteCode(thrown: unknown): string | null {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : null
  return typeof code === 'string' && code.startsWith('SQLITE') ? code : null
}

/** Returns whether a statement needs a collation that only the program that created the file has. */
export function isMissingCollation(thrown: unknown): boolean {
  return sqliteCode(thrown) === 'SQLITE_ERROR_MISSING_COLLSEQ' || /no such collation sequence/.test(String(thrown))
}

/** Seconds after which a caller can try again while another program holds the file. */
const RETRY_SECONDS = 2

function fileBusy(cause?: unknown): HallpassError {
  return new HallpassError(
    'DOCUMENT_BUSY',
    'Another program has locked the SQLite file. Nothing was changed. Try again.',
    {
      cause,
      details: { retry_after_s: RETRY_SECONDS },
      upstreamBlameless: true,
    },
  )
}

export function fileReplaced(): HallpassError {
  return new HallpassError(
    'UPSTREAM_ERROR',
    'The SQLite file was moved, deleted or replaced. Restore it, or create the connection again.',
    { reason: 'file_replaced' },
  )
}
