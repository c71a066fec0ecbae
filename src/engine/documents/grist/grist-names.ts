import { HallpassError } from '../../../contract/errors.ts'

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,255}$/

/**
 * Returns the path of a table. Grist's IDs are identifiers. Anything else isn't sent: Grist would take a number for a table's
 * internal reference, and a gateway would resolve dots.
 */
export function tablePath(table: string): string {
  if (!IDENTIFIER.test(table))
    throw new HallpassError(
      'GRIST_ERROR',
      `Invalid table ID "${table.slice(0, 80)}". Table IDs contain only letters, digits and "_".`,
      { field: 'table', upstreamBlameless: true },
    )
  return `/tables/${table}`
}

/** Returns the path of a table to write. Grist's internal tables contain access rules and columns, so they can't be written as records. */
export function writableTablePath(table: string): string {
  if (/^_grist/i.test(table))
    throw new HallpassError('GRIST_ERROR', `"${table}" is an internal Grist table and can't be changed.`, {
      field: 'table',
      upstreamBlameless: true,
    })
  return tablePath(table)
}

/** Returns a column that can be changed or deleted. Throws GRIST_ERROR for the others. */
export function requireChangeableColumn(table: string, column: string): string {
  if (column === 'manualSort')
    throw new HallpassError('GRIST_ERROR', 'Column "manualSort" is managed by Grist and can\'t be changed.', {
      field: 'column_id',
      upstreamBlameless: true,
    })
  if (!IDENTIFIER.test(column) || column === 'id')
    throw new HallpassError('GRIST_ERROR', `Table "${table}" has no column "${column.slice(0, 80)}".`, {
      field: 'column_id',
      upstreamBlameless: true,
    })
  return column
}
