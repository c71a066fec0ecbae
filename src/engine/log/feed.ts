import type { LogEvent } from '../../contract/owner-api/log-events.ts'
import type { RequestRecord } from '../../contract/records.ts'
import { createFollower, type Follower } from '../follower.ts'

/** Minimum time between two events. Nobody can read faster, and an event costs as much as a request. */
const EVERY_MS = 100
/** Number of unread rows after which a reader gets only their number. */
const MAX_UNREAD = 2000

type Row = Readonly<RequestRecord>
type Events = AsyncIteratorObject<LogEvent, undefined, void>

interface Feed {
  publish(row: Row): void
  /**
   * Rows that started or ended, at most ten times per second. A row that did both in between comes once, as it ended.
   * Starts immediately, not at the first `next`.
   */
  subscribe(matches: (row: RequestRecord) => boolean, signal: AbortSignal): Events
  /** Ends every reader once it has read what is buffered. */
  end(): void
}

interface Reader {
  follower: Follower<LogEvent>
  offer(row: Row): void
  /** Drops what is unread. */
  clear(): void
}

export function createFeed(): Feed {
  const readers = new Set<Reader>()
  // References instead of copies, so an event shows the state when it is read.
  const changed = new Set<Row>()
  /** Texts of the current event, which every reader shares. Empty otherwise, because rows change. */
  const texts = new Map<Row, string>()
  let timer: NodeJS.Timeout | null = null
  let isTelling = false

  function textOf(row: Row): string {
    if (!isTelling) return JSON.stringify(row)
    let text = texts.get(row)
    if (text === undefined) {
      text = JSON.stringify(row)
      texts.set(row, text)
    }
    return text
  }

  function distribute(): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
    for (const reader of readers) for (const row of changed) reader.offer(row)
    changed.clear()
  }

  function tell(): void {
    distribute()
    isTelling = true
    for (const reader of readers) reader.follower.wake()
    isTelling = false
    texts.clear()
  }

  return {
    publish(row) {
      if (readers.size === 0) return
      changed.add(row)
      timer ??= setTimeout(tell, EVERY_MS).unref()
    },
    subscribe(matches, signal) {
      if (changed.size > 0) tell()
      const unread = new Set<Row>()
      let skipped = 0
      let newest = 0
      const abort = (): void => {
        readers.delete(reader)
        reader.clear()
        reader.follower.end()
      }
      const reader: Reader = {
        offer(row) {
          if (!matches(row)) return
          if (skipped === 0 && (unread.size < MAX_UNREAD || unread.has(row))) {
            unread.add(row)
            return
          }
          for (const one of unread) newest = Math.max(newest, one.id)
          skipped += unread.size
          unread.clear()
          // A row that ends is counted when it starts.
          if (row.id <= newest) return
          newest = row.id
          skipped += 1
        },
        clear() {
          unread.clear()
          skipped = 0
        },
        follower: createFollower<LogEvent>({
          take() {
            if (unread.size === 0 && skipped === 0) return undefined
            const event = { rows: `[${Array.from(unread, textOf).join(',')}]`, skipped }
            reader.clear()
            return event
          },
          onEnd() {
            readers.delete(reader)
            reader.clear()
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
      distribute()
      for (const reader of readers) reader.follower.end()
      readers.clear()
    },
  }
}
