import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Installs servers from npm, so it isn't part of `npm test`. */
export default defineConfig({
  root: join(import.meta.dirname, '../..'),
  test: { include: ['tests/interop/*.suite.ts'], fileParallelism: false },
})
