import { HallpassError } from '../../../../contract/errors.ts'
import type { McpSession } from '../../../mcp-upstreams/mcp-upstreams.ts'

/** One upstream session and the number of its running calls. */
interface SessionSlot {
  session: McpSession
  calls: number
  idle: NodeJS.Timeout | null
}

interface SessionGroup {
  slots: SessionSlot[]
  waiting: (() => void)[]
}

interface SlotRequest {
  connection: string
  /** Calls with the same key can share sessions. */
  key: string
  /** Whether the call needs a session that isn't shared. */
  alone: boolean
  signal: AbortSignal
  open(): McpSession
}

/** Upstream sessions for one client's calls. They are opened when needed and closed some time after the last call. */
interface SessionSlots {
  /** Waits for a free session. Throws RATE_LIMITED after a minute, or the signal's reason. */
  take(request: SlotRequest): Promise<{ session: McpSession; release: () => void }>
  keepOnly(reaches: (connection: string) => boolean): void
  close(): Promise<void>
}

/** Each slot may be a process, so there are few. Further requests are queued. */
const MAX_SLOTS = 8
const LONGEST_WAIT_MS = 60_000

export function createSessionSlots({
  idleMs,
  onError,
}: {
  /** How long an unused session is kept. */
  idleMs: number
  onError: (error: unknown) => void
}): SessionSlots {
  /** Connection and key → group. */
  const groups = new Map<string, SessionGroup>()
  let closed = false

  function open(group: SessionGroup, request: SlotRequest): SessionSlot | null {
    if (group.slots.length >= MAX_SLOTS) return null
    const slot: SessionSlot = { session: request.open(), calls: 0, idle: null }
    group.slots.push(slot)
    return slot
  }

  function occupy(name: string, group: SessionGroup, slot: SessionSlot): { session: McpSession; release: () => void } {
    if (slot.idle !== null) clearTimeout(slot.idle)
    slot.calls += 1
    const release = (): void => {
      slot.calls -= 1
      const next = group.waiting.shift()
      if (next !== undefined) return next()
      // Another call may still be running on a shared session and would be interrupted.
      if (slot.calls > 0) return
      if (slot.idle !== null) clearTimeout(slot.idle)
      slot.idle = setTimeout(() => leave(name, group, slot), idleMs)
      slot.idle.unref()
    }
    return { session: slot.session, release }
  }

  function leave(name: string, group: SessionGroup, slot: SessionSlot): void {
    if (slot.idle !== null) clearTimeout(slot.idle)
    group.slots = group.slots.filter((each) => each !== slot)
    if (group.slots.length === 0 && group.waiting.length === 0) groups.delete(name)
    slot.session.close().catch(onError)
  }

  return {
    async take(request) {
      const { connection, key, alone, signal } = request
      const name = JSON.stringify([connection, alone, key])
      const group = groups.get(name) ?? { slots: [], waiting: [] }
      groups.set(name, group)
      for (;;) {
        if (closed) throw new HallpassError('UPSTREAM_ERROR', 'Hallpass is shutting down. The request was interrupted.')
        signal.throwIfAborted()
        const slot = group.slots.find((each) => each.calls === 0 || !alone) ?? open(group, request)
        if (slot !== null) return occupy(name, group, slot)
        const limit = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_WAIT_MS)])
        await turnOf(group, limit).catch((thrown: unknown) => {
          if (signal.aborted) throw thrown
          throw new HallpassError(
            'RATE_LIMITED',
            `This client already has ${MAX_SLOTS} running calls on "${connection}". Try again when one of them is finished.`,
          )
        })
      }
    },
    keepOnly(reaches) {
      for (const [name, group] of groups) {
        const [connection] = JSON.parse(name) as [string]
        if (!reaches(connection)) for (const slot of group.slots) leave(name, group, slot)
      }
    },
    async close() {
      closed = true
      const slots = [...groups.values()].flatMap((group) => group.slots)
      for (const { idle } of slots) if (idle !== null) clearTimeout(idle)
      for (const { waiting } of groups.values()) for (const next of waiting) next()
      groups.clear()
      await Promise.all(slots.map(({ session }) => session.close()))
    },
  }
}

/** Waits for a slot. Aborting leaves the queue. */
function turnOf(group: SessionGroup, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (): void => {
      signal.removeEventListener('abort', gone)
      resolve()
    }
    const gone = (): void => {
      group.waiting = group.waiting.filter((each) => each !== next)
      reject(signal.reason as Error)
    }
    group.waiting.push(next)
    signal.addEventListener('abort', gone, { once: true })
  })
}
