import { vi } from 'vitest'
import type { FromWorker, ToWorker } from '../../../src/engine/documents/sqlite/worker-messages.ts'
import type { WorkerProcess } from '../../../src/engine/documents/sqlite/worker-process.ts'

/** A worker whose messages the test sends. */
export function scriptedWorker() {
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
