import { useEffect, useMemo, useSyncExternalStore } from 'react'
import type { RequestFilter } from '../../../../contract/owner-api/requests-api.ts'
import { useApi } from '../../../lib/api.tsx'
import type { OwnerClient } from '../../../lib/engine-client.ts'
import { pause } from '../../../lib/pause.ts'
import type { LogReads } from './log-reads.ts'
import { createLogSource, type LogSource, type LogState } from './log-source.ts'

/** Between two pictures of a busy log, in milliseconds: faster than this nobody reads. */
const PAINT_EVERY_MS = 100
const PAINT_AT_LEAST_EVERY_MS = 1000
/** A picture may take this share of the page's time; where pictures are dear there are fewer, and the page stays quick to answer. */
const SHARE = 0.2

/** The rows of a filter, followed while the screen is shown. A changed filter is a new source. */
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

/** With the browser's frames, at most ten times a second, and not at all while the page is hidden. */
function painter(): (paint: () => void) => void {
  let next = 0
  return (paint) => {
    const frame = (): void => {
      requestAnimationFrame(() => {
        const began = performance.now()
        paint()
        // The first task after the frame: by then it is laid out and drawn as well.
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
