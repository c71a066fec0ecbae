import type { Database } from 'better-sqlite3'

/** How many rows the request log has: counted once, since SQLite counts a million rows by reading them, and kept from then on. */
export interface RowCount {
  current(): number
  add(rows: number): void
}

export function createRowCount(database: Database): RowCount {
  const count = database.prepare<[], number>('SELECT count(*) FROM requests').pluck()
  let known: number | null = null
  return {
    current() {
      known ??= count.get() as number
      return known
    },
    add(rows) {
      if (known !== null) known += rows
    },
  }
}
