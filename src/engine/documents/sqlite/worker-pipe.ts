import type { Duplex } from 'node:stream'
import { createFrameReader, frameOf } from './message-frames.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'

/** Descriptor of the pipe in a worker that was forked. */
export const WORKER_PIPE = 3

export interface WorkerPipe {
  /** Throws a RangeError for values that are nested too deeply. What the other end no longer reads is lost. */
  send(message: ToWorker | FromWorker): void
}

/** Sends and receives whole messages over a pipe. `malformed` is called at most once, and nothing is read after it. */
export function openWorkerPipe(
  stream: Duplex,
  on: { message(message: object): void; malformed(error: unknown): void },
): WorkerPipe {
  const read = createFrameReader(on.message)
  const onData = (chunk: Buffer): void => {
    try {
      read(chunk)
    } catch (error) {
      stream.off('data', onData)
      stream.resume()
      on.malformed(error)
    }
  }
  stream.on('data', onData)
  // The end of the process is reported by its exit.
  stream.on('error', () => stream.destroy())
  return {
    send(message) {
      const parts = frameOf(message)
      if (stream.destroyed || stream.writableEnded) return
      // One system call for all of it.
      stream.cork()
      for (const part of parts) stream.write(part)
      stream.uncork()
    },
  }
}
