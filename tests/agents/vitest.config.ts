import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Installs agents from npm, so it isn't part of `npm test`. */
export default defineConfig({
  root: join(import.meta.dirname, '../..'),
  test: { include: ['tests/agents/*.suite.ts'], fileParallelism: false },
})
