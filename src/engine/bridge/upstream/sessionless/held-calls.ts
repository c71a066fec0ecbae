import { randomUUID } from 'node:crypto'
import type { HeldCall } from './held-call.ts'
import { STATE_LIFE_MS } from './request-states.ts'

/** Calls of one client that wait for its input. */
export interface HeldCalls {
  /** Returns the ID to take the call with. `leave` is called when the call is dropped. */
  keep(call: HeldCall, leave: () => void): string
  /** Returns null if the call was already taken, timed out or was dropped to make room. */
  take(id: string): { call: HeldCall; leave: () => void } | null
  close(): void
}

const MAX_HELD = 64

export function createHeldCalls(): HeldCalls {
  const held = new Map<string, { call: HeldCall; leave: () => void; timer: NodeJS.Timeout }>()

  function giveUp(id: string, why: string): void {
    const entry = held.get(id)
    if (entry === undefined) return
    held.delete(id)
    clearTimeout(entry.timer)
    entry.call.drop(new Error(why))
    entry.leave()
  }

  return {
    keep(call, leave) {
      const id = randomUUID()
      const timer = setTimeout(() => giveUp(id, "The client didn't respond in time."), STATE_LIFE_MS)
      timer.unref()
      held.set(id, { call, leave, timer })
      const [oldest] = held.keys()
      if (held.size > MAX_HELD && oldest !== undefined) giveUp(oldest, 'Too many calls are waiting for this client.')
      return id
    },
    take(id) {
      const entry = held.get(id)
      if (entry === undefined) return null
      held.delete(id)
      clearTimeout(entry.timer)
      return entry
    },
    close() {
      for (const id of held.keys()) giveUp(id, 'The client disconnected.')
    },
  }
}
