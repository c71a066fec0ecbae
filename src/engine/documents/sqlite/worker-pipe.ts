import type { Duplex } from 'node:stream'
import { releaseMemory } from '../release-memory.ts'
import { createFrameReader, frameOf } from './message-frames.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'

/** Descriptor of the pipe in a worker that was forked. */
export const WORKER_PIPE = 3

interface WorkerPipe {
  /**
   * Throws a RangeError for values that are nested too deeply. Messages that the other end no longer reads are lost. Messages of one
   * turn of the event loop are written together. Takes over the memory of bytes, and frees it once they are written.
   */
  send(message: ToWorker | FromWorker): void
  /** Sends the pending messages, and closes this end. */
  end(): void
}

/** Up to this size, copying messages into one costs less than handing over several. */
const JOINED_BYTES = 64 * 1024

/**
 * Sends and receives whole messages over a pipe. `malformed` is called at most once, and nothing is read after it.
 */
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
  let held: Uint8Array[] = []

  function flush(): void {
    const parts = held
    held = []
    if (parts.length === 0 || stream.destroyed || stream.writableEnded) return
    const size = parts.reduce((sum, part) => sum + part.byteLength, 0)
    if (parts.length > 1 && size <= JOINED_BYTES) stream.write(Buffer.concat(parts, size))
    else {
      // One system call for all of it.
      stream.cork()
      for (const part of parts) stream.write(part, () => releaseMemory(part))
      stream.uncork()
    }
  }

  return {
    send(message) {
      const isFirst = held.length === 0
      held.push(...frameOf(message))
      if (!isRead(message)) flush()
      else if (isFirst) setImmediate(flush)
    },
    end() {
      flush()
      stream.end()
    },
  }
}

function isRead(message: ToWorker | FromWorker): boolean {
  return message.kind === 'job' && message.job.kind === 'call' && message.job.permission === 'read'
}
