import { t } from '../../contract/text/translate.ts'
import type { EngineLink } from '../../contract/desktop/desktop-api.ts'
import { HallpassError } from '../../contract/errors.ts'
import type { OwnerClient } from '../../control/control-client.ts'
import { toHallpassError } from '../to-hallpass-error.ts'
import type { EngineSources, ReachedEngine } from './reached-engine.ts'

/**
 * The connection from the shell, tray and window to the engine. It survives restarts and works for an engine in another
 * process.
 */
export interface LinkedEngine {
  readonly link: EngineLink
  /**
   * Waits while the first engine starts, then returns the owner API. Throws a HallpassError with the link's sentence if
   * the connection is lost.
   */
  owner(): Promise<OwnerClient>
  /** Calls the listener with the current link at once and with every later one, until the returned function is called. */
  follow(listener: (link: EngineLink) => void): () => void
  retry(): void
  /** Writes the log's pending rows before returning, if the engine runs in this process. */
  flushLog(): void
  /**
   * Drains this process's engine within `limitMs`, or disconnects from another process's engine. Followers are
   * notified. Later calls return the same promise.
   */
  stop(limitMs: number): Promise<void>
}

const WAITS_MS = [250, 500, 1000, 2000, 5000]
/** Whatever keeps an engine from starting, such as a port in use, seldom goes away within seconds. */
const LONG_WAITS_MS = [1000, 3000, 10_000, 30_000]
/** How long to wait for another process's engine to return before starting one here. */
const GRACE_MS = 3000
const NOT_RUNNING = t`Hallpass isn't running. Start it with hallpass serve`
const STOPPING = t`Hallpass is shutting down. Waiting for running requests…`
const STARTING: EngineLink = { state: 'starting', message: null, retry_at: null }

export function createEngineLink({ sources, now }: { sources: EngineSources; now: () => number }): LinkedEngine {
  const listeners = new Set<(link: EngineLink) => void>()
  let link = STARTING
  let reached: ReachedEngine | null = null
  let stopping = false
  let stopped: Promise<void> | undefined
  let wake = (): void => {}

  function tell(next: EngineLink): void {
    link = next
    for (const listener of listeners) listener(next)
  }

  async function reach(mayStart: boolean): Promise<ReachedEngine> {
    const running = await sources.attach()
    if (running !== null) return running
    if (sources.start === null || !mayStart)
      throw new HallpassError('UPSTREAM_ERROR', NOT_RUNNING, { reason: 'not_running' })
    return sources.start()
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
    let message = ''
    while (!stopping) {
      let waits = WAITS_MS
      const mayStart = now() >= mayStartAt
      try {
        const engine = await reach(mayStart)
        if (stopping) return await engine.close()
        failures = 0
        message = await serveUntilLost(engine)
        mayStartAt = now() + GRACE_MS
      } catch (thrown) {
        const error = toHallpassError(thrown)
        const isAwaited = error.reason === 'not_running' && !mayStart
        // Keeps the message about the lost engine while that engine may still return.
        if (!isAwaited) message = error.message
        if (error.reason !== 'not_running') waits = LONG_WAITS_MS
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
  const previous = keepLinked()

  return {
    get link() {
      return link
    },
    async owner() {
      if (link.state === 'starting') await changed(listeners)
      if (reached === null) throw new HallpassError('UPSTREAM_ERROR', link.message ?? NOT_RUNNING)
      return reached.owner
    },
    follow(listener) {
      listeners.add(listener)
      listener(link)
      return () => void listeners.delete(listener)
    },
    retry: () => wake(),
    flushLog: () => reached?.flushLog(),
    stop: (limitMs) => (stopped ??= end(limitMs)),
  }

  async function end(limitMs: number): Promise<void> {
    stopping = true
    wake()
    const engine = reached
    tell({
      state: 'lost',
      message: engine?.place === 'running' ? STOPPING : t`Hallpass is shutting down.`,
      retry_at: null,
    })
    reached = null
    let timer: ReturnType<typeof setTimeout> | undefined
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs)
    })
    await Promise.race([engine === null ? previous : engine.close(), limit])
    clearTimeout(timer)
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
