import { join, resolve } from 'node:path'
import { loadConfigFromFile } from 'electron-vite'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

test('the screens are built from src/renderer into dist/renderer, wherever the config is bundled to, and nothing outside of the folder', async () => {
  const { config } = await loadConfigFromFile(
    { command: 'build', mode: 'production' },
    join(root, 'electron.vite.config.ts'),
    root,
  )
  const { main, preload, renderer } = config as Record<
    'main' | 'preload' | 'renderer',
    { root?: string; build?: { outDir?: string } }
  >
  expect(resolve(renderer.root ?? '')).toBe(join(root, 'src/renderer'))
  expect(renderer.build?.outDir).toBe(join(root, 'dist/renderer'))
  expect(main.build?.outDir).toBe(join(root, 'dist/desktop'))
  expect(preload.build?.outDir).toBe(join(root, 'dist/desktop'))
})
