import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import common from '../../vitest.config.ts'

// The projects have lists of tests of their own.
const { projects: _projects, ...settings } = common.test ?? {}

/** With the client's side, which takes minutes. */
export default defineConfig({
  ...common,
  root: join(import.meta.dirname, '../..'),
  test: {
    ...settings,
    include: ['tests/conformance/*.test.ts', 'tests/conformance/*.suite.ts'],
    fileParallelism: false,
  },
})
