import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useApi } from '../../lib/api.tsx'

/** How often to check for new rows, in milliseconds. A check only reads the log's last ID. */
const ASK_EVERY_MS = 2500
/** The time range moves even without new rows. */
const MOVE_ON_MS = 30_000

/**
 * Calls back when rows arrived, once more after they stopped (because the last requests have ended by then), and every
 * 30 s.
 */
export function useWhenRowsCame(tell: () => unknown): void {
  const { query } = useApi()
  const bounds = useQuery(
    query.requests.bounds.queryOptions({ refetchInterval: ASK_EVERY_MS, refetchIntervalInBackground: false }),
  )
  const seen = useRef<{ lastId: number | null; coming: boolean; reportedAt: number } | null>(null)
  const latest = useRef(tell)
  useEffect(() => {
    latest.current = tell
  })
  useEffect(() => {
    if (bounds.dataUpdatedAt === 0) return
    const lastId = bounds.data?.last_id ?? null
    const before = seen.current
    if (before === null) {
      seen.current = { lastId, coming: true, reportedAt: bounds.dataUpdatedAt }
      return
    }
    const came = lastId !== before.lastId
    if (!came && !before.coming && bounds.dataUpdatedAt - before.reportedAt < MOVE_ON_MS) return
    seen.current = { lastId, coming: came, reportedAt: bounds.dataUpdatedAt }
    latest.current()
  }, [bounds.data, bounds.dataUpdatedAt])
}
