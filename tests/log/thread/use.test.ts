import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { afterEach, expect, it, onTestFinished, vi } from 'vitest'
import { createLogThread, type LogThread } from '../../../src/engine/store/requests/writing/log-thread.ts'
import { startWaiting } from '../../../src/engine/store/requests/writing/waiting-time.ts'
import { dataFolders, movableClock, type MovableClock } from '../../store/support/data-folders.ts'
import { turn } from '../support/threaded-log.ts'

const { folder, open } = dataFolders()
afterEach(() => void vi.useRealTimers())

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await turn()
}

/** Two seconds in which writes waited long. */
function write(log: LogThread, clock: MovableClock): void {
  for (let second = 0; second < 2; second += 1) {
    clock.move(1000)
    log.waited(40)
  }
}

/** The log's thread over a store, and the threads that were started. */
function thread() {
  const { file } = open(folder())
  const clock = movableClock()
  const started: Worker[] = []
  const note = (worker: Worker): void => void started.push(worker)
  process.on('worker', note)
  const log = createLogThread({ file, pageLimit: undefined, key: Buffer.alloc(32), clock, minWaitMs: 30 })
  onTestFinished(() => {
    process.off('worker', note)
    log.close()
  })
  return { log, clock, started }
}

it('takes no thread for a few rows, and one if writes wait long in two seconds', async () => {
  const { log, clock, started } = thread()
  for (let second = 0; second < 60; second += 1) {
    log.waited(14)
    log.waited(14)
    clock.move(1000)
  }
  // A pause of the disk.
  log.waited(900)
  clock.move(1000)
  log.waited(14)
  clock.move(1000)
  // Two such seconds, apart.
  log.waited(40)
  clock.move(4000)
  log.waited(40)
  await turn()
  expect(started).toHaveLength(0)
  expect(log.isReady).toBe(false)
  clock.move(1000)
  log.waited(14)
  log.waited(20)
  await until(() => log.isReady)
  log.waited(50)
  await turn()
  expect(started).toHaveLength(1)
})

it('ends after half a minute in which writes waited little, and starts again', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { log, clock, started } = thread()
  write(log, clock)
  await until(() => log.isReady)
  const [worker] = started
  const ended = once(worker as Worker, 'exit')
  vi.advanceTimersByTime(25_000)
  clock.move(23_000)
  write(log, clock)
  vi.advanceTimersByTime(25_000)
  clock.move(23_000)
  expect(log.isReady).toBe(true)
  log.waited(1)
  vi.advanceTimersByTime(10_000)
  expect(log.isReady).toBe(false)
  await ended
  clock.move(8_000)
  write(log, clock)
  await until(() => started.length > 1)
})

it('is left alone for a minute after it failed', async () => {
  const { log, clock, started } = thread()
  write(log, clock)
  await until(() => log.isReady)
  await started[0]?.terminate()
  await until(() => !log.isReady)
  clock.move(57_000)
  write(log, clock)
  await turn()
  expect(started).toHaveLength(1)
  clock.move(1000)
  write(log, clock)
  await until(() => started.length > 1)
})

it('starts no thread after it was closed', async () => {
  const { log, clock, started } = thread()
  log.close()
  write(log, clock)
  await turn()
  expect(started).toHaveLength(0)
})

it('counts the time in which a write waits, not that in which it works', () => {
  const clock = movableClock()
  const waited = startWaiting(clock)
  // Work alone, on a clock that stands still.
  for (let n = 0; n < 1e7; n += 1) Math.sqrt(n)
  expect(waited()).toBeLessThanOrEqual(0)
  clock.move(60_000)
  expect(waited()).toBeGreaterThan(30_000)
  expect(waited()).toBeLessThan(60_000)
})
