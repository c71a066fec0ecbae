import type { EngineLink } from '../../contract/desktop-api.ts'
import { HallpassError } from '../../contract/errors.ts'
import type { OwnerClient } from '../../control/control-client.ts'
import { sentenceOf } from '../refusal.ts'
import type { EngineWays, ReachedEngine } from './reached-engine.ts'

/** The one way of the shell, its tray and its window to the engine, whichever process that lives in and however often it restarts. */
export interface LinkedEngine {
  readonly link: EngineLink
  /** Waits while the first engine starts; then the owner API, or a HallpassError with the link's sentence. */
  owner(): Promise<OwnerClient>
  /** Tells the present link at once, and every later one. Ends with the function it answers. */
  follow(listener: (link: EngineLink) => void): () => void
  retry(): void
  /** Drains an engine of our own within `limitMs`, lets go of another's. Says so in the link. */
  stop(limitMs: number): Promise<void>
}

const WAITS_MS = [250, 500, 1000, 2000, 5000]
/** What keeps an engine from starting (a taken port, say) seldom goes away within seconds. */
const LONG_WAITS_MS = [1000, 3000, 10_000, 30_000]
/** An engine of another process that ended may be on its way back: so long, none is started in its place. */
const GRACE_MS = 3000
const NONE_RUNS = 'No Hallpass engine is running. Start one with: hallpass serve'
const DRAINING = 'Hallpass is closing. Running requests have some seconds to end.'
const STARTING: EngineLink = { state: 'starting', message: null, retry_at: null }

export function createEngineLink({ ways, now }: { ways: EngineWays; now: () => number }): LinkedEngine {
  const listeners = new Set<(link: EngineLink) => void>()
  let link = STARTING
  let reached: ReachedEngine | null = null
  let stopping = false
  let wake = (): void => {}

  function tell(next: EngineLink): void {
    link = next
    for (const listener of listeners) listener(next)
  }

  async function reach(mayStart: boolean): Promise<ReachedEngine> {
    const running = await ways.attach()
    if (running !== null) return running
    if (ways.start === null || !mayStart) throw new HallpassError('UPSTREAM_ERROR', NONE_RUNS)
    return ways.start()
  }

  async function serveUntilLost(engine: ReachedEngine): Promise<string> {
    reached = engine
    tell({ state: engine.place, message: null, retry_at: null })
    const sentence = await engine.ended
    reached = null
    if (!stopping) await engine.close().catch(() => undefined)
    return sentence
  }

  async function keepLinked(): Promise<void> {
    let failures = 0
    let mayStartAt = 0
    while (!stopping) {
      let message: string
      let waits = WAITS_MS
      try {
        const engine = await reach(now() >= mayStartAt)
        if (stopping) return await engine.close()
        failures = 0
        message = await serveUntilLost(engine)
        mayStartAt = now() + GRACE_MS
      } catch (thrown) {
        message = sentenceOf(thrown)
        if (message !== NONE_RUNS) waits = LONG_WAITS_MS
      }
      if (stopping) return
      const wait = waits[Math.min(failures, waits.length - 1)] ?? 0
      failures += 1
      const woken = new Promise<void>((resolve) => {
        wake = resolve
      })
      const timer = setTimeout(() => wake(), wait)
      tell({ state: 'lost', message, retry_at: new Date(now() + wait).toISOString() })
      await woken
      clearTimeout(timer)
    }
  }
  const kept = keepLinked()

  return {
    get link() {
      return link
    },
    async owner() {
      if (link.state === 'starting') await changed(listeners)
      if (reached === null) throw new HallpassError('UPSTREAM_ERROR', link.message ?? NONE_RUNS)
      return reached.owner
    },
    follow(listener) {
      listeners.add(listener)
      listener(link)
      return () => void listeners.delete(listener)
    },
    retry: () => wake(),
    async stop(limitMs) {
      stopping = true
      wake()
      const engine = reached
      tell({ state: 'lost', message: engine?.place === 'running' ? DRAINING : 'Hallpass is closing.', retry_at: null })
      reached = null
      let timer: ReturnType<typeof setTimeout> | undefined
      const limit = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, limitMs)
      })
      await Promise.race([engine === null ? kept : engine.close(), limit])
      clearTimeout(timer)
    },
  }
}

function changed(listeners: Set<(link: EngineLink) => void>): Promise<void> {
  return new Promise((resolve) => {
    const once = (): void => {
      listeners.delete(once)
      resolve()
    }
    listeners.add(once)
  })
}
