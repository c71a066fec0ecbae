import { CHANGE_TOPICS, type ChangeTopic } from '../contract/owner-api.ts'
import type { Clock } from './clock.ts'
import { createFollower, type Follower } from './follower.ts'

/** Changes within this many milliseconds of the first are combined. */
const SOON_MS = 60

export interface ChangeEvent {
  topics: ChangeTopic[]
}

/** Notifies interfaces of lists that may have changed. Events have no content, so a slow reader misses nothing. */
export interface Changes {
  /**
   * Announces a change within `withinMs`. A longer time limits how often frequent changes are announced. Costs nothing
   * without followers.
   */
  announce(topics: readonly ChangeTopic[], withinMs?: number): void
  /** The first event has every topic. Ends when the signal aborts. */
  follow(signal: AbortSignal): AsyncIteratorObject<ChangeEvent, undefined, void>
  /** Ends all followers. */
  close(): void
}

interface Reader {
  unread: Set<ChangeTopic>
  follower: Follower<ChangeEvent>
}

export function createChanges(clock: Clock): Changes {
  const readers = new Set<Reader>()
  const pending = new Set<ChangeTopic>()
  let timer: NodeJS.Timeout | null = null
  let dueAt = Infinity
  let closed = false

  function tell(): void {
    timer = null
    dueAt = Infinity
    for (const reader of readers) {
      for (const topic of pending) reader.unread.add(topic)
      reader.follower.wake()
    }
    pending.clear()
  }

  function schedule(withinMs: number): void {
    const due = clock.monotonic() + withinMs
    if (due >= dueAt) return
    if (timer !== null) clearTimeout(timer)
    dueAt = due
    timer = setTimeout(tell, withinMs).unref()
  }

  function take(unread: Set<ChangeTopic>): ChangeEvent | undefined {
    if (unread.size === 0) return undefined
    const topics = CHANGE_TOPICS.filter((topic) => unread.has(topic))
    unread.clear()
    return { topics }
  }

  return {
    announce(topics, withinMs = SOON_MS) {
      if (readers.size === 0) return
      for (const topic of topics) pending.add(topic)
      schedule(withinMs)
    },
    follow(signal) {
      const unread = new Set(CHANGE_TOPICS)
      const abort = (): void => {
        unread.clear()
        reader.follower.end()
      }
      const reader: Reader = {
        unread,
        follower: createFollower({
          take: () => take(unread),
          onEnd() {
            readers.delete(reader)
            signal.removeEventListener('abort', abort)
          },
        }),
      }
      if (signal.aborted || closed) {
        abort()
        return reader.follower.iterator
      }
      readers.add(reader)
      signal.addEventListener('abort', abort, { once: true })
      return reader.follower.iterator
    },
    close() {
      closed = true
      if (timer !== null) clearTimeout(timer)
      timer = null
      for (const reader of readers) reader.follower.end()
      readers.clear()
    },
  }
}

/**
 * Returns changes that also call `reachChanged` if they can affect lists of MCP clients. Usage figures, which have
 * `withinMs`, can't.
 */
export function alsoTelling(changes: Changes, reachChanged: () => void): Changes {
  return {
    ...changes,
    announce(topics, withinMs) {
      changes.announce(topics, withinMs)
      if (
        withinMs === undefined &&
        topics.some(
          (topic) => topic === 'projects' || topic === 'connections' || topic === 'tokens' || topic === 'state',
        )
      )
        reachChanged()
    },
  }
}
