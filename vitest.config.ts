import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const CONSOLE_TESTS = 'tests/console/**/*.test.ts'
const DESKTOP_TESTS = 'tests/desktop/**/*.test.ts'

/** Files that take longest, longest first. */
const SLOW = [
  'cli/documented-examples',
  'interop/stdio-outlives-engine',
  'cli/command-line',
  'interop/public-servers',
  'documents/sqlite/streams',
  'documents/sqlite/methods',
  'integration/interrupted-calls',
  'conformance/server',
  'documents/sqlite/foreign-schemas',
  'mcp-upstreams/public-servers',
  'bridge/idle-clients',
  'console/long-log',
  'console/log',
  'console/connections',
  'console/session-token',
].map((name) => join(import.meta.dirname, `tests/${name}.test.ts`))

/** Starts the slowest files first, so that no process is left alone with one at the end. Vitest takes long files for slow ones. */
class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification): number => {
      const index = SLOW.indexOf(moduleId)
      return project.config.sequence.groupOrder * 1000 + (index === -1 ? SLOW.length : index)
    }
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other))
  }
}

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
    sequence: { sequencer: SlowFirst },
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
          isolate: false,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          ...PATIENT,
        },
      },
    ],
  },
})
