import { HallpassError } from '../../contract/errors.ts'
import type { RequestRecord } from '../../contract/records.ts'

/** Rows that one reader may leave unread before it is dropped. */
const FEED_BUFFER = 2000

export interface Feed {
  publish(row: Readonly<RequestRecord>): void
  /** Reading begins now, not at the first `next`. */
  subscribe(matches: (row: RequestRecord) => boolean, signal: AbortSignal): AsyncIterable<RequestRecord>
  /** Ends every reader, after what it has not read yet. */
  end(): void
}

interface Reader {
  matches: (row: RequestRecord) => boolean
  unread: RequestRecord[]
  ended: boolean
  failure: HallpassError | null
  wake: () => void
}

export function createFeed(): Feed {
  const readers = new Set<Reader>()

  function finish(reader: Reader): void {
    readers.delete(reader)
    reader.ended = true
    reader.wake()
  }

  function deliver(reader: Reader, row: Readonly<RequestRecord>): void {
    if (!reader.matches(row)) return
    if (reader.unread.length >= FEED_BUFFER) {
      reader.unread = []
      reader.failure = new HallpassError('RATE_LIMITED', 'This reader of the request log fell too far behind. Follow the log again.')
      finish(reader)
      return
    }
    reader.unread.push({ ...row })
    reader.wake()
  }

  return {
    publish(row) {
      for (const reader of readers) deliver(reader, row)
    },
    subscribe(matches, signal) {
      const reader: Reader = { matches, unread: [], ended: signal.aborted, failure: null, wake: () => undefined }
      if (signal.aborted) return read(reader, () => undefined)
      const abort = (): void => {
        reader.unread = []
        finish(reader)
      }
      readers.add(reader)
      signal.addEventListener('abort', abort, { once: true })
      return read(reader, () => {
        signal.removeEventListener('abort', abort)
        finish(reader)
      })
    },
    end() {
      for (const reader of readers) finish(reader)
    },
  }
}

async function* read(reader: Reader, done: () => void): AsyncGenerator<RequestRecord, void> {
  try {
    for (;;) {
      const rows = reader.unread
      reader.unread = []
      yield* rows
      if (reader.failure !== null) throw reader.failure
      if (reader.unread.length > 0) continue
      if (reader.ended) return
      await new Promise<void>((resolve) => {
        reader.wake = resolve
      })
    }
  } finally {
    done()
  }
}
