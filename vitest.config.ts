import { defineConfig } from 'vitest/config'

const CONSOLE_TESTS = 'tests/console/**/*.test.ts'
const DESKTOP_TESTS = 'tests/desktop/**/*.test.ts'

/**
 * Limits for tests in a real browser or a real Electron. They wait for facts, never for time, so a limit only ends a test that
 * hangs. With one core kept busy a screen may take ten times as long.
 */
const PATIENT = { testTimeout: 300_000, hookTimeout: 300_000, expect: { poll: { timeout: 60_000 } } }

export default defineConfig({
  test: {
    // Each file runs in its own process, so that native parts, child processes and ports never leak into the next.
    pool: 'forks',
    maxWorkers: 2,
    teardownTimeout: 10_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['tests/**/*.test.ts'],
          exclude: [CONSOLE_TESTS, DESKTOP_TESTS],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          expect: { poll: { timeout: 5000 } },
        },
      },
      { extends: true, test: { name: 'console', include: [CONSOLE_TESTS], ...PATIENT } },
      // One file after the other: they share the clipboard of one display.
      { extends: true, test: { name: 'desktop', include: [DESKTOP_TESTS], fileParallelism: false, ...PATIENT } },
    ],
  },
})
