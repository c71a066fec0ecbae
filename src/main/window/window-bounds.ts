export interface Bounds {
  x: number
  y: number
  width: number
  height: number
}

export const DEFAULT_SIZE = { width: 1100, height: 720 }
export const MIN_SIZE = { width: 900, height: 600 }
/** So much of the window must lie on a screen to be found and dragged. */
const VISIBLE = 80

/** Where the window opens: where it was, unless that place is on no screen any more or no number of ours. */
export function openingBounds(kept: unknown, screens: readonly Bounds[]): Partial<Bounds> & typeof DEFAULT_SIZE {
  if (!isBounds(kept)) return DEFAULT_SIZE
  const size = { width: Math.max(kept.width, MIN_SIZE.width), height: Math.max(kept.height, MIN_SIZE.height) }
  const seen = screens.some(
    (screen) =>
      overlap(kept.x, kept.width, screen.x, screen.width) >= VISIBLE &&
      kept.y >= screen.y &&
      kept.y <= screen.y + screen.height - VISIBLE,
  )
  return seen ? { x: kept.x, y: kept.y, ...size } : size
}

function isBounds(value: unknown): value is Bounds {
  if (typeof value !== 'object' || value === null) return false
  return ['x', 'y', 'width', 'height'].every((name) => Number.isInteger((value as Record<string, unknown>)[name]))
}

function overlap(start: number, length: number, otherStart: number, otherLength: number): number {
  return Math.min(start + length, otherStart + otherLength) - Math.max(start, otherStart)
}
