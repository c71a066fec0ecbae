import { Socket } from 'node:net'
import type { FromWorker, ToWorker } from './worker-messages.ts'
import { openWorkerPipe, WORKER_PIPE } from './worker-pipe.ts'

/** The channel between a worker and the engine that started it. */
interface WorkerChannel {
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
  if (parentPort === undefined) return openPipeChannel()
  return {
    send: (message) => parentPort.postMessage(message),
    listen({ message, closed }) {
      parentPort.on('message', ({ data }) => (data.kind === 'close' ? closed() : message(data)))
    },
  }
}

function openPipeChannel(): WorkerChannel {
  const socket = new Socket({ fd: WORKER_PIPE })
  let onMessage = (_message: ToWorker): void => {}
  let onClosed = (): void => {}
  const pipe = openWorkerPipe(socket, {
    message: (message) => onMessage(message as ToWorker),
    malformed: () => onClosed(),
  })
  socket.once('close', () => onClosed())
  return {
    send: (message) => pipe.send(message),
    listen({ message, closed }) {
      onMessage = message
      onClosed = closed
    },
  }
}
