/**
 * Which rows of a very long list are drawn, and where. Rows are all of one height, so this is arithmetic: nothing is kept a
 * row, and a list of a million costs what a list of ten does.
 */

/** Chromium lays out no element higher than 33.5 million pixels. Above this the list is drawn at a smaller scale of scrolling. */
export const MAX_SCROLL_HEIGHT = 32_000_000

export interface Scroller {
  scrollTop: number
  /** Of the part that shows rows, in pixels. */ height: number
  count: number
  rowHeight: number
}

export interface RowWindow {
  /** First row drawn, and the first one not drawn. */
  first: number
  last: number
  /** Where the first drawn row begins inside the whole, in pixels. */
  top: number
  /** Height of the whole, in pixels. */
  total: number
}

export function rowWindow(scroller: Scroller, overscan: number): RowWindow {
  const { scrollTop, height, count, rowHeight } = scroller
  const total = Math.min(count * rowHeight, MAX_SCROLL_HEIGHT)
  const at = Math.min(Math.max(0, scrollTop), Math.max(0, total - height))
  const offset = at * scaleOf(scroller)
  const first = Math.max(0, Math.min(Math.floor(offset / rowHeight) - overscan, count))
  const last = Math.min(count, Math.ceil((offset + height) / rowHeight) + overscan)
  return { first, last: Math.max(first, last), top: at - (offset - first * rowHeight), total }
}

/** Where to scroll so that a row is wholly seen, moving as little as possible. */
export function scrollToRow(scroller: Scroller, index: number): number {
  const { scrollTop, height, rowHeight } = scroller
  const scale = scaleOf(scroller)
  const offset = scrollTop * scale
  const start = index * rowHeight
  if (start < offset) return start / scale
  if (start + rowHeight > offset + height) return (start + rowHeight - height) / scale
  return scrollTop
}

/** How many pixels of the list one pixel of scrolling moves. */
function scaleOf({ height, count, rowHeight }: Scroller): number {
  const whole = count * rowHeight
  return whole <= MAX_SCROLL_HEIGHT ? 1 : (whole - height) / (MAX_SCROLL_HEIGHT - height)
}
