// The log's thread with a fault that a test chooses while it runs, in a file beside the database.
import { readFileSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import type { LogThreadData } from '../../../src/engine/store/requests/writing/log-messages.ts'

const { port, file } = workerData as LogThreadData
const send = port.postMessage.bind(port)

function fault(when: 'before' | 'after'): void {
  const [what, at] = read().split(' ')
  if (at !== when) return
  if (what === 'die') process.exit(1)
  // Also ends with the thread.
  if (what === 'hang') pass(Infinity)
  if (what === 'slow') pass(100)
  while (what === 'held' && read() === `held ${at}`) pass(1)
}

function pass(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

function read(): string {
  try {
    return readFileSync(`${file}.fault`, 'utf8')
  } catch {
    return 'none'
  }
}

// Listeners are called in their order, and the thread answers after its commit.
port.on('message', () => fault('before'))
port.postMessage = (answer: unknown) => {
  if (answer !== 'ready') fault('after')
  send(answer)
}
await import('../../../src/engine/store/requests/writing/log-worker.ts')
