import { useMergedRef } from '@mantine/hooks'
import { useDeferredValue, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { useIsLost } from '../../lib/live.tsx'
import { rowWindow, scrollToRow } from '../../lib/row-window.ts'
import { isTyping } from '../use-saved.tsx'
import styles from './data-table.module.css'
import { useSize } from '../use-size.ts'
import { TableHead } from './table-head.tsx'
import { TableRow } from './table-row.tsx'
import { sortedBy, useSort, type SortValue } from './use-sort.ts'

export interface Column<Row> {
  id: string
  label: string
  /** Track of the grid, such as "minmax(120px, 2fr)". */
  width: string
  /** Width of the table, in pixels, from which the column is shown. */
  from?: number
  align?: 'right'
  /** For a column that can be sorted. */
  order?: (row: Row) => SortValue
  /** In place of the label, such as a checkbox for all rows. */
  head?: ReactNode
  /** For a column of buttons, whose head is read but not drawn. */
  quiet?: boolean
  cell: (row: Row) => ReactNode
}

/** A letter that does something with the focused row. */
export interface RowLetter {
  key: string
  label: string
}

interface DataTableProps<Row> {
  /** Name that the sort is remembered under. */
  name: string
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  keyOf: (row: Row) => string
  rowHeight?: number
  onOpen?: (row: Row) => void
  /** Receives keys that the table doesn't use, pressed on a row. */
  onKey?: (event: KeyboardEvent, row: Row) => void
  /** Letters among them, for the list of keys. */
  letters?: readonly RowLetter[]
  selected?: (row: Row) => boolean
  /** In place of rows if there are none. */
  empty?: ReactNode
  /** Rows that belong to a row and follow it, whatever the order. They make the table a tree. */
  below?: (row: Row) => readonly Row[]
  /** Rows at the end, whatever the order. */
  last?: readonly Row[]
  /** Level and state of a row in a tree. `open` is undefined for a row that has nothing below it. */
  branch?: (row: Row) => { level: number; open?: boolean | undefined }
  /** Attributes of a row's element. */
  attributes?: (row: Row) => Record<`data-${string}`, string>
  /** Called when a row gets the focus. */
  onActive?: (row: Row) => void
  /** Called when a row is reached with Shift and an arrow. */
  onExtend?: (from: Row, to: Row) => void
}

const OVERSCAN = 6
const HEAD_HEIGHT = 32

/**
 * A table with a fixed head, whose columns drop as it gets narrower and whose rows are drawn only where they are
 * visible. One row takes part in the Tab order. Arrows, J and K, Home and End move it, Enter opens it.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { name, label, columns, rows, keyOf, rowHeight = 44, onOpen, onKey, letters, selected, empty } = props
  const { below, last: end = [], branch, attributes, onActive, onExtend } = props
  const scroller = useRef<HTMLDivElement>(null)
  const { ref: sized, width, height: whole } = useSize()
  const ref = useMergedRef(scroller, sized)
  const [scrollTop, setScrollTop] = useState(0)
  const [activeKey, setActiveKey] = useState<string | null>(null)
  const [sort, chooseSort] = useSort(name, columns.find(({ order }) => order !== undefined)?.id ?? '')
  const shown = columns.filter(({ from }) => from === undefined || width >= from)
  const order = columns.find(({ id }) => id === sort.column)?.order
  const inOrder = order === undefined ? rows : sortedBy(rows, order, sort.descending)
  const sorted = [...(below === undefined ? inOrder : inOrder.flatMap((row) => [row, ...below(row)])), ...end]
  const geometry = { scrollTop, height: Math.max(0, whole - HEAD_HEIGHT), count: sorted.length, rowHeight }
  const { first, last, top, total } = rowWindow(geometry, OVERSCAN)
  // Rows follow in small steps once the size is known. Drawn with the table, they would make it one long task.
  const isDrawn = useDeferredValue(width > 0)
  // What letters do to a row is sent to the engine.
  const isLost = useIsLost()
  const active = Math.max(
    0,
    sorted.findIndex((row) => keyOf(row) === activeKey),
  )

  const moveTo = (index: number): void => {
    const row = sorted[Math.max(0, Math.min(sorted.length - 1, index))]
    if (row === undefined || scroller.current === null) return
    setActiveKey(keyOf(row))
    scroller.current.scrollTop = scrollToRow(geometry, sorted.indexOf(row))
    // The row may have to be drawn first.
    requestAnimationFrame(() =>
      requestAnimationFrame(() =>
        scroller.current?.querySelector<HTMLElement>('[data-active]')?.focus({ preventScroll: true }),
      ),
    )
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const row = sorted[active]
    const onRow = event.target === event.currentTarget
    if (row === undefined || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
    const to = {
      ArrowDown: active + 1,
      j: active + 1,
      ArrowUp: active - 1,
      k: active - 1,
      Home: 0,
      End: sorted.length - 1,
    }[event.key]
    if (onRow && to !== undefined) {
      const next = sorted[to]
      if (event.shiftKey && next !== undefined) onExtend?.(row, next)
      moveTo(to)
    } else if (onRow && event.key === 'Enter' && onOpen !== undefined) onOpen(row)
    else {
      if (onRow && !(isLost && letters?.some(({ key }) => key === event.key) === true)) onKey?.(event, row)
      return
    }
    event.preventDefault()
  }
  const tracks = { gridTemplateColumns: shown.map(({ width: track }) => track).join(' ') }
  return (
    <div className={styles.frame}>
      <div
        ref={ref}
        role={branch === undefined ? 'grid' : 'treegrid'}
        tabIndex={-1}
        className={styles.table}
        aria-label={label}
        aria-busy={!isDrawn || undefined}
        data-letters={letters === undefined || isLost ? undefined : JSON.stringify(letters)}
        aria-rowcount={sorted.length + 1}
        aria-colcount={shown.length}
        onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
        onFocus={({ target, currentTarget }) => {
          // The browser leaves what is partly in sight where it is.
          if (target !== currentTarget && target.role !== 'row')
            target.scrollIntoView({ block: 'nearest', inline: 'nearest' })
        }}
      >
        <TableHead columns={shown} tracks={tracks} sort={sort} onSort={chooseSort} />
        <div role="rowgroup" className={styles.body} style={{ height: total }}>
          <div role="presentation" className={styles.drawn} style={{ top }}>
            {sorted.slice(first, isDrawn ? last : first).map((row, offset) => (
              <TableRow
                key={keyOf(row)}
                row={row}
                name={keyOf(row)}
                index={first + offset}
                columns={shown}
                style={{ ...tracks, height: rowHeight }}
                active={first + offset === active}
                selected={selected?.(row)}
                branch={branch?.(row)}
                attributes={attributes?.(row)}
                onActive={(key) => {
                  setActiveKey(key)
                  onActive?.(row)
                }}
                onKeyDown={onKeyDown}
                onOpen={onOpen}
              />
            ))}
          </div>
        </div>
      </div>
      {sorted.length === 0 && empty}
    </div>
  )
}
