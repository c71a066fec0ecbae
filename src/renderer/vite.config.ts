import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

// electron-vite bundles this file into its own, where import.meta.dirname is another folder.
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/**
 * Mantine replaces the ID that React gives each field, menu and popover with a random one after mounting, which draws all of them
 * twice before they are seen. Those of React are as unique on a page with one root.
 */
function idsOfReact(): Plugin {
  let isReplaced = false
  return {
    name: 'ids-of-react',
    apply: 'build',
    load: {
      filter: { id: /@mantine\/hooks\/esm\/use-id\/use-id\.mjs$/ },
      handler() {
        isReplaced = true
        return `import { useId as useReactId } from 'react'
          export function useId(given) {
            const id = useReactId()
            return typeof given === 'string' ? given : 'mantine-' + id.replace(/\\W/g, '')
          }`
      },
    },
    // Another version may have it elsewhere, and everything would silently be drawn twice again.
    buildEnd(error) {
      if (error === undefined && !isReplaced) this.error('Mantine has no use-id.mjs where it was.')
    },
  }
}

/**
 * One build for the window and the console: relative URLs, and a placeholder that each server replaces with its nonce.
 */
export default defineConfig({
  root: here('.'),
  base: './',
  plugins: [react(), idsOfReact()],
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
