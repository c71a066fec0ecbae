import { setTimeout as sleep } from 'node:timers/promises'
import type { ChangeTopic } from '../../contract/owner-api.ts'
import type { OwnerClient } from '../../control/control-client.ts'
import type { LinkedEngine } from '../engine/create-engine-link.ts'

export interface EngineFollower {
  /** The engine is there, or there anew; `topics` names what may have changed (all of them at first). */
  changed(owner: OwnerClient, topics: readonly ChangeTopic[]): Promise<void>
  lost(): void
}

const REST_MS = 300
const RETRY_MS = 2000

/** Follows the changes of whatever engine the link leads to, over restarts, until `signal`. */
export function followEngine(engine: LinkedEngine, follower: EngineFollower, signal: AbortSignal): void {
  let leave: AbortController | null = null
  const leaveLink = engine.follow(({ state }) => {
    leave?.abort()
    leave = null
    if (state === 'lost') follower.lost()
    if (state !== 'running' && state !== 'attached') return
    leave = new AbortController()
    void follow(leave.signal)
  })
  signal.addEventListener(
    'abort',
    () => {
      leaveLink()
      leave?.abort()
    },
    { once: true },
  )

  async function follow(left: AbortSignal): Promise<void> {
    while (!left.aborted) {
      try {
        const owner = await engine.owner()
        for await (const { topics } of await owner.changes.follow(undefined, { signal: left })) {
          await follower.changed(owner, topics)
          // Under load changes never end; what comes meanwhile is told as one.
          await sleep(REST_MS, undefined, { signal: left })
        }
      } catch {
        // An engine that is gone is noticed by its link, which ends this; what failed for another reason is tried again.
        if (!left.aborted) follower.lost()
      }
      await sleep(RETRY_MS, undefined, { signal: left }).catch(() => undefined)
    }
  }
}
