import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// Not import.meta.dirname: electron-vite bundles this file into its own, where that is the folder of the whole.
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** One build for the window and for the console: relative addresses, and a placeholder that each server fills with its nonce. */
export default defineConfig({
  root: here('.'),
  base: './',
  plugins: [react()],
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    outDir: here('../../dist/renderer'),
    emptyOutDir: true,
    target: 'chrome114',
    // The desktop build of electron-vite would leave it out.
    minify: 'oxc',
    cssMinify: 'lightningcss',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
  },
})
