import type { HallpassError } from '../../contract/errors.ts'
import { storedLines, type BulkProgress, type RecordStream } from '../documents/document-connector.ts'
import type { RunningCall } from './open-call.ts'

/** Records of a running call. Its row is closed when the stream ends, fails or is left. */
export interface LoggedRecordStream extends RecordStream {
  /** Aborted when the call is interrupted, also while nobody reads. */
  readonly signal: AbortSignal
}

export function loggedRead(stream: RecordStream, running: RunningCall): LoggedRecordStream {
  return {
    signal: running.signal,
    get records() {
      return stream.records
    },
    async *[Symbol.asyncIterator]() {
      let bytesOut = 0
      let ended = false
      const progress = () => ({ records: stream.records, bytes_out: bytesOut })
      try {
        for await (const chunk of stream) {
          bytesOut += chunk.byteLength
          running.check()
          yield chunk
          running.check()
        }
        ended = true
        running.finish({ status: 200, ...progress() })
      } catch (thrown) {
        ended = true
        throw running.fail(thrown, progress())
      } finally {
        if (!ended) running.leave(progress())
      }
    },
  }
}

/** Loads records batch by batch. The call is opened at the first step, so that its denial is thrown from there. */
export async function* loggedWrite(
  open: () => RunningCall,
  write: (running: RunningCall, pieces: AsyncIterable<Uint8Array>) => AsyncIterable<BulkProgress>,
  body: AsyncIterable<Uint8Array>,
  explain: (thrown: unknown) => unknown,
): AsyncGenerator<BulkProgress> {
  const running = open()
  let stored = 0
  let line = 0
  let bytesIn = 0
  let ended = false
  const progress = () => ({ records: stored, bytes_in: bytesIn })
  const counted = async function* (): AsyncIterable<Uint8Array> {
    for await (const piece of body) {
      bytesIn += piece.byteLength
      yield piece
    }
  }
  try {
    for await (const batch of write(running, counted())) {
      running.answered()
      stored = batch.stored
      line = batch.line
      yield batch
      running.check()
    }
    running.check()
    ended = true
    running.finish({ status: 200, ...progress() })
  } catch (thrown) {
    ended = true
    const error = running.fail(explain(thrown), progress(), '')
    // A failure of the connector names its lines itself; whatever replaces it must name them too.
    throw error === thrown || error.code === 'INTERNAL' ? error : withProgress(error, { stored, line })
  } finally {
    if (!ended) running.leave(progress())
  }
}

/** Adds how far an interrupted load came. The connector may have stored one batch more than it reported. */
function withProgress(error: HallpassError, progress: BulkProgress): HallpassError {
  return error.reworded(`${error.message} ${storedLines(progress.line)} The next batch may have been stored too.`, {
    details: { ...error.details, ...progress, uncertain: true },
  })
}
