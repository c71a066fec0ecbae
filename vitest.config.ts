import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const CONSOLE_TESTS = 'tests/console/**/*.test.ts'
const DESKTOP_TESTS = 'tests/desktop/**/*.test.ts'

/**
 * Limits for tests in a real browser or a real Electron. They wait for facts, never for time, so a limit only ends a test that
 * hangs. With one core kept busy a screen may take ten times as long.
 */
const PATIENT = { testTimeout: 300_000, hookTimeout: 300_000, expect: { poll: { timeout: 60_000 } } }

// Tests start hundreds of processes from source: the engine, the command line, SQLite workers. Node keeps their compiled code.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/node-compile')

export default defineConfig({
  test: {
    globalSetup: 'tests/support/build-engine.ts',
    pool: 'forks',
    teardownTimeout: 10_000,
    // Sources that did not change since an earlier run are not transformed again.
    experimental: { fsModuleCache: true, fsModuleCachePath: 'node_modules/.cache/vitest-modules' },
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          // Files run one after the other in the same processes. No module of Hallpass has state, and loading all of them
          // anew for each file takes longer than most files run.
          isolate: false,
          // Twice as many as cores, because many of these tests wait for processes that they started.
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
          include: ['tests/**/*.test.ts'],
          exclude: [CONSOLE_TESTS, DESKTOP_TESTS],
          // Only to end a test that hangs, on a machine that does much else too.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 20_000 } },
        },
      },
      // One browser for each of the two processes.
      {
        extends: true,
        test: {
          name: 'console',
          include: [CONSOLE_TESTS],
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          ...PATIENT,
        },
      },
      // One file after the other: they share the clipboard of one display.
      {
        extends: true,
        test: {
          name: 'desktop',
          include: [DESKTOP_TESTS],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          ...PATIENT,
        },
      },
    ],
  },
})
