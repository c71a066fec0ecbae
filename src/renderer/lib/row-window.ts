/**
 * Computes which rows of a very long list are drawn, and where. All rows have the same height, so nothing is stored per
 * row and a list of a million rows costs as much as one of ten.
 */

/**
 * Chromium clamps every offset to 2^25 physical pixels, and a screen with a scale of 2 at 200 % zoom has 4 of them per CSS
 * pixel. Rows beyond would be painted over each other, so longer lists scroll at a smaller scale.
 */
export const MAX_SCROLL_HEIGHT = 8_000_000

interface Scroller {
  scrollTop: number
  /** Height of the visible part, in pixels. */ height: number
  count: number
  rowHeight: number
}

interface RowWindow {
  /** First drawn row, and the row after the last drawn one. */
  first: number
  last: number
  /** Offset of the first drawn row, in pixels. */
  top: number
  /** Total height, in pixels. */
  total: number
}

export function rowWindow(scroller: Scroller, overscan: number): RowWindow {
  const { scrollTop, height, count, rowHeight } = scroller
  const total = Math.min(count * rowHeight, MAX_SCROLL_HEIGHT)
  const scale = scaleOf(scroller)
  const end = Math.max(0, total - height)
  // Browsers round offsets, and in a list that scrolls at a scale a part of a pixel can be a row.
  const at = scale > 1 && scrollTop > end - 1 ? end : Math.min(Math.max(0, scrollTop), end)
  const offset = at * scale
  const first = Math.max(0, Math.min(Math.floor(offset / rowHeight) - overscan, count))
  const last = Math.min(count, Math.ceil((offset + height) / rowHeight) + overscan)
  return { first, last: Math.max(first, last), top: at - (offset - first * rowHeight), total }
}

/** Returns where to scroll so that a row is fully visible, moving as little as possible. */
export function scrollToRow(scroller: Scroller, index: number): number {
  const { scrollTop, height, rowHeight } = scroller
  const scale = scaleOf(scroller)
  const offset = scrollTop * scale
  const start = index * rowHeight
  if (start < offset) return start / scale
  if (start + rowHeight > offset + height) return (start + rowHeight - height) / scale
  return scrollTop
}

/** Returns how many pixels of the list one pixel of scrolling moves. */
function scaleOf({ height, count, rowHeight }: Scroller): number {
  const whole = count * rowHeight
  return whole <= MAX_SCROLL_HEIGHT ? 1 : (whole - height) / (MAX_SCROLL_HEIGHT - height)
}
