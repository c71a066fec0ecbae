import type { Database, Statement } from 'better-sqlite3'
import { quoteName } from '../../sql-tokens.ts'
import type { TableShape } from './schema/table-shape.ts'

/** The character that SQLite's reader inserts where a text isn't UTF-8. */
export const UNREADABLE = '\uFFFD'

/**
 * Returns a function that reads the texts of a row again that aren't UTF-8, as Windows-1252. Older programs store texts in
 * the encoding of their system. `row` begins with the row ID, followed by the columns of the shape.
 */
export function createTextRepair(db: Database, shape: TableShape): (row: unknown[]) => unknown[] {
  // A cast to BLOB returns the encoding of the file, and a UTF-16 file has no text in another one.
  if (db.pragma('encoding', { simple: true }) !== 'UTF-8') return (row) => row
  const strict = new TextDecoder('utf-8', { fatal: true })
  const western = new TextDecoder('windows-1252')
  const statements = new Map<string, Statement>()
  const names = [...shape.columns.values()].map(({ name }) => name)

  function readAgain(name: string, id: unknown): string | null {
    let statement = statements.get(name)
    if (statement === undefined) {
      statement = db
        .prepare(`SELECT CAST(${quoteName(name)} AS BLOB) FROM ${shape.source} WHERE ${shape.rowId} = ?`)
        .pluck()
      statements.set(name, statement)
    }
    const bytes = statement.get(id)
    if (!(bytes instanceof Uint8Array)) return null
    try {
      return strict.decode(bytes)
    } catch {
      // Not UTF-8.
      return western.decode(bytes)
    }
  }

  return (row) =>
    row.map((value, index) =>
      index > 0 && typeof value === 'string' && value.includes(UNREADABLE)
        ? (readAgain(names[index - 1] as string, row[0]) ?? value)
        : value,
    )
}

/** Returns the bytes of a text in Windows-1252 if they differ from UTF-8, to find texts that were stored so; else null. */
export function westernBytes(text: string): Buffer | null {
  // eslint-disable-next-line no-control-regex -- ASCII is the same in both encodings.
  if (/^[\u0000-\u007F]*$/.test(text)) return null
  const table = westernTable()
  const bytes = Buffer.alloc(text.length)
  for (let index = 0; index < text.length; index += 1) {
    const byte = table.get(text.charAt(index))
    if (byte === undefined) return null
    bytes[index] = byte
  }
  return bytes
}

function westernTable(): Map<string, number> {
  const characters = new TextDecoder('windows-1252').decode(Uint8Array.from({ length: 256 }, (_, byte) => byte))
  return new Map([...characters].map((character, byte) => [character, byte]))
}
