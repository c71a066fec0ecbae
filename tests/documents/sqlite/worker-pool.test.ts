import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants, getPriority } from 'node:os'
import { expect, test, vi } from 'vitest'
import { HallpassError } from '../../../src/contract/errors.ts'
import type { FromWorker, Job, ToWorker } from '../../../src/engine/documents/sqlite/worker-messages.ts'
import { createWorkerPool } from '../../../src/engine/documents/sqlite/worker-pool.ts'
import type { WorkerProcess } from '../../../src/engine/documents/sqlite/worker-process.ts'
import { yieldingWorker } from '../../../src/engine/documents/sqlite/yielding-worker.ts'
import { createTestClock } from '../../support/test-clock.ts'

const READ: Job = { kind: 'read', method: 'get_records', fields: { table: 't' }, window: 4 }

/** A worker that the test speaks for. */
function scriptedWorker() {
  const posted: ToWorker[] = []
  const kill = vi.fn<() => void>()
  let listener: (message: FromWorker) => void = () => {}
  const exit = Promise.withResolvers<void>()
  const worker: WorkerProcess = {
    post: (message) => void posted.push(message),
    listen(next) {
      listener = next
    },
    kill,
    async close() {
      exit.resolve()
    },
    exited: exit.promise,
    pid: () => undefined,
  }
  return { worker, posted, kill, exit: exit.resolve, say: (message: FromWorker) => listener(message) }
}

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

test('a job that has ended sends nothing to the next one on its worker', async () => {
  const { worker, posted, say } = scriptedWorker()
  const { pool } = poolOf(worker)
  const first = await pool.start(READ, OPTIONS)
  say({ kind: 'ready' })
  say({ kind: 'done', data: '', records: 0 })
  await first.result
  const second = await pool.start(READ, OPTIONS)
  first.post({ kind: 'credit' })
  first.post({ kind: 'end' })
  expect(posted.map(({ kind }) => kind)).toEqual(['job', 'job'])
  second.post({ kind: 'credit' })
  expect(posted.at(-1)).toEqual({ kind: 'credit' })
  await pool.close()
})

test('a worker that leaves its read too slowly is killed, and gets no other job even if it answers before it exits', async () => {
  const [slow, fresh] = [scriptedWorker(), scriptedWorker()]
  const { pool, clock } = poolOf(slow.worker, fresh.worker)
  const left = await pool.start(READ, OPTIONS)
  slow.say({ kind: 'ready' })
  left.abandon(new HallpassError('UPSTREAM_ERROR', 'The client closed the stream.'))
  expect(slow.posted.at(-1)).toEqual({ kind: 'cancel' })
  clock.advance(250)
  expect(slow.kill).toHaveBeenCalledOnce()
  slow.say({ kind: 'done', data: '', records: 0 })
  const next = pool.start(READ, OPTIONS)
  slow.exit()
  await next
  expect(slow.posted.map(({ kind }) => kind)).toEqual(['job', 'cancel'])
  expect(fresh.posted.map(({ kind }) => kind)).toEqual(['job'])
  await pool.close()
})

test('a worker that ran long yields the processor to the others, and gets no other job', async () => {
  const long = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  try {
    await once(long, 'spawn')
    const [first, second] = [scriptedWorker(), scriptedWorker()]
    const clock = createTestClock()
    const workers = [yieldingWorker({ ...first.worker, pid: () => long.pid }, clock), second.worker]
    const pool = createWorkerPool({
      size: 1,
      idleMs: 60_000,
      waitMs: 1000,
      clock,
      start: () => workers.shift() as WorkerProcess,
    })
    const job = await pool.start(READ, OPTIONS)
    clock.advance(999)
    expect(getPriority(long.pid)).toBe(getPriority())
    clock.advance(1)
    expect(getPriority(long.pid)).toBe(constants.priority.PRIORITY_LOW)
    first.say({ kind: 'done', data: '1', records: 0 })
    expect((await job.result).data).toBe('1')
    const next = await pool.start(READ, OPTIONS)
    expect(first.posted.filter(({ kind }) => kind === 'job')).toHaveLength(1)
    second.say({ kind: 'done', data: '2', records: 0 })
    expect((await next.result).data).toBe('2')
  } finally {
    long.kill('SIGKILL')
  }
})

test('a worker whose jobs are short keeps its priority and gets the next one', async () => {
  const worker = scriptedWorker()
  const priority = vi.fn<() => number | undefined>()
  const clock = createTestClock()
  const yielding = yieldingWorker({ ...worker.worker, pid: priority }, clock)
  const pool = createWorkerPool({ size: 1, idleMs: 60_000, waitMs: 1000, clock, start: () => yielding })
  for (const data of ['1', '2', '3']) {
    const job = await pool.start(READ, OPTIONS)
    clock.advance(900)
    worker.say({ kind: 'done', data, records: 0 })
    expect((await job.result).data).toBe(data)
  }
  clock.advance(5_000)
  expect(priority).not.toHaveBeenCalled()
  expect(worker.posted.filter(({ kind }) => kind === 'job')).toHaveLength(3)
})
