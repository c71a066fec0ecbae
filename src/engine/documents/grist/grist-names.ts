import { HallpassError } from '../../../contract/errors.ts'

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,255}$/

/**
 * The path of a table. Grist's ids are identifiers; anything else (a number, which Grist would take for a table's
 * internal reference; dots, which a gateway would resolve) names no table and is not sent.
 */
export function tablePath(table: string): string {
  if (!IDENTIFIER.test(table))
    throw new HallpassError('GRIST_ERROR', `Grist has no table “${table}”: table ids are letters, digits and “_”.`, {
      upstreamBlameless: true,
    })
  return `/tables/${table}`
}

/** The same for a table that is to be written to. Grist's own tables hold access rules and columns: never a matter of records. */
export function writableTablePath(table: string): string {
  if (/^_grist/i.test(table))
    throw new HallpassError('GRIST_ERROR', `“${table}” is a table of Grist's own and cannot be written to here.`, {
      upstreamBlameless: true,
    })
  return tablePath(table)
}

/** A column that may be changed or deleted. */
export function changeableColumn(table: string, column: string): string {
  if (column === 'manualSort')
    throw new HallpassError(
      'GRIST_ERROR',
      `The column “manualSort” of table “${table}” keeps the order of its rows and cannot be changed.`,
      { upstreamBlameless: true },
    )
  if (!IDENTIFIER.test(column) || column === 'id')
    throw new HallpassError('GRIST_ERROR', `Grist has no column “${column}” in table “${table}”.`, {
      upstreamBlameless: true,
    })
  return column
}
