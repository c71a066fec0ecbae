import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // Each file in a process of its own: native parts, child processes and ports never leak from one into the next.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    // Waiting ends as soon as the fact is there; a busy machine is no failure.
    expect: { poll: { timeout: 5000 } },
  },
})
