import { useState } from 'react'

export interface Sort {
  column: string
  descending: boolean
}

/** A table's sort, remembered in this browser under the table's name. */
export function useSort(table: string, first: string): [Sort, (column: string) => void] {
  const key = `hallpass.sort.${table}`
  const [sort, setSort] = useState<Sort>(() => stored(key) ?? { column: first, descending: false })
  const choose = (column: string): void => {
    const next = { column, descending: sort.column === column && !sort.descending }
    localStorage.setItem(key, `${next.descending ? '-' : '+'}${column}`)
    setSort(next)
  }
  return [sort, choose]
}

function stored(key: string): Sort | null {
  const text = localStorage.getItem(key) ?? ''
  return text.length < 2 ? null : { column: text.slice(1), descending: text.startsWith('-') }
}

export type SortValue = string | number | null

/** Sorts by a value. Rows without one come last, and rows with equal values keep their order. */
export function sortedBy<Row>(rows: readonly Row[], valueOf: (row: Row) => SortValue, descending: boolean): Row[] {
  const sign = descending ? -1 : 1
  return rows.toSorted((one, other) => {
    const a = valueOf(one)
    const b = valueOf(other)
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
    if (typeof a === 'number' && typeof b === 'number') return sign * (a - b)
    return sign * String(a).localeCompare(String(b), 'en', { numeric: true })
  })
}
