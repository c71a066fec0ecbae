import { IconChevronDown, IconChevronUp } from '@tabler/icons-react'
import type { Column } from './data-table.tsx'
import styles from './data-table.module.css'
import type { Sort } from './use-sort.ts'

interface TableHeadProps<Row> {
  columns: readonly Column<Row>[]
  tracks: React.CSSProperties
  sort: Sort
  onSort: (column: string) => void
}

export function TableHead<Row>({ columns, tracks, sort, onSort }: TableHeadProps<Row>) {
  const Arrow = sort.descending ? IconChevronDown : IconChevronUp
  return (
    <div role="rowgroup" className={styles.head}>
      <div role="row" aria-rowindex={1} className={styles.heads} style={tracks}>
        {columns.map(({ id, label, head, order, align, quiet = false }) => {
          const sorted = sort.column === id && order !== undefined
          return (
            <div
              key={id}
              role="columnheader"
              className={styles.cell}
              data-align={align}
              aria-sort={sorted ? (sort.descending ? 'descending' : 'ascending') : undefined}
            >
              {head !== undefined ? (
                head
              ) : order === undefined ? (
                <span className={quiet ? 'hp-hidden' : undefined}>{label}</span>
              ) : (
                <button type="button" className={styles.sort} onClick={() => onSort(id)}>
                  {label}
                  {sorted && <Arrow size={12} aria-hidden />}
                </button>
              )}
            </div>
          )
        })}
      </div>
    </div>
  )
}
