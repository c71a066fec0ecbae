import type { Clock } from '../clock.ts'
import type { OpenConnection } from './open-connection.ts'
import { UpstreamFault } from './session/message-pipe.ts'
import { problemOf } from './upstream-problem.ts'
import { HallpassError } from '../../contract/errors.ts'

/** Interval between checks of a connection in use. */
const WATCH_MS = 60_000
const PROBE_MS = 10_000

/**
 * Checks connections in use in the background over a session that is already open. A connection that is down is checked
 * by its catalog. Returns a function that stops it.
 */
export function watchConnections(clock: Clock, open: () => Iterable<OpenConnection>): () => void {
  async function check(one: OpenConnection): Promise<void> {
    const started = clock.monotonic()
    const silence = new AbortController()
    const cancel = clock.after(PROBE_MS, () => silence.abort())
    try {
      for (const session of one.sessions)
        if (await session.probe(silence.signal)) return one.checked(null, clock.monotonic() - started)
    } catch (thrown) {
      const fault = silence.signal.aborted
        ? new UpstreamFault('timeout', `didn't respond to tools/list within ${PROBE_MS / 1000} s`)
        : thrown
      const problem = problemOf(fault, one.row.name, one.runtime.scrub)
      if (problem instanceof HallpassError) one.checked(problem, clock.monotonic() - started)
    } finally {
      cancel()
    }
  }

  let cancel: () => void
  function checkAll(): void {
    const since = clock.monotonic() - WATCH_MS
    for (const one of open()) if (one.usedAt >= since) void check(one)
    cancel = clock.after(WATCH_MS, checkAll)
  }
  cancel = clock.after(WATCH_MS, checkAll)
  return () => cancel()
}
