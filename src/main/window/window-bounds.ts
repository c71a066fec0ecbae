interface Bounds {
  x: number
  y: number
  width: number
  height: number
}

const DEFAULT_SIZE = { width: 1100, height: 720 }
export const MIN_SIZE = { width: 900, height: 600 }
/** How much of the window must be on a screen, in pixels, so that it can be found and dragged. */
const VISIBLE = 80

/** Returns where the window opens: at its last position, unless that is invalid or on no current screen. */
export function openingBounds(stored: unknown, screens: readonly Bounds[]): Partial<Bounds> & typeof DEFAULT_SIZE {
  if (!isBounds(stored)) return DEFAULT_SIZE
  const size = { width: Math.max(stored.width, MIN_SIZE.width), height: Math.max(stored.height, MIN_SIZE.height) }
  const seen = screens.some(
    (screen) =>
      overlap(stored.x, stored.width, screen.x, screen.width) >= VISIBLE &&
      stored.y >= screen.y &&
      stored.y <= screen.y + screen.height - VISIBLE,
  )
  return seen ? { x: stored.x, y: stored.y, ...size } : size
}

function isBounds(value: unknown): value is Bounds {
  if (typeof value !== 'object' || value === null) return false
  return ['x', 'y', 'width', 'height'].every((name) => Number.isInteger((value as Record<string, unknown>)[name]))
}

function overlap(start: number, length: number, otherStart: number, otherLength: number): number {
  return Math.min(start + length, otherStart + otherLength) - Math.max(start, otherStart)
}
