import type { HallpassError } from '../../contract/errors.ts'
import { storedLines, type BulkProgress, type RecordStream } from '../documents/document-connector.ts'
import { untilAborted } from '../text/until-aborted.ts'
import type { RunningCall } from './running-call.ts'

/** Records of a running call. Its row is closed when the stream ends, fails or is abandoned. */
export interface LoggedRecordStream extends RecordStream {
  /** Aborted when the call is interrupted, even while nobody reads. */
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
      const pieces = stream[Symbol.asyncIterator]()
      const progress = () => ({ records: stream.records, bytes_out: bytesOut })
      try {
        for (;;) {
          const next = await untilAborted(pieces.next(), running.signal)
          running.check()
          if (next.done === true) break
          bytesOut += next.value.byteLength
          running.payload?.response.add(next.value)
          yield next.value
          running.check()
        }
        ended = true
        running.finish({ status: 200, ...progress() })
      } catch (thrown) {
        ended = true
        throw running.fail(thrown, progress())
      } finally {
        if (!ended) running.leave(progress())
        // Not awaited, because it would wait for a pending read.
        pieces.return?.().catch(() => undefined)
      }
    },
  }
}

/** Loads records in batches. The call is opened at the first step, which also throws its denial. */
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
  let batches: AsyncIterator<BulkProgress> | null = null
  const progress = () => ({ records: stored, bytes_in: bytesIn })
  const counted = async function* (): AsyncIterable<Uint8Array> {
    for await (const piece of body) {
      bytesIn += piece.byteLength
      running.payload?.request.add(piece)
      yield piece
    }
  }
  try {
    batches = write(running, counted())[Symbol.asyncIterator]()
    for (;;) {
      const next = await untilAborted(batches.next(), running.signal)
      if (next.done === true) break
      running.answered()
      stored = next.value.stored
      line = next.value.line
      yield next.value
      running.check()
    }
    running.check()
    ended = true
    running.finish({ status: 200, ...progress() })
  } catch (thrown) {
    ended = true
    const error = running.fail(explain(thrown), progress(), '')
    // The connector's errors include progress. An error that replaces one must include it too.
    throw error === thrown || error.code === 'INTERNAL' ? error : withProgress(error, { stored, line })
  } finally {
    if (!ended) running.leave(progress())
    batches?.return?.().catch(() => undefined)
  }
}

/** Adds the progress of an interrupted load. The connector may have stored one batch more than it reported. */
function withProgress(error: HallpassError, progress: BulkProgress): HallpassError {
  return error.reworded(`${error.message} ${storedLines(progress.line)} The next batch may have been stored too.`, {
    details: { ...error.details, ...progress, uncertain: true },
  })
}
