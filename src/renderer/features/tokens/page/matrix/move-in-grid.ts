import type { KeyboardEvent } from 'react'
import { isTyping } from '../../../../ui/use-saved.tsx'

/**
 * Moves the focus between the controls of a table's cells with the arrow keys. → on a folded row unfolds it, and ← folds it
 * again.
 */
export function moveInGrid(event: KeyboardEvent<HTMLTableElement>): void {
  const { key, target } = event
  if (!(target instanceof HTMLElement) || isTyping(target)) return
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
  const cell = target.closest<HTMLTableCellElement>('td, th')
  const row = cell?.closest('tr')
  if (cell === null || row === null || row === undefined) return
  const next = isFolding(target, key) ? target : nextControl(event.currentTarget, { row, cell, target, key })
  if (next === undefined) return
  event.preventDefault()
  if (next === target) target.click()
  else next.focus()
}

function isFolding(target: HTMLElement, key: string): boolean {
  const open = target.getAttribute('aria-expanded')
  if (!target.matches('[data-unfolds]')) return false
  return (key === 'ArrowRight' && open === 'false') || (key === 'ArrowLeft' && open === 'true')
}

interface Place {
  row: HTMLTableRowElement
  cell: HTMLTableCellElement
  target: HTMLElement
  key: string
}

/** Returns the control that an arrow key leads to, or undefined for other keys and at the edges. */
function nextControl(table: HTMLTableElement, { row, cell, target, key }: Place): HTMLElement | undefined {
  if (key === 'ArrowRight' || key === 'ArrowLeft') {
    const inRow = controlsOf(row)
    return inRow[inRow.indexOf(target) + (key === 'ArrowRight' ? 1 : -1)]
  }
  if (key !== 'ArrowDown' && key !== 'ArrowUp') return undefined
  const rows = [...table.rows]
  const at = rows.indexOf(row)
  const ahead = key === 'ArrowDown' ? rows.slice(at + 1) : rows.slice(0, at).toReversed()
  // Rows without a control in this column are skipped.
  return ahead.flatMap((one) => controlsOf(one.cells[cell.cellIndex])).at(0)
}

function controlsOf(within: Element | undefined): HTMLElement[] {
  const all = within?.querySelectorAll<HTMLElement>('button:not(:disabled), input[type=checkbox]:not(:disabled)') ?? []
  return [...all]
}
