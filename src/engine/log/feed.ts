import { HallpassError } from '../../contract/errors.ts'
import type { RequestRecord } from '../../contract/records.ts'
import { createFollower, type Follower } from '../follower.ts'

/** Rows that one reader may leave unread before it is dropped. */
const FEED_BUFFER = 2000

export interface Feed {
  publish(row: Readonly<RequestRecord>): void
  /** Reading begins now, not at the first `next`. */
  subscribe(
    matches: (row: RequestRecord) => boolean,
    signal: AbortSignal,
  ): AsyncIteratorObject<RequestRecord, undefined, void>
  /** Ends every reader, after what it has not read yet. */
  end(): void
}

interface Reader {
  matches: (row: RequestRecord) => boolean
  unread: RequestRecord[]
  follower: Follower<RequestRecord>
}

export function createFeed(): Feed {
  const readers = new Set<Reader>()

  function deliver(reader: Reader, row: Readonly<RequestRecord>): void {
    if (!reader.matches(row)) return
    if (reader.unread.length >= FEED_BUFFER) {
      reader.unread = []
      readers.delete(reader)
      reader.follower.end(
        new HallpassError('RATE_LIMITED', 'This reader of the request log fell too far behind. Follow the log again.'),
      )
      return
    }
    reader.unread.push({ ...row })
    reader.follower.wake()
  }

  return {
    publish(row) {
      for (const reader of readers) deliver(reader, row)
    },
    subscribe(matches, signal) {
      const abort = (): void => {
        reader.unread = []
        readers.delete(reader)
        reader.follower.end()
      }
      const reader: Reader = {
        matches,
        unread: [],
        follower: createFollower({
          take: () => reader.unread.shift(),
          onEnd() {
            readers.delete(reader)
            signal.removeEventListener('abort', abort)
          },
        }),
      }
      if (signal.aborted) abort()
      else {
        readers.add(reader)
        signal.addEventListener('abort', abort, { once: true })
      }
      return reader.follower.iterator
    },
    end() {
      for (const reader of readers) reader.follower.end()
      readers.clear()
    },
  }
}
