import { expect, test } from 'vitest'
import type { FromWorker, Job, ToWorker } from '../../../src/engine/documents/sqlite/worker-messages.ts'
import { createWorkerPool } from '../../../src/engine/documents/sqlite/worker-pool.ts'
import type { WorkerProcess } from '../../../src/engine/documents/sqlite/worker-process.ts'
import { createTestClock } from '../../support/test-clock.ts'

const READ: Job = { kind: 'read', method: 'get_records', fields: { table: 't' }, window: 4 }

/** A worker that the test speaks for. */
function scriptedWorker() {
  const posted: ToWorker[] = []
  let listener: (message: FromWorker) => void = () => {}
  const exit = Promise.withResolvers<void>()
  const worker: WorkerProcess = {
    post: (message) => void posted.push(message),
    listen(next) {
      listener = next
    },
    kill: () => exit.resolve(),
    async close() {
      exit.resolve()
    },
    exited: exit.promise,
  }
  return { worker, posted, say: (message: FromWorker) => listener(message) }
}

function poolOf(worker: WorkerProcess) {
  return createWorkerPool({ size: 1, idleMs: 60_000, waitMs: 1000, clock: createTestClock(), start: () => worker })
}

test('a job that has ended sends nothing to the next one on its worker', async () => {
  const { worker, posted, say } = scriptedWorker()
  const pool = poolOf(worker)
  const options = { signal: new AbortController().signal, silenceMs: 10_000, onAbort: 'stop' } as const
  const first = await pool.start(READ, options)
  say({ kind: 'ready' })
  say({ kind: 'done', data: null })
  await first.result
  const second = await pool.start(READ, options)
  first.post({ kind: 'credit' })
  first.post({ kind: 'end' })
  expect(posted.map(({ kind }) => kind)).toEqual(['job', 'job'])
  second.post({ kind: 'credit' })
  expect(posted.at(-1)).toEqual({ kind: 'credit' })
  await pool.close()
})
