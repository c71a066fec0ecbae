import { expect, test } from 'vitest'
import { HallpassError } from '../../../src/contract/errors.ts'
import type { Job } from '../../../src/engine/documents/sqlite/worker-messages.ts'
import { createWorkerPool } from '../../../src/engine/documents/sqlite/worker-pool.ts'
import type { WorkerProcess } from '../../../src/engine/documents/sqlite/worker-process.ts'
import { createTestClock } from '../../support/test-clock.ts'
import { scriptedWorker } from './scripted-worker.ts'

const READ: Job = { kind: 'read', method: 'get_records', fields: { table: 't' }, window: 4 }

function poolOf(...workers: WorkerProcess[]) {
  const clock = createTestClock()
  const start = (): WorkerProcess => {
    const worker = workers.shift()
    if (worker === undefined) throw new Error('No more workers.')
    return worker
  }
  return { pool: createWorkerPool({ size: 1, idleMs: 60_000, waitMs: 1000, clock, start }), clock }
}

const OPTIONS = { signal: new AbortController().signal, silenceMs: 10_000, onAbort: 'stop' } as const

test('a finished job sends nothing to the next one on its worker', async () => {
  const { worker, posted, say } = scriptedWorker()
  const { pool } = poolOf(worker)
  const first = await pool.start(READ, OPTIONS)
  say({ kind: 'ready' })
  say({ kind: 'done', data: '', records: 0, tookMs: 0 })
  await first.result
  const second = await pool.start(READ, OPTIONS)
  first.post({ kind: 'credit' })
  first.post({ kind: 'end' })
  expect(posted.map(({ kind }) => kind)).toEqual(['job', 'job'])
  second.post({ kind: 'credit' })
  expect(posted.at(-1)).toEqual({ kind: 'credit' })
  await pool.close()
})

test('a worker that leaves its read too slowly is killed, and gets no other job even if it responds before it exits', async () => {
  const [slow, fresh] = [scriptedWorker(), scriptedWorker()]
  const { pool, clock } = poolOf(slow.worker, fresh.worker)
  const left = await pool.start(READ, OPTIONS)
  slow.say({ kind: 'ready' })
  left.abandon(new HallpassError('UPSTREAM_ERROR', 'The client closed the stream.'))
  expect(slow.posted.at(-1)).toEqual({ kind: 'cancel' })
  clock.advance(250)
  expect(slow.kill).toHaveBeenCalledOnce()
  slow.say({ kind: 'done', data: '', records: 0, tookMs: 0 })
  const next = pool.start(READ, OPTIONS)
  slow.exit()
  await next
  expect(slow.posted.map(({ kind }) => kind)).toEqual(['job', 'cancel'])
  expect(fresh.posted.map(({ kind }) => kind)).toEqual(['job'])
  await pool.close()
})
