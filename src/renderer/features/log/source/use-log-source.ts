import { useEffect, useMemo, useSyncExternalStore } from 'react'
import type { RequestFilter } from '../../../../contract/owner-api/requests-api.ts'
import { useApi } from '../../../lib/api.tsx'
import type { OwnerClient } from '../../../lib/engine-client.ts'
import { pause } from '../../../lib/pause.ts'
import type { LogReads } from './log-reads.ts'
import { createLogSource, type LogSource, type LogState } from './log-source.ts'

/** Minimum time between two paints, in milliseconds. Nobody can read faster. */
const PAINT_EVERY_MS = 100
const PAINT_AT_LEAST_EVERY_MS = 1000
/** Maximum share of the page's time for painting. If paints are slow there are fewer, so the page stays responsive. */
const SHARE = 0.2

/** The rows of a filter, followed while the screen is shown. Another filter creates a new source. */
export function useLogSource(filter: RequestFilter): { source: LogSource; state: LogState } {
  const { owner } = useApi()
  const key = JSON.stringify(filter)
  const source = useMemo(
    () =>
      createLogSource({ reads: logReads(owner), filter: JSON.parse(key) as RequestFilter, schedule: painter(), pause }),
    [owner, key],
  )
  useEffect(() => {
    source.start()
    return () => source.stop()
  }, [source])
  const state = useSyncExternalStore(source.subscribe, source.state)
  return { source, state }
}

function logReads({ requests }: OwnerClient): LogReads {
  return {
    follow: (filter, signal) => requests.follow(filter, { signal }),
    list: (filter, signal) => requests.list(filter, { signal }),
    scan: (filter, signal) => requests.scan(filter, { signal }),
    bounds: (signal) => requests.bounds(undefined, { signal }),
  }
}

/** Paints with the browser's frames, at most ten times per second, and never while the page is hidden. */
function painter(): (paint: () => void) => void {
  let next = 0
  return (paint) => {
    const frame = (): void => {
      requestAnimationFrame(() => {
        const began = performance.now()
        paint()
        // The first task after the frame runs once the frame is laid out and drawn.
        const drawn = new MessageChannel()
        drawn.port1.addEventListener(
          'message',
          () => {
            const cost = performance.now() - began
            next = began + Math.min(PAINT_AT_LEAST_EVERY_MS, Math.max(PAINT_EVERY_MS, cost / SHARE))
            drawn.port1.close()
          },
          { once: true },
        )
        drawn.port1.start()
        drawn.port2.postMessage(null)
      })
    }
    const wait = next - performance.now()
    if (wait <= 0) frame()
    else setTimeout(frame, wait)
  }
}
