export interface Curve {
  /** What grows, for the horizontal axis. */
  label: string
  points: readonly { size: number; micros: number }[]
}

const WIDTH = 480
const HEIGHT = 260
const LEFT = 56
const RIGHT = 20
const TOP = 40
const BOTTOM = 48

/** Draws CPU per request over a size, whose axis is logarithmic, as an SVG picture. */
export function drawCurve({ label, points }: Curve): string {
  const sizes = points.map(({ size }) => Math.log10(Math.max(1, size)))
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)]
  const top = roundUp(Math.max(...points.map(({ micros }) => micros)))
  const x = (size: number): number =>
    LEFT + ((Math.log10(Math.max(1, size)) - least) / Math.max(most - least, 1e-9)) * (WIDTH - LEFT - RIGHT)
  const y = (micros: number): number => HEIGHT - BOTTOM - (micros / top) * (HEIGHT - TOP - BOTTOM)
  const places = points.map(({ size, micros }) => ({ size, micros, x: Math.round(x(size)), y: Math.round(y(micros)) }))
  const lines = [0, top / 2, top].map(
    (micros) =>
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(micros)}" y2="${y(micros)}" stroke="#ccc"/>` +
      text(LEFT - 8, y(micros) + 4, String(Math.round(micros)), 'end'),
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<title>CPU per request, ${label}</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${text(LEFT, 20, `CPU µs per request, ${label}`, 'start')}
${lines.join('\n')}
<polyline fill="none" stroke="#1c7ed6" stroke-width="2" points="${places.map((place) => `${place.x},${place.y}`).join(' ')}"/>
${places
  .map(
    (place) =>
      `<circle cx="${place.x}" cy="${place.y}" r="3" fill="#1c7ed6"/>` +
      text(place.x, place.y - 8, String(Math.round(place.micros)), 'middle') +
      text(place.x, HEIGHT - BOTTOM + 18, place.size.toLocaleString('en-US'), 'middle'),
  )
  .join('\n')}
${text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, label, 'middle')}
</svg>
`
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="#333">${content}</text>`
}

/** Returns the next of 1, 2, 5 and their multiples of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)))
  return ([1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10) * power
}
