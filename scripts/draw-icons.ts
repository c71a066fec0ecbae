import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Resvg } from '@resvg/resvg-js'
import png2icons from 'png2icons'

/**
 * Draws every icon of the app from the one mark below: the app's own, the tray's per state, and the page's. Run it after a
 * change of the mark: `node scripts/draw-icons.ts`. Its output is committed.
 */
const root = join(import.meta.dirname, '..')
const assets = join(root, 'assets')

type TrayState = 'idle' | 'busy' | 'paused' | 'attention'

/** Draws a rounded card with a notch on a grid of 16. `hole` is the shape that is cut out of it. */
function pass(hole: string, cut = ''): string {
  const card =
    'M4.6 1.5h1.9a1.5 1.5 0 0 0 3 0h1.9A1.6 1.6 0 0 1 13 3.1v9.8a1.6 1.6 0 0 1-1.6 1.6H4.6A1.6 1.6 0 0 1 3 12.9V3.1a1.6 1.6 0 0 1 1.6-1.6Z'
  return (
    `<mask id="m" maskUnits="userSpaceOnUse" x="0" y="0" width="16" height="16"><rect width="16" height="16" fill="#fff"/><g fill="#000">${hole}${cut}</g></mask>` +
    `<path mask="url(#m)" d="${card}" fill="currentColor"/>`
  )
}

const KEYHOLE = '<path d="M8 5.4a1.95 1.95 0 0 1 1 3.62V11.6H7V9.02A1.95 1.95 0 0 1 8 5.4Z"/>'
const BARS = '<path d="M5.9 5.6h1.5v5.6H5.9zM8.6 5.6h1.5v5.6H8.6z"/>'

/** States differ in shape, so that one color is enough. */
const TRAY: Record<TrayState, string> = {
  idle: pass(KEYHOLE),
  busy: `${pass(KEYHOLE, '<circle cx="12.6" cy="12.6" r="3.9"/>')}<circle cx="12.6" cy="12.6" r="2.7" fill="currentColor"/>`,
  paused: pass(BARS),
  attention: `${pass(KEYHOLE, '<path d="M11.4-.2h4.8v9h-4.8z"/>')}<path d="M12.5.9h2.4l-.35 4.3h-1.7zM12.6 6.3h2.2v2h-2.2z" fill="currentColor"/>`,
}

function svg(body: string, colour: string, grid = 16): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${grid} ${grid}" color="${colour}">${body}</svg>`
}

function png(source: string, size: number): Buffer {
  return new Resvg(source, { fitTo: { mode: 'width', value: size } }).render().asPng()
}

/** The app's icon: the pass in amber on slate, with the usual margin of system icons. */
const APP = `
  <defs>
    <linearGradient id="slate" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#3a4552"/><stop offset="1" stop-color="#1c222a"/></linearGradient>
    <linearGradient id="amber" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#f7c255"/><stop offset="1" stop-color="#e0951a"/></linearGradient>
  </defs>
  <rect x="5" y="5" width="54" height="54" rx="13" fill="url(#slate)"/>
  <g transform="translate(11.2 11.2) scale(2.6)" color="#f5ae2c">${pass(KEYHOLE).replace('currentColor', 'url(#amber)')}</g>`

mkdirSync(join(assets, 'tray'), { recursive: true })
for (const [state, body] of Object.entries(TRAY)) {
  // A template image is black with transparency: macOS colors it to suit its menu bar.
  const kinds = [
    ['Template', '#000'],
    ['-light', '#2e3641'],
    ['-dark', '#eef0f4'],
  ] as const
  for (const [kind, colour] of kinds) {
    for (const [suffix, scale] of [
      ['', 1],
      ['@2x', 2],
    ] as const) {
      const size = kind === 'Template' ? 18 : 22
      writeFileSync(join(assets, 'tray', `${state}${kind}${suffix}.png`), png(svg(body, colour), size * scale))
    }
    if (kind !== 'Template')
      save(
        join('tray', `${state}${kind}.ico`),
        png2icons.createICO(png(svg(body, colour), 256), png2icons.BICUBIC2, 0, true),
      )
  }
}

const large = png(svg(APP, '#000', 64), 1024)
writeFileSync(join(assets, 'icon.png'), png(svg(APP, '#000', 64), 512))
for (const [name, made] of [
  ['icon.icns', png2icons.createICNS(large, png2icons.BICUBIC2, 0)],
  ['icon.ico', png2icons.createICO(large, png2icons.BICUBIC2, 0, true)],
] as const) {
  save(name, made)
}

function save(name: string, made: Buffer | null): void {
  if (made === null) throw new Error(`${name} could not be made.`)
  writeFileSync(join(assets, name), made)
}
writeFileSync(join(root, 'src/renderer/mark.svg'), `${svg(TRAY.idle, '#e0951a')}\n`)
