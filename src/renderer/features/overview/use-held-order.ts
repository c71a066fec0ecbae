import { useState } from 'react'

interface HeldOrder<Row> {
  shown: Row[]
  /** Handlers for the element that contains the rows. */
  hold: {
    onPointerEnter: () => void
    onPointerLeave: () => void
    onFocus: () => void
    onBlur: () => void
  }
}

/**
 * Returns rows in their order, or while the pointer or the focus is on them in the order that they had then. Rows that
 * come in the meantime are last.
 */
export function useHeldOrder<Row>(rows: readonly Row[], keyOf: (row: Row) => string): HeldOrder<Row> {
  const [held, setHeld] = useState<readonly string[] | null>(null)
  const start = (): void => setHeld((before) => before ?? rows.map(keyOf))
  const end = (): void => setHeld(null)
  return {
    shown: held === null ? [...rows] : inOrder(rows, held, keyOf),
    hold: { onPointerEnter: start, onPointerLeave: end, onFocus: start, onBlur: end },
  }
}

function inOrder<Row>(rows: readonly Row[], order: readonly string[], keyOf: (row: Row) => string): Row[] {
  const places = new Map(order.map((key, index) => [key, index]))
  const place = (row: Row): number => places.get(keyOf(row)) ?? order.length
  return rows.toSorted((one, other) => place(one) - place(other))
}
