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
  owner(): Promise<Pick<OwnerClient, 'pause' | 'resume'>>
  /** Kept over a restart: what was paused here is resumed here. */
  memory: { readonly current: { paused_by_shell?: boolean }; keep(changes: { paused_by_shell: boolean }): void }
  failed(thrown: unknown): void
}

/** Pauses all access while nobody sits in front of the machine, if the owner wants it; resumes only what it paused itself. */
export function createPauseOnLock({ owner, memory, failed }: PauseParts): PauseOnLock {
  const reasons = new Set<AwayReason>()
  let paused = false
  let wanted = false
  let working = Promise.resolve()

  const ours = (): boolean => memory.current.paused_by_shell === true

  async function settle(): Promise<void> {
    if (reasons.size > 0 && wanted && !paused && !ours()) {
      memory.keep({ paused_by_shell: true })
      paused = true
      await (await owner()).pause()
    } else if (reasons.size === 0 && ours()) {
      memory.keep({ paused_by_shell: false })
      if (!paused) return
      paused = false
      await (await owner()).resume()
    }
  }

  /** One at a time: a lock and an unlock close together must not overtake each other. */
  function next(): void {
    working = working.then(settle).catch(failed)
  }

  return {
    began(reason) {
      reasons.add(reason)
      next()
    },
    ended(reason) {
      reasons.delete(reason)
      next()
    },
    know(facts) {
      // Resumed by hand while away: from then on it is the person's own choice.
      if (ours() && paused && !facts.paused) memory.keep({ paused_by_shell: false })
      paused = facts.paused
      wanted = facts.wanted
      next()
    },
  }
}
