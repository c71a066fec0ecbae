import type { OwnerClient } from '../control/control-client.ts'

export interface PauseOnLock {
  /** `reason` began (the screen is locked, the machine goes to sleep) or ended. */
  began(reason: AwayReason): void
  ended(reason: AwayReason): void
  /** What the engine says now: whether access is paused, and whether the owner wants this at all. */
  know(facts: { paused: boolean; wanted: boolean }): void
}

export type AwayReason = 'lock' | 'sleep'

export interface PauseParts {
  owner(): Promise<Pick<OwnerClient, 'pause' | 'resume' | 'status'>>
  /** Kept over a restart: what was paused here is resumed here. */
  memory: { readonly current: { paused_by_shell?: boolean }; store(changes: { paused_by_shell: boolean }): void }
  failed(thrown: unknown): void
}

/** Pauses all access while nobody sits in front of the machine, if the owner wants it; resumes only what it paused itself. */
export function createPauseOnLock({ owner, memory, failed }: PauseParts): PauseOnLock {
  const reasons = new Set<AwayReason>()
  let facts: { paused: boolean; wanted: boolean } | null = null
  /** The person went, and it was not acted on yet. Once a time away: who resumes by hand meanwhile is not overruled. */
  let due = false
  let calling = false
  let working = Promise.resolve()

  const ours = (): boolean => memory.current.paused_by_shell === true

  async function call(name: 'pause' | 'resume'): Promise<void> {
    calling = true
    try {
      await (await owner())[name]()
    } finally {
      calling = false
    }
  }

  async function settle(): Promise<void> {
    if (facts === null) return
    if (due) {
      due = false
      if (!facts.wanted || facts.paused) return
      // What was paused by hand a moment ago is not ours.
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

  /** One at a time: a lock and an unlock close together must not overtake each other. */
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
      // What was read while our own call was under way may be from before it.
      const paused = calling && facts !== null ? facts.paused : now.paused
      // Resumed by hand while away: from then on it is the person's own choice.
      if (ours() && facts?.paused === true && !paused) memory.store({ paused_by_shell: false })
      facts = { paused, wanted: now.wanted }
      next()
    },
  }
}
