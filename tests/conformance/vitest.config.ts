import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import common from '../../vitest.config.ts'

/** With the client's side, which takes minutes. */
export default defineConfig({
  ...common,
  root: join(import.meta.dirname, '../..'),
  test: {
    ...common.test,
    include: ['tests/conformance/*.test.ts', 'tests/conformance/*.suite.ts'],
    fileParallelism: false,
  },
})
