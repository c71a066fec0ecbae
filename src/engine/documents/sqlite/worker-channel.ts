import type { FromWorker, ToWorker } from './worker-messages.ts'

/** The channel between a worker and the engine that started it. */
export interface WorkerChannel {
  send(message: FromWorker): void
  /** `closed` is called when the engine closed this worker or is gone. */
  listen(on: { message(message: ToWorker): void; closed(): void }): void
}

/** Electron's equivalent of Node's own channel, in a utility process. */
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
