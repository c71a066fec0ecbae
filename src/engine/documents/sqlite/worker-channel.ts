import type { FromWorker, ToWorker } from './worker-messages.ts'

/** How a worker talks with the engine that started it. */
export interface WorkerChannel {
  send(message: FromWorker): void
  /** `closed`: the engine let go of this worker, or is gone. */
  listen(on: { message(message: ToWorker): void; closed(): void }): void
}

/** What the desktop app's runtime gives a process that it started, instead of Node's own channel. */
interface ParentPort {
  on(event: 'message', listener: (event: { data: ToWorker | { kind: 'close' } }) => void): void
  postMessage(message: unknown): void
}

export function openWorkerChannel(): WorkerChannel {
  const { parentPort } = process as { parentPort?: ParentPort }
  if (parentPort === undefined) {
    return {
      send: (message) => void process.send?.(message),
      listen({ message, closed }) {
        process.on('message', message)
        process.on('disconnect', closed)
      },
    }
  }
  return {
    send: (message) => parentPort.postMessage(message),
    listen({ message, closed }) {
      parentPort.on('message', ({ data }) => (data.kind === 'close' ? closed() : message(data)))
    },
  }
}
