import { useMemo } from 'react'
import { useTablePreference } from '../../../ui/table/use-table-preference.ts'
import { chosenColumns, type ColumnId } from './log-columns.ts'

/**
 * Returns the log's columns, and a function that remembers others. An address that names columns, such as that of a saved
 * view, shows those.
 */
export function useColumns(named: string | undefined): [ColumnId[], (columns: ColumnId[]) => void] {
  const [remembered, remember] = useTablePreference('columns', 'log')
  const columns = useMemo(() => chosenColumns(named === undefined ? remembered : named.split(',')), [named, remembered])
  return [columns, remember]
}
