import { setTimeout as sleep } from 'node:timers/promises'
import type { ChangeTopic } from '../../contract/owner-api.ts'
import type { OwnerClient } from '../../control/control-client.ts'
import type { LinkedEngine } from '../engine/create-engine-link.ts'

interface EngineFollower {
  /**
   * Called when an engine is connected, with all topics, and after each change, with the topics that may have changed.
   */
  changed(owner: OwnerClient, topics: readonly ChangeTopic[]): Promise<void>
  lost(): void
}

const REST_MS = 300
const RETRY_MS = 2000

/** Follows the engine's changes across restarts until `signal` is aborted. */
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
          // Changes never stop under load, so those that arrive meanwhile are combined.
          await sleep(REST_MS, undefined, { signal: left })
        }
      } catch {
        // If the engine is gone, the link ends this loop. Other failures are retried.
        if (!left.aborted) follower.lost()
      }
      await sleep(RETRY_MS, undefined, { signal: left }).catch(() => undefined)
    }
  }
}
