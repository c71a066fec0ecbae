import { useEffect, useState } from 'react'
import { eachRow } from '../../../contract/owner-api/log-events.ts'
import type { RequestRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { pause } from '../../lib/pause.ts'

const RETRY_MS = 2000
const MAX_ROWS = 1000

/** Requests of a new token or session token, by their ID, as they arrive. Nothing without a name. */
export function useTokenRequests(project: string, name: string | null): readonly RequestRecord[] {
  const { owner } = useApi()
  const [rows, setRows] = useState<ReadonlyMap<string, RequestRecord>>(new Map())
  useEffect(() => {
    if (name === null) return
    const leaving = new AbortController()
    const { signal } = leaving
    const add = (row: RequestRecord): void =>
      setRows((before) => (before.size >= MAX_ROWS ? before : new Map(before).set(row.request_id, row)))
    const watch = async (): Promise<void> => {
      while (!signal.aborted) {
        try {
          // Subscribes before reading the past, so that no row is missed in between.
          const coming = await owner.requests.follow({ project, token: name }, { signal })
          const past = await owner.requests.list({ project, token: name, limit: 100 }, { signal })
          for (const row of past) add(row)
          for await (const row of eachRow(coming)) add(row)
        } catch {
          // The strip already says that the engine is lost.
          if (signal.aborted) return
        }
        await pause(RETRY_MS, signal)
      }
    }
    void watch()
    return () => {
      leaving.abort()
      setRows(new Map())
    }
  }, [owner, project, name])
  return [...rows.values()]
}
