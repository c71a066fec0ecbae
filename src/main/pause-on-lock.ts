import type { OwnerClient } from '../control/control-client.ts'

export interface PauseOnLock {
  /** The screen was locked or the computer went to sleep. */
  began(reason: AwayReason): void
  ended(reason: AwayReason): void
  /** Receives the engine's state: whether access is paused, and whether the owner uses this feature. */
  know(facts: { paused: boolean; wanted: boolean }): void
}

type AwayReason = 'lock' | 'sleep'

interface PauseParts {
  owner(): Promise<Pick<OwnerClient, 'pause' | 'resume' | 'status'>>
  /** Persisted, so that a pause survives a restart and is resumed afterwards. */
  memory: { readonly current: { paused_by_shell?: boolean }; store(changes: { paused_by_shell: boolean }): void }
  failed(thrown: unknown): void
}

/**
 * Pauses all access while the screen is locked or the computer sleeps, if the owner wants that. Resumes only what it
 * paused itself.
 */
export function createPauseOnLock({ owner, memory, failed }: PauseParts): PauseOnLock {
  const reasons = new Set<AwayReason>()
  let facts: { paused: boolean; wanted: boolean } | null = null
  /**
   * True from the start of an absence until it is handled. Set once per absence, so that resuming by hand is not
   * overruled.
   */
  let due = false
  let calling = false
  let working = Promise.resolve()

  const ours = (): boolean => memory.current.paused_by_shell === true

  async function call(name: 'pause' | 'resume'): Promise<void> {
    calling = true
    try {
      const api = await owner()
      await (name === 'pause' ? api.pause({ by: 'lock' }) : api.resume())
    } finally {
      calling = false
    }
  }

  async function settle(): Promise<void> {
    if (facts === null) return
    if (due) {
      due = false
      if (!facts.wanted || facts.paused) return
      // The owner paused access a moment ago, so it isn't ours to resume.
      if ((await (await owner()).status()).paused) return
      memory.store({ paused_by_shell: true })
      facts = { ...facts, paused: true }
      await call('pause')
    } else if (reasons.size === 0 && ours()) {
      memory.store({ paused_by_shell: false })
      if (!facts.paused) return
      facts = { ...facts, paused: false }
      await call('resume')
    }
  }

  /** Runs one step at a time, so that a lock and an unlock close together can't overtake each other. */
  function next(): void {
    working = working.then(settle).catch(failed)
  }

  return {
    began(reason) {
      if (reasons.size === 0) due = true
      reasons.add(reason)
      next()
    },
    ended(reason) {
      reasons.delete(reason)
      if (reasons.size === 0) due = false
      next()
    },
    know(now) {
      // Facts read during our own call may predate it.
      const paused = calling && facts !== null ? facts.paused : now.paused
      // The owner resumed by hand while away, so access is no longer paused by us.
      if (ours() && facts?.paused === true && !paused) memory.store({ paused_by_shell: false })
      facts = { paused, wanted: now.wanted }
      next()
    },
  }
}
