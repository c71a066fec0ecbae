import { join } from 'node:path'
import { defineConfig } from 'electron-vite'
import renderer from './src/renderer/vite.config.ts'

const outDir = join(import.meta.dirname, 'dist/desktop')

/** Each is one CommonJS file with all that it needs: the package carries no node_modules for the shell. */
function bundle(name: 'main' | 'preload') {
  return {
    build: {
      outDir,
      emptyOutDir: false,
      externalizeDeps: false,
      target: 'node18',
      minify: false,
      sourcemap: name === 'main',
      rollupOptions: {
        input: { [name]: join(import.meta.dirname, `src/${name}/index.ts`) },
        output: { format: 'cjs' as const, entryFileNames: '[name].cjs' },
      },
    },
  }
}

export default defineConfig({ main: bundle('main'), preload: bundle('preload'), renderer })
