import type { KeyboardEvent } from 'react'
import type { Column } from './data-table.tsx'
import styles from './data-table.module.css'

interface TableRowProps<Row> {
  row: Row
  name: string
  index: number
  columns: readonly Column<Row>[]
  style: React.CSSProperties
  /** Whether the row takes part in the Tab order. */
  active: boolean
  selected: boolean | undefined
  branch: { level: number; open?: boolean | undefined } | undefined
  attributes: Record<`data-${string}`, string> | undefined
  onActive: (name: string) => void
  onKeyDown: (event: KeyboardEvent) => void
  onOpen: ((row: Row) => void) | undefined
}

export function TableRow<Row>(props: TableRowProps<Row>) {
  const { row, name, index, columns, style, active, selected, branch, attributes, onActive, onKeyDown, onOpen } = props
  return (
    <div
      {...attributes}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      aria-level={branch?.level}
      aria-expanded={branch?.open}
      data-name={name}
      data-active={active || undefined}
      tabIndex={active ? 0 : -1}
      className={styles.row}
      data-opens={onOpen !== undefined || undefined}
      style={style}
      onFocus={() => onActive(name)}
      onKeyDown={onKeyDown}
      onClick={(event) => {
        if (!isControl(event.target, event.currentTarget)) onOpen?.(row)
      }}
    >
      {columns.map(({ id, cell, align }) => (
        <div key={id} role="gridcell" className={styles.cell} data-align={align}>
          {cell(row)}
        </div>
      ))}
    </div>
  )
}

/** Links, buttons and menus in a row act by themselves. A menu is drawn elsewhere, but its clicks bubble here too. */
function isControl(target: EventTarget, row: Element): boolean {
  return target instanceof Element && (!row.contains(target) || target.closest('a, button, input, label') !== null)
}
