import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { expect, test } from 'vitest'

const TESTS = join(import.meta.dirname, '..')

/** Where a test may let time pass, and why. A wait can't prove that nothing happened: await an event or use a fake clock. */
const ALLOWED: Record<string, string> = {
  'support/until.ts': 'looks at what only shows from outside, again and again',
  'support/keyboard.ts': 'lets the timers of a page run that it started itself',
  'support/grist-stand-in/start-grist-stand-in.ts': 'is a server that takes its time',
  'conformance/fixture/tools.ts': 'is a server that takes its time',
  'conformance/fixture/server.ts': 'is a server that takes its time',
  'conformance/client-command.ts': 'is a client with no other way to hear of an end',
  'bridge/support/crashing-upstream.ts': 'is a server that crashes a little later',
  'bridge/sessions.test.ts': 'has answers come in any order',
  'bridge/many-upstreams.test.ts': 'has answers come in any order',
  'log/support/faulty-log-worker.ts': 'is a thread that takes its time, or never ends',
  'store/kill.test.ts': 'kills at any moment',
  'security/upstream-children.test.ts': 'quits at any moment of a launch',
  'http/support/raw-request.ts': 'gives up a connection that never answers',
  'desktop/package.test.ts': 'kills an app that does not end',
  'agents/agents.suite.ts': 'kills an agent that does not end',
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|cjs|mjs)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
}

test('no test sleeps', () => {
  const waiting = filesIn(TESTS)
    .filter((file) =>
      /\bsetTimeout\(|timers\/promises|waitForTimeout\(|Atomics\.wait\(/.test(readFileSync(file, 'utf8')),
    )
    .map((file) => relative(TESTS, file).replaceAll(sep, '/'))
  expect(waiting.filter((file) => !(file in ALLOWED))).toEqual([])
  expect(Object.keys(ALLOWED).filter((file) => !waiting.includes(file))).toEqual([])
})
