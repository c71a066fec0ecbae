import type { Clock } from '../../../clock.ts'
import type { CallContext } from '../../document-connector.ts'
import type { GristColumn } from '../grist-columns.ts'

const KEPT_MS = 60_000
const MAX_TABLES = 200

/** Remembers the columns of tables, to explain empty results without another request for each. */
export interface ColumnMemory {
  /**
   * Returns the first finding that `look` has about the columns of a table, or null. A finding in remembered columns is
   * confirmed with current ones, because other programs change columns too.
   */
  findIn<T>(table: string, context: CallContext, look: (columns: readonly GristColumn[]) => T | null): Promise<T | null>
}

export function createColumnMemory(
  clock: Clock,
  read: (table: string, context: CallContext) => Promise<readonly GristColumn[]>,
): ColumnMemory {
  const tables = new Map<string, { columns: readonly GristColumn[]; readAt: number }>()
  return {
    async findIn(table, context, look) {
      const known = tables.get(table)
      if (known !== undefined && clock.monotonic() - known.readAt < KEPT_MS && look(known.columns) === null) return null
      const columns = await read(table, context)
      tables.delete(table)
      tables.set(table, { columns, readAt: clock.monotonic() })
      const [oldest] = tables.keys()
      if (tables.size > MAX_TABLES && oldest !== undefined) tables.delete(oldest)
      return look(columns)
    },
  }
}
