import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { RequestSummary } from '../../../contract/request-counts.ts'
import { useApi } from '../../lib/api.tsx'
import { rangeOf, type Range } from './ranges.ts'

/** How often to check for new rows, in milliseconds. A check only reads the log's last ID. */
const ASK_EVERY_MS = 2500
/** The time range moves even without new rows. */
const MOVE_ON_MS = 30_000

export interface SummaryOfRange {
  summary: RequestSummary | undefined
  error: unknown
}

interface SummaryRequest {
  project: string | undefined
  connection?: string | undefined
  range: Range
}

/** Counts of the selected range. Refetched while rows arrive, at most every 2.5 s, and not while the page is hidden. */
export function useRequestSummary({ project, connection, range }: SummaryRequest): SummaryOfRange {
  const { query } = useApi()
  const { steps } = rangeOf(range)
  const requested = {
    since: range,
    steps,
    time_zone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
    ...(project === undefined ? {} : { project }),
    ...(connection === undefined ? {} : { connection }),
  }
  const summary = useQuery(query.requests.summary.queryOptions({ input: requested, placeholderData: keepPreviousData }))
  useWhenRowsCame(summary.refetch)
  return { summary: summary.data, error: summary.error }
}

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
