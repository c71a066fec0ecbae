import type { TableSort } from '../../../contract/owner-api/screens/preferences-api.ts'
import { useTablePreference } from './use-table-preference.ts'

export type Sort = TableSort

/** A table's sort, remembered by the engine under the table's name. */
export function useSort(table: string, first: string): [Sort, (column: string) => void] {
  const [remembered, remember] = useTablePreference('sort', table)
  const sort = remembered ?? { column: first, descending: false }
  return [sort, (column) => remember({ column, descending: sort.column === column && !sort.descending })]
}

/** Made once, because a string's own comparison looks its rules up each time. */
const order = new Intl.Collator('en', { numeric: true })

export type SortValue = string | number | null

/** Sorts by a value. Rows without one come last, and rows with equal values keep their order. */
export function sortedBy<Row>(rows: readonly Row[], valueOf: (row: Row) => SortValue, descending: boolean): Row[] {
  const sign = descending ? -1 : 1
  return rows.toSorted((one, other) => {
    const a = valueOf(one)
    const b = valueOf(other)
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
    if (typeof a === 'number' && typeof b === 'number') return sign * (a - b)
    return sign * order.compare(String(a), String(b))
  })
}
