import { HallpassError } from '../../contract/errors.ts'
import type { RequestRecord } from '../../contract/records.ts'
import { createFollower, type Follower } from '../follower.ts'

/** Unread rows after which a reader is dropped. */
const FEED_BUFFER = 2000
/**
 * Maximum number of rows per event, and minimum time between events. Nobody can read more, and each row costs as much
 * as the request itself.
 */
const TAIL_ROWS = 50
const TAIL_EVERY_MS = 250

/** Current rows, oldest first, and how many others changed since the last event. */
export interface TailEvent {
  rows: RequestRecord[]
  skipped: number
}

type Events<T> = AsyncIteratorObject<T, undefined, void>
type Matches = (row: RequestRecord) => boolean

export interface Feed {
  publish(row: Readonly<RequestRecord>): void
  /** Every row as it opens and as it closes. Starts immediately, not at the first `next`. */
  subscribe(matches: Matches, signal: AbortSignal): Events<RequestRecord>
  /** The newest rows, a few times per second. */
  tail(matches: Matches, signal: AbortSignal): Events<TailEvent>
  /** Ends every reader once it has read what is buffered. */
  end(): void
}

interface Reader {
  offer(row: Readonly<RequestRecord>): void
  /** Drops what is unread. */
  clear(): void
  end(failure?: Error): void
}

export function createFeed(): Feed {
  const readers = new Set<Reader>()

  function read<T>(
    signal: AbortSignal,
    create: (take: (take: () => T | undefined) => Follower<T>) => [Reader, Events<T>],
  ): Events<T> {
    const abort = (): void => {
      reader.clear()
      readers.delete(reader)
      reader.end()
    }
    const [reader, events] = create((take) =>
      createFollower<T>({
        take,
        onEnd() {
          readers.delete(reader)
          reader.clear()
          signal.removeEventListener('abort', abort)
        },
      }),
    )
    if (signal.aborted) abort()
    else {
      readers.add(reader)
      signal.addEventListener('abort', abort, { once: true })
    }
    return events
  }

  return {
    publish(row) {
      for (const reader of readers) reader.offer(row)
    },
    subscribe: (matches, signal) =>
      read<RequestRecord>(signal, (follow) => {
        let unread: RequestRecord[] = []
        const follower = follow(() => unread.shift())
        const reader: Reader = {
          offer(row) {
            if (!matches(row)) return
            if (unread.length >= FEED_BUFFER) {
              unread = []
              readers.delete(reader)
              follower.end(
                new HallpassError('RATE_LIMITED', 'The log stream fell too far behind. Reconnect to continue.'),
              )
              return
            }
            unread.push({ ...row })
            follower.wake()
          },
          clear() {
            unread = []
          },
          end: follower.end,
        }
        return [reader, follower.iterator]
      }),
    tail: (matches, signal) =>
      read<TailEvent>(signal, (follow) => {
        // References instead of copies, so an event shows the state when it is read.
        const changed = new Set<Readonly<RequestRecord>>()
        let skipped = 0
        let timer: NodeJS.Timeout | null = null
        let isDue = false
        const follower = follow(() => {
          if (!isDue) return undefined
          isDue = false
          const event = { rows: [...changed].map((row) => ({ ...row })), skipped }
          changed.clear()
          skipped = 0
          return event
        })
        const reader: Reader = {
          offer(row) {
            if (!matches(row)) return
            if (!changed.has(row)) {
              if (changed.size >= TAIL_ROWS) {
                for (const oldest of changed) {
                  changed.delete(oldest)
                  break
                }
                skipped += 1
              }
              changed.add(row)
            }
            timer ??= setTimeout(() => {
              timer = null
              isDue = true
              follower.wake()
            }, TAIL_EVERY_MS).unref()
          },
          clear() {
            changed.clear()
            if (timer !== null) clearTimeout(timer)
            timer = null
          },
          end: follower.end,
        }
        return [reader, follower.iterator]
      }),
    end() {
      for (const reader of readers) reader.end()
      readers.clear()
    },
  }
}
