import { useLayoutEffect, useRef, useState, type RefObject } from 'react'
import { rowWindow } from '../../../../lib/row-window.ts'

/** Fewer rows are all drawn. */
const MANY = 100
const OVERSCAN = 10

interface DrawnRows {
  /** A row of the height `before`, above the first drawn one. */
  start: RefObject<HTMLTableRowElement | null>
  first: number
  last: number
  /** Heights that stand for the rows above and below, in pixels. */
  before: number
  after: number
}

/**
 * Returns which of many rows of the same height to draw, for rows that don't scroll by themselves but with the page around
 * them: those in the window, and some before and after, so that the arrow keys always find a next one.
 */
export function useDrawnRows(count: number, rowHeight: number): DrawnRows {
  const start = useRef<HTMLTableRowElement>(null)
  const [view, setView] = useState({ scrollTop: 0, height: 0 })
  const isLong = count > MANY
  useLayoutEffect(() => {
    if (!isLong) return
    const measure = (): void => {
      const top = start.current?.getBoundingClientRect().top ?? 0
      // In steps, so that not every pixel of scrolling draws the rows again.
      const scrollTop = Math.floor(Math.max(0, -top) / rowHeight) * rowHeight
      const height = window.innerHeight
      setView((was) => (was.scrollTop === scrollTop && was.height === height ? was : { scrollTop, height }))
    }
    measure()
    // What scrolls is around the table, and scrolling doesn't bubble.
    window.addEventListener('scroll', measure, { capture: true, passive: true })
    window.addEventListener('resize', measure)
    return () => {
      window.removeEventListener('scroll', measure, { capture: true })
      window.removeEventListener('resize', measure)
    }
  }, [isLong, rowHeight])
  if (!isLong) return { start, first: 0, last: count, before: 0, after: 0 }
  const { first, last } = rowWindow({ ...view, count, rowHeight }, OVERSCAN)
  return { start, first, last, before: first * rowHeight, after: (count - last) * rowHeight }
}
