import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// electron-vite bundles this file into its own, where import.meta.dirname is another folder.
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/**
 * One build for the window and the console: relative URLs, and a placeholder that each server replaces with its nonce.
 */
export default defineConfig({
  root: here('.'),
  base: './',
  plugins: [react()],
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    outDir: here('../../dist/renderer'),
    emptyOutDir: true,
    license: { fileName: 'THIRD-PARTY-NOTICES.md' },
    target: 'chrome114',
    // electron-vite's desktop build doesn't minify by default.
    minify: 'oxc',
    cssMinify: 'lightningcss',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
  },
})
