import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants, getPriority } from 'node:os'
import { expect, test, vi } from 'vitest'
import { createCallPool, type Share } from '../../../src/engine/documents/sqlite/read-ahead/call-pool.ts'
import type { CallKind } from '../../../src/engine/documents/sqlite/read-ahead/queued-call.ts'
import type { Job } from '../../../src/engine/documents/sqlite/worker-messages.ts'
import type { WorkerProcess } from '../../../src/engine/documents/sqlite/worker-process.ts'
import { createTestClock } from '../../support/test-clock.ts'
import { scriptedWorker } from './scripted-worker.ts'

const NONE: Share = { workers: 0, perKey: 0 }
const ONE: Share = { workers: 1, perKey: 1 }
const TWO: Share = { workers: 2, perKey: 2 }

type Scripted = ReturnType<typeof scriptedWorker>

function callOf(query: string): Job {
  return {
    kind: 'call',
    call: { method: 'sql_query', fields: { query } },
    permission: 'read',
    limits: { rows: 1, bytes: 1 },
  }
}

/** The queries that a worker was sent. */
function sent({ posted }: Scripted): string[] {
  return posted.flatMap((message) =>
    message.kind === 'job' && message.job.kind === 'call' && message.job.call.method === 'sql_query'
      ? [message.job.call.fields.query]
      : [],
  )
}

function rig(
  count: number,
  options: { queries?: Share; changes?: Share; reads?: Share; graceMs?: number; pid?: () => number | undefined } = {},
) {
  const scripted = Array.from({ length: count }, scriptedWorker)
  const left = [...scripted]
  const clock = createTestClock()
  const pool = createCallPool({
    shares: { query: options.queries ?? ONE, change: options.changes ?? NONE, read: options.reads ?? NONE },
    graceMs: options.graceMs ?? 0,
    idleMs: 60_000,
    waitMs: 30_000,
    clock,
    start: (): WorkerProcess => {
      const next = left.shift()
      if (next === undefined) throw new Error('No more workers.')
      return { ...next.worker, ...(options.pid === undefined ? {} : { pid: options.pid }) }
    },
  })
  const run = (
    query: string,
    {
      kind = 'query' as CallKind,
      key = 'a',
      signal = new AbortController().signal,
      silenceMs = 10_000,
    }: { kind?: CallKind; key?: string; signal?: AbortSignal; silenceMs?: number } = {},
  ) => {
    const result = pool.run(kind, callOf(query), { signal, key, silenceMs }).then(
      ({ data }) => data,
      (error: { code: string; reason?: string }) => error.reason ?? error.code,
    )
    return result
  }
  return { workers: scripted as [Scripted, ...Scripted[]], clock, pool, run }
}

function answer({ say }: Scripted, data: string, tookMs = 0.1): void {
  say({ kind: 'done', data, records: 0, tookMs })
}

/** Starts the first worker with one short call, so that it gets others ahead. */
async function quickRig(options: Parameters<typeof rig>[1] & { workers?: number } = {}) {
  const all = rig(options.workers ?? 1, options)
  const first = all.run('warm')
  all.workers[0].say({ kind: 'ready' })
  answer(all.workers[0], 'warm')
  await first
  return all
}

test('gives a worker a second call only after a first short one', async () => {
  const { workers, run } = rig(1)
  const [worker] = workers
  const calls = ['1', '2', '3'].map((query) => run(query))
  expect(sent(worker)).toEqual(['1'])
  worker.say({ kind: 'ready' })
  expect(sent(worker)).toEqual(['1'])
  answer(worker, 'one', 5)
  expect(sent(worker)).toEqual(['1', '2'])
  answer(worker, 'two', 0.2)
  answer(worker, 'three')
  expect(await Promise.all(calls)).toEqual(['one', 'two', 'three'])
})

test('sends up to 16 short calls ahead, and delivers their responses in order', async () => {
  const { workers, run } = await quickRig()
  const [worker] = workers
  const calls = Array.from({ length: 18 }, (_, n) => run(String(n)))
  expect(sent(worker)).toHaveLength(1 + 16)
  for (let n = 0; n < 18; n += 1) answer(worker, `answer ${n}`)
  expect(await Promise.all(calls)).toEqual(Array.from({ length: 18 }, (_, n) => `answer ${n}`))
})

test('moves calls behind a long one to another worker, and ignores their late responses', async () => {
  const { workers, clock, run } = await quickRig({ workers: 2, queries: TWO })
  const [first, second] = workers as [Scripted, Scripted]
  const [long, short] = [run('long'), run('short')]
  expect(sent(first)).toEqual(['warm', 'long', 'short'])
  clock.advance(20)
  expect(first.posted.at(-1)).toEqual({ kind: 'withdraw' })
  expect(sent(second)).toEqual(['short'])
  second.say({ kind: 'ready' })
  answer(second, 'short')
  expect(await short).toBe('short')
  answer(first, 'long', 30)
  // The first worker had started it before it read that it was withdrawn.
  answer(first, 'short again')
  first.say({ kind: 'withdrawn', count: 0 })
  expect(await long).toBe('long')
  expect(first.kill).not.toHaveBeenCalled()
})

test('holds calls behind a long one on the only worker until it has dropped the withdrawn ones', async () => {
  const { workers, clock, run } = await quickRig()
  const [worker] = workers
  const [long, short] = [run('long'), run('short')]
  clock.advance(20)
  answer(worker, 'long', 30)
  expect(sent(worker)).toEqual(['warm', 'long', 'short'])
  worker.say({ kind: 'withdrawn', count: 1 })
  expect(sent(worker)).toEqual(['warm', 'long', 'short', 'short'])
  answer(worker, 'short')
  expect(await Promise.all([long, short])).toEqual(['long', 'short'])
})

test('runs a call after all that the worker dropped before starting it', async () => {
  const { workers, clock, run } = await quickRig()
  const [worker] = workers
  const calls = [run('first'), run('second')]
  clock.advance(20)
  // Both arrived together with their withdrawal.
  worker.say({ kind: 'withdrawn', count: 2 })
  expect(sent(worker).slice(3).toSorted()).toEqual(['first'])
  answer(worker, 'first')
  expect(sent(worker).slice(3)).toEqual(['first', 'second'])
  answer(worker, 'second')
  expect(await Promise.all(calls)).toEqual(['first', 'second'])
})

test('fails a call that takes too long together with its worker, and runs those behind it on the next one', async () => {
  const { workers, clock, run } = await quickRig({ workers: 2 })
  const [first, second] = workers as [Scripted, Scripted]
  const [slow, behind] = [run('slow', { silenceMs: 1000 }), run('behind')]
  clock.advance(1000)
  expect(await slow).toBe('UPSTREAM_TIMEOUT')
  expect(first.kill).toHaveBeenCalledOnce()
  // What a killed worker still sent doesn't count.
  answer(first, 'late')
  first.exit()
  await vi.waitFor(() => expect(sent(second)).toEqual(['behind']))
  second.say({ kind: 'ready' })
  answer(second, 'behind')
  expect(await behind).toBe('behind')
})

test('a worker that dies fails only the call that it ran', async () => {
  const { workers, run } = await quickRig({ workers: 2 })
  const [first, second] = workers as [Scripted, Scripted]
  const calls = [run('answered'), run('running'), run('behind')]
  answer(first, 'answered')
  first.exit()
  await vi.waitFor(() => expect(sent(second)).toEqual(['behind']))
  second.say({ kind: 'ready' })
  answer(second, 'behind')
  expect(await Promise.all(calls)).toEqual(['answered', 'worker_lost', 'behind'])
})

test('rejects a caller that leaves immediately, whether its call is waiting, ahead or running', async () => {
  const { workers, clock, run } = await quickRig({ workers: 2 })
  const [first] = workers
  const abort = new AbortController()
  const { signal } = abort
  const calls = Array.from({ length: 17 }, (_, n) => run(`left ${n}`, { signal }))
  const stays = run('stays')
  abort.abort()
  expect(await Promise.all(calls)).toEqual(Array.from({ length: 17 }, () => 'UPSTREAM_ERROR'))
  for (let n = 0; n < 16; n += 1) answer(first, 'for nobody')
  answer(first, 'stays')
  expect(await stays).toBe('stays')
  expect(sent(first)).not.toContain('left 16')
  clock.advance(1000)
  expect(first.kill).not.toHaveBeenCalled()
})

test('kills a worker that continues with an abandoned call', async () => {
  const { workers, clock, run } = await quickRig({ workers: 2 })
  const [first, second] = workers as [Scripted, Scripted]
  const abort = new AbortController()
  const left = run('left', { signal: abort.signal })
  clock.advance(5)
  abort.abort()
  await left
  clock.advance(249)
  expect(first.kill).not.toHaveBeenCalled()
  clock.advance(1)
  expect(first.kill).toHaveBeenCalledOnce()
  first.exit()
  const next = run('next')
  await vi.waitFor(() => expect(sent(second)).toEqual(['next']))
  second.say({ kind: 'ready' })
  answer(second, 'next')
  expect(await next).toBe('next')
})

test('serves the key with the fewest calls first, and lets no key fill the workers reserved for others', async () => {
  const { workers, run } = rig(3, { queries: { workers: 3, perKey: 2 } })
  const [first, second, third] = workers as [Scripted, Scripted, Scripted]
  for (const query of ['a1', 'a2', 'a3', 'a4']) void run(query)
  expect([first, second, third].map(sent)).toEqual([['a1'], [], []])
  first.say({ kind: 'ready' })
  second.say({ kind: 'ready' })
  expect([first, second, third].map(sent)).toEqual([['a1'], ['a2'], []])
  const quiet = run('b1', { key: 'b' })
  expect(sent(third)).toEqual(['b1'])
  third.say({ kind: 'ready' })
  void run('c1', { key: 'c' })
  // b has a call less than a, which waits longer.
  answer(third, 'b1', 5)
  expect(await quiet).toBe('b1')
  expect(sent(third)).toEqual(['b1', 'c1'])
  answer(first, 'a1', 5)
  expect(sent(first)).toEqual(['a1', 'a3'])
})

test('kills a worker that sends an unrequested response, is ready twice or drops more calls than it had', async () => {
  const one = await quickRig()
  answer(one.workers[0], 'unasked')
  expect(one.workers[0].kill).toHaveBeenCalledOnce()
  const repeating = await quickRig()
  repeating.workers[0].say({ kind: 'ready' })
  expect(repeating.workers[0].kill).toHaveBeenCalledOnce()
  const other = await quickRig()
  void other.run('running')
  other.workers[0].say({ kind: 'withdrawn', count: 3 })
  expect(other.workers[0].kill).toHaveBeenCalledOnce()
})

test('fails a call that waits too long for a worker, and keeps the others waiting', async () => {
  const { workers, clock, run } = rig(1)
  const running = run('running', { silenceMs: 60_000 })
  workers[0].say({ kind: 'ready' })
  const early = run('early')
  clock.advance(20_000)
  const late = run('late')
  clock.advance(10_000)
  expect(await early).toBe('UPSTREAM_TIMEOUT')
  answer(workers[0], 'running', 30_000)
  answer(workers[0], 'late')
  expect(await Promise.all([running, late])).toEqual(['running', 'late'])
})

test('closes an idle worker, and rejects calls once the pool closes', async () => {
  const { workers, clock, pool, run } = await quickRig({ workers: 2 })
  const [first, second] = workers as [Scripted, Scripted]
  const close = vi.spyOn(first.worker, 'close')
  clock.advance(59_999)
  const call = run('again')
  answer(first, 'again')
  await call
  clock.advance(59_999)
  expect(close).not.toHaveBeenCalled()
  clock.advance(2)
  await first.worker.exited
  const [running, waiting] = [run('running'), run('waiting')]
  second.kill.mockImplementation(second.exit)
  await pool.close()
  expect(await Promise.all([running, waiting, run('later')])).toEqual(Array.from({ length: 3 }, () => 'UPSTREAM_ERROR'))
})

test('yields the processor of a worker that ran long to the others, and gives it no other call', async () => {
  const long = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  try {
    await once(long, 'spawn')
    const { workers, clock, run } = await quickRig({ workers: 2, pid: () => long.pid })
    const [first, second] = workers as [Scripted, Scripted]
    const job = run('long')
    clock.advance(999)
    expect(getPriority(long.pid)).toBe(getPriority())
    clock.advance(1)
    expect(getPriority(long.pid)).toBe(constants.priority.PRIORITY_LOW)
    answer(first, 'long', 1000)
    expect(await job).toBe('long')
    const next = run('next')
    await vi.waitFor(() => expect(sent(second)).toEqual(['next']))
    second.say({ kind: 'ready' })
    answer(second, 'next')
    expect(await next).toBe('next')
  } finally {
    long.kill('SIGKILL')
  }
})

test("rejects a waiting call if the worker that would run it can't start", async () => {
  const { workers, run } = rig(1)
  const first = run('one')
  const waiting = run('two')
  workers[0].exit()
  expect(await first).not.toBe('one')
  expect(await waiting).toBeUndefined()
})

const ALL = { queries: TWO, changes: ONE, reads: ONE } as const

test('gives one worker calls of all kinds, and starts another only for a call that has waited', async () => {
  const { workers, clock, run } = await quickRig({ workers: 2, ...ALL, graceMs: 25 })
  const [first, second] = workers as [Scripted, Scripted]
  const long = run('long')
  expect(sent(first)).toEqual(['warm', 'long'])
  const change = run('change', { kind: 'change' })
  clock.advance(24)
  expect(sent(second)).toEqual([])
  clock.advance(26)
  expect(sent(second)).toEqual(['change'])
  second.say({ kind: 'ready' })
  answer(second, 'change', 3)
  answer(first, 'long', 50)
  expect(await Promise.all([long, change])).toEqual(['long', 'change'])
  for (const kind of ['read', 'query', 'change'] as const) {
    const call = run(kind, { kind })
    expect(sent(first).at(-1)).toBe(kind)
    answer(first, kind)
    expect(await call).toBe(kind)
  }
})

test('starts another worker later while calls keep ending, and soon once one takes long', async () => {
  const { workers, clock, run } = await quickRig({ workers: 2, ...ALL, graceMs: 25 })
  const [first, second] = workers as [Scripted, Scripted]
  const calls = Array.from({ length: 17 }, (_, n) => run(String(n)))
  for (let n = 0; n < 7; n += 1) {
    clock.advance(15)
    answer(first, String(n), 15)
  }
  expect(sent(second)).toEqual([])
  clock.advance(30)
  expect(sent(second)).toHaveLength(1)
  second.say({ kind: 'ready' })
  expect(await Promise.all(calls.slice(0, 7))).toEqual(Array.from({ length: 7 }, (_, n) => String(n)))
})

test('starts another worker for a change that waits behind reads, which never leave one without calls', async () => {
  const { workers, clock, run } = await quickRig({ workers: 2, ...ALL, graceMs: 25 })
  const [first, second] = workers as [Scripted, Scripted]
  const reads = Array.from({ length: 9 }, (_, n) => run(String(n)))
  const change = run('change', { kind: 'change' })
  clock.advance(15)
  answer(first, '0', 15)
  expect(sent(second)).toEqual([])
  clock.advance(10)
  expect(sent(second)).toEqual(['change'])
  second.say({ kind: 'ready' })
  answer(second, 'change', 3)
  expect(await Promise.all([reads[0], change])).toEqual(['0', 'change'])
})

test('sends a change only to a worker without calls, and never two at once', async () => {
  const { workers, clock, run } = await quickRig({ workers: 2, ...ALL })
  const [first, second] = workers as [Scripted, Scripted]
  const read = run('read', { kind: 'read' })
  const changes = [run('one', { kind: 'change' }), run('two', { kind: 'change' })]
  expect([sent(first), sent(second)]).toEqual([['warm', 'read'], ['one']])
  answer(first, 'read')
  second.say({ kind: 'ready' })
  clock.advance(100)
  expect([sent(first), sent(second)]).toEqual([['warm', 'read'], ['one']])
  answer(second, 'one', 3)
  expect(sent(first).at(-1)).toBe('two')
  answer(first, 'two', 3)
  expect(await Promise.all([read, ...changes])).toEqual(['read', 'one', 'two'])
})

test('never repeats a change whose worker dies, unlike the reads behind it', async () => {
  const { workers, run } = await quickRig({ workers: 2, ...ALL })
  const [first, second] = workers as [Scripted, Scripted]
  const calls = [run('change', { kind: 'change' }), run('read', { kind: 'read' })]
  expect(sent(first)).toEqual(['warm', 'change', 'read'])
  first.exit()
  await vi.waitFor(() => expect(sent(second)).toEqual(['read']))
  second.say({ kind: 'ready' })
  answer(second, 'read')
  expect(await Promise.all(calls)).toEqual(['worker_lost', 'read'])
})

test('finishes a change although its caller left, and blocks no read', async () => {
  const { workers, clock, run } = await quickRig({ workers: 2, ...ALL })
  const [first, second] = workers as [Scripted, Scripted]
  const abort = new AbortController()
  const change = run('change', { kind: 'change', signal: abort.signal })
  const read = run('read', { kind: 'read' })
  abort.abort()
  expect(await change).toBe('UPSTREAM_ERROR')
  clock.advance(20)
  expect(first.posted.at(-1)).toEqual({ kind: 'withdraw' })
  expect(sent(second)).toEqual(['read'])
  clock.advance(9_000)
  expect(first.kill).not.toHaveBeenCalled()
  clock.advance(1_000)
  expect(first.kill).toHaveBeenCalledOnce()
  second.say({ kind: 'ready' })
  answer(second, 'read')
  expect(await read).toBe('read')
})

test('closes an idle worker soon if another one runs, and the last one later', async () => {
  const { workers, clock, run } = await quickRig({ workers: 2, ...ALL })
  const [first, second] = workers as [Scripted, Scripted]
  const ended: string[] = []
  void first.worker.exited.then(() => ended.push('first'))
  void second.worker.exited.then(() => ended.push('second'))
  const calls = [run('read', { kind: 'read' }), run('change', { kind: 'change' })]
  second.say({ kind: 'ready' })
  answer(second, 'change')
  answer(first, 'read')
  await Promise.all(calls)
  clock.advance(2_999)
  await Promise.resolve()
  expect(ended).toEqual([])
  clock.advance(1)
  await vi.waitFor(() => expect(ended).toHaveLength(1))
  clock.advance(56_999)
  await Promise.resolve()
  expect(ended).toHaveLength(1)
  clock.advance(2)
  await vi.waitFor(() => expect(ended).toHaveLength(2))
})
